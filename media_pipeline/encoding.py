"""Running ffmpeg over a source while its package grows; judging how it ended. Files in, files out; no rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from jobs.errors import JobError
from media_pipeline import packaging, runner, tools
from media_pipeline.boxes import BadBoxes
from media_pipeline.media_info import MediaInfo
from media_pipeline.packaging import Made, Planned
from media_pipeline.playlists import BadPlaylist
from media_pipeline.refusals import Refusal

LEAST_TIME, TIME_A_SECOND = 120.0, 8.0  # seconds an encoder may take, and per second of the source
HANGS = 180.0  # seconds without a picture: it will not bring one any more


class Grows(Protocol):
    """What is told while ffmpeg writes: see `growth`."""

    out: Path
    versions: Sequence[Planned]

    def advance(self) -> bool: ...


def run(
    args: Sequence[str],
    growth: Grows,
    *,
    length_ms: int,
    begins_ms: int = 0,
    on_part: Callable[[float], None],
    on_begun: Callable[[], None],
    skipped_ms: int = 0,
) -> Refusal | None:
    """Run the command; put what it finishes meanwhile. A source of which nothing comes out is the source's fault.

    length_ms: of what is to be encoded, whose times begin at begins_ms. on_part: how much of it is done, 0 to 1, twice
    a second. on_begun: once, when a player could begin. skipped_ms: what is read of the source and not kept: for so
    long nothing need come out.
    """
    for version in growth.versions:
        (growth.out / version.name).mkdir(parents=True, exist_ok=True)
    begun = False

    def listen(reached_ms: int) -> None:
        nonlocal begun
        on_part(max(0.0, min((reached_ms - begins_ms) / max(length_ms, 1), 1.0)))
        if growth.advance() and not begun:
            begun = True
            on_begun()

    try:
        timeout = max(LEAST_TIME, (length_ms + skipped_ms) / 1000 * TIME_A_SECOND)
        stall = HANGS + skipped_ms / 1000
        finished = runner.run([tools.ffmpeg(), *args], timeout=timeout, stall=stall, on_progress=listen)
    except runner.TimedOut as error:
        raise JobError("encoder_too_slow") from error
    if refusal := _judged(finished, growth):
        return refusal
    listen(begins_ms + length_ms)  # a short film is over before the first look
    return None


def _judged(finished: runner.Finished, growth: Grows) -> Refusal | None:
    if finished.returncode == 0:
        return None
    if "No space left" in finished.stderr:
        raise JobError("disk_full", patient=True)
    ours = finished.returncode < 0 or "Cannot allocate memory" in finished.stderr
    smallest = [version for version in growth.versions if not version.is_audio][-1]
    if not ours and not any((growth.out / smallest.name).glob("*.m4s")):
        return Refusal("cannot_decode")
    raise JobError("encoder_failed", words=finished.stderr[-300:])


def finish(out: Path, versions: Sequence[Planned], info: MediaInfo) -> list[Made]:
    try:
        return packaging.finish(out, versions, info)
    except (BadBoxes, BadPlaylist, FileNotFoundError) as error:
        raise JobError("output_unsound", what=str(error)[:80]) from error
