"""Posters and tiles of the seek bar, made of the rungs and not of the source again: a hundredth of the cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.errors import JobError
from media_pipeline import commands, looking, posters, runner, sprites, tools
from media_pipeline.glances import Glance
from media_pipeline.packaging import Made
from media_pipeline.sprites import Layout

TIMEOUT = 120.0
POSTER_SIDE = 720  # a rung of this short side at most is good enough to take the posters from
MS_A_POSTER = 20_000  # a short lecture has fewer to choose from: each costs a tenth of a second of CPU
POSTER = "poster"
NEAR_MS = 300  # a key frame so near a segment's beginning is its first frame


@dataclass(frozen=True)
class Candidate:
    """`name`.jpg and `name`-small.jpg; the best one is called `poster`."""

    name: str
    at_ms: int

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "at_ms": self.at_ms}


@dataclass(frozen=True)
class Pictures:
    tiles: Layout
    candidates: list[Candidate]
    slides_ms: list[int]  # when another slide came

    def facts(self) -> dict[str, Any]:
        """As a package's row keeps them."""
        return {
            "sprite": self.tiles.as_json(),
            "posters": [one.as_json() for one in self.candidates],
            "slides": self.slides_ms,
        }


def make(out: Path, made: Sequence[Made], scratch: Path) -> Pictures:
    """Tiles from the smallest rung, and with the same look at it the moments of posters and slides; posters from a
    middling rung. Raises JobError."""
    rungs = [one for one in made if not one.is_audio]
    smallest = rungs[-1]
    middling = next((one for one in rungs if min(one.version.width, one.version.height) <= POSTER_SIDE), smallest)
    tiles = sprites.layout(smallest.playlist.starts_ms, smallest.version.width, smallest.version.height)
    seen = looking.look(smallest.folder / commands.PLAYLIST, scratch, tiles=tiles, sprite=out / "sprite.jpg")
    (out / "sprite.vtt").write_text(sprites.webvtt(tiles, max(one.playlist.duration_ms for one in made)))
    return Pictures(tiles, _posters(out, middling, seen.glances, scratch), seen.slides_ms)


def _posters(out: Path, rung: Made, seen: Sequence[Glance], scratch: Path) -> list[Candidate]:
    starts = rung.playlist.starts_ms
    beginning = [glance for glance in seen if _segment(starts, glance.at_ms) is not None]
    most = 1 + rung.playlist.duration_ms // MS_A_POSTER
    moments = [beginning[number].at_ms for number in posters.candidates(beginning, most=most)] or [0]
    found = []
    for number, at_ms in enumerate(moments, 1):
        name = POSTER if number == 1 else f"{POSTER}-{number}"
        piece = rung.piece(_segment(starts, at_ms) or 0, scratch)
        targets = [out / f"{name}.jpg", out / f"{name}-small.jpg"]
        finished = runner.run([tools.ffmpeg(), *commands.poster(piece, *targets)], timeout=TIMEOUT)
        piece.unlink()
        if finished.returncode or finished.stderr.strip():
            raise JobError("encoder_failed", words=finished.stderr[-300:])
        if missing := [path.name for path in targets if not path.is_file()]:
            raise JobError("output_unsound", what=", ".join(missing))
        found.append(Candidate(name, at_ms))
    return found


def _segment(starts_ms: Sequence[int], at_ms: int) -> int | None:
    """The number of the segment that begins with the key frame of this moment."""
    number, near = min(enumerate(starts_ms), key=lambda one: abs(one[1] - at_ms), default=(0, at_ms + NEAR_MS + 1))
    return number if abs(near - at_ms) <= NEAR_MS else None
