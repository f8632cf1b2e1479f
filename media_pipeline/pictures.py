"""Poster and tiles of the seek bar, made of the rungs and not of the source again: a hundredth of the cost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jobs.errors import JobError
from media_pipeline import commands, runner, sprites, tools
from media_pipeline.packaging import Made
from media_pipeline.sprites import Layout

TIMEOUT = 120.0
POSTER_SIDE = 720  # a rung of this short side at most is good enough to take the poster from


def make(out: Path, made: Sequence[Made], scratch: Path) -> Layout:
    """Poster from a middling rung, about a tenth of the way in; tiles of the seek bar from the smallest."""
    rungs = [one for one in made if not one.is_audio]
    smallest = rungs[-1]
    middling = next((one for one in rungs if min(one.version.width, one.version.height) <= POSTER_SIDE), smallest)
    tiles = sprites.layout(smallest.playlist.starts_ms, smallest.version.width, smallest.version.height)
    poster = middling.piece(len(middling.playlist.segments) // 10, scratch)
    targets = [out / "poster.jpg", out / "poster-small.jpg", out / "sprite.jpg"]
    for args in (
        commands.poster(poster, *targets[:2]),
        commands.sprite(smallest.folder / commands.PLAYLIST, tiles, targets[2]),
    ):
        finished = runner.run([tools.ffmpeg(), *args], timeout=TIMEOUT)
        if finished.returncode or finished.stderr.strip():
            raise JobError("encoder_failed", words=finished.stderr[-300:])
    if missing := [path.name for path in targets if not path.is_file()]:
        raise JobError("output_unsound", what=", ".join(missing))
    (out / "sprite.vtt").write_text(sprites.webvtt(tiles, max(one.playlist.duration_ms for one in made)))
    return tiles
