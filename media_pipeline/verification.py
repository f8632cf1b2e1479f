"""Nothing is called ready before it was looked at: lengths, files, starts, and whether the end decodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from jobs.errors import JobError
from media_pipeline import boxes, commands, runner, tools
from media_pipeline.media_info import MediaInfo
from media_pipeline.packaging import Made

# ffmpeg ends with 0 far too easily; a length that is off is the surest sign of what it did not say.
TOLERANCE_MS, TOLERANCE = 700, 0.02
SKEW_MS = 50
TIMEOUT = 60.0


AreThere = Callable[[Made], None]


def verify(made: Sequence[Made], info: MediaInfo, scratch: Path, *, are_there: AreThere | None = None) -> None:
    """Raises a permanent JobError `output_unsound` that names what is wrong.

    are_there: looks for the files of a version that does not lie on this machine, and raises the same.
    """
    for one in made:
        _length(one, info)
        (are_there or _files)(one)
        if one.is_copy:
            _frames(one, info)
    smallest = [one for one in made if not one.is_audio][-1]
    for one in made:
        _decodes(one, scratch, only_key_frames=one.is_copy or (one is not smallest and not one.is_audio))
    _starts(made)


def verify_sound(one: Made, scratch: Path) -> None:
    """The same of a sound alone, which may be shorter than the picture it goes with."""
    _files(one)
    _decodes(one, scratch, only_key_frames=False)


def unsound(what: str) -> JobError:
    return JobError("output_unsound", permanent=True, what=what)


def _length(one: Made, info: MediaInfo) -> None:
    wanted = info.audio.end_ms if one.is_audio and info.audio else info.duration_ms
    if abs(one.playlist.duration_ms - wanted) > max(TOLERANCE_MS, wanted * TOLERANCE):
        raise unsound(f"{one.name}: {one.playlist.duration_ms} ms, {wanted} ms")


def _files(one: Made) -> None:
    if not one.playlist.segments:
        raise unsound(f"{one.name}: empty")
    for name in ("init.mp4", *(segment.uri for segment in one.playlist.segments)):
        path = one.folder / name
        if not path.is_file() or not path.stat().st_size:
            raise unsound(f"{one.name}/{name}")


def _frames(one: Made, info: MediaInfo) -> None:
    """A copy has all the frames of the source."""
    found = sum(boxes.frames((one.folder / segment.uri).read_bytes()) for segment in one.playlist.segments)
    if found != info.picture.frames:
        raise unsound(f"{one.name}: {found} of {info.picture.frames} frames")


def _decodes(one: Made, scratch: Path, *, only_key_frames: bool) -> None:
    """The last segment decodes without a word: its key frame; for the smallest rung of ours and the sound all of it."""
    piece = one.piece(-1, scratch)
    finished = runner.run([tools.ffmpeg(), *commands.decode(piece, only_key_frames=only_key_frames)], timeout=TIMEOUT)
    if finished.returncode or finished.stderr.strip():
        raise unsound(f"{one.name}: {finished.stderr.strip()[:80]}")


def _starts(made: Sequence[Made]) -> None:
    """Picture and sound begin together: who came late is led in, by the first picture or by silence."""
    starts = {one.name: _start_ms(one) for one in made}
    if max(starts.values()) - min(starts.values()) > SKEW_MS:
        raise unsound(f"starts {starts}")


def _start_ms(one: Made) -> int:
    """By the boxes, as browsers read them: ffprobe adds what frames are reordered by."""
    first = one.file(one.playlist.segments[0].uri)
    try:
        return boxes.begins_ms(one.file(one.playlist.init).read_bytes(), first.read_bytes())
    except boxes.BadBoxes as error:
        raise unsound(f"{one.name}: {first.name}") from error
