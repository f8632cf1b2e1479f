"""Where the little pictures of the seek bar lie: layout and WebVTT. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MOST_TILES = 100
WIDTH = 160
COLUMNS = 10


@dataclass(frozen=True)
class Layout:
    """A grid of tiles of `width` × `height`; every `step`-th key frame is a tile, at `starts_ms`."""

    columns: int
    rows: int
    width: int
    height: int
    step: int
    starts_ms: tuple[int, ...]

    def as_json(self) -> dict[str, int]:
        return {"columns": self.columns, "rows": self.rows, "width": self.width, "height": self.height,
                "count": len(self.starts_ms)}  # fmt: skip


@dataclass(frozen=True)
class Tile:
    """One little picture: where it lies in the sprite, whose whole size is beside it."""

    x: int
    y: int
    width: int
    height: int
    sheet_width: int
    sheet_height: int


def tile_at(facts: Mapping[str, int], at_ms: int, duration_ms: int) -> Tile:
    """The tile for a place, by what a package keeps of its sprite (`Layout.as_json`): tiles lie evenly in time."""
    count, columns = max(facts["count"], 1), max(facts["columns"], 1)
    number = min(at_ms * count // max(duration_ms, 1), count - 1)
    x, y = number % columns * facts["width"], number // columns * facts["height"]
    sheet = facts["columns"] * facts["width"], facts["rows"] * facts["height"]
    return Tile(x, y, facts["width"], facts["height"], *sheet)


def layout(segment_starts_ms: Sequence[int], picture_width: int, picture_height: int) -> Layout:
    """Tiles for segments that begin at these times; at most a hundred, spread evenly."""
    step = max(1, math.ceil(len(segment_starts_ms) / MOST_TILES))
    starts = tuple(segment_starts_ms[::step])
    height = max(2, round(WIDTH * picture_height / picture_width / 2) * 2)
    columns = min(COLUMNS, max(1, len(starts)))
    return Layout(columns, max(1, math.ceil(len(starts) / columns)), WIDTH, height, step, starts)


def webvtt(tiles: Layout, duration_ms: int, image: str = "sprite.jpg") -> str:
    """One cue a tile: from its time to the next one's."""
    lines = ["WEBVTT", ""]
    ends = [*tiles.starts_ms[1:], max(duration_ms, tiles.starts_ms[-1] + 1 if tiles.starts_ms else 1)]
    for number, (start, end) in enumerate(zip(tiles.starts_ms, ends, strict=True)):
        x, y = number % tiles.columns * tiles.width, number // tiles.columns * tiles.height
        lines += [f"{_time(start)} --> {_time(end)}", f"{image}#xywh={x},{y},{tiles.width},{tiles.height}", ""]
    return "\n".join(lines)


def _time(ms: int) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
