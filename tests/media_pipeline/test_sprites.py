"""The little pictures of the seek bar: one for every moment, never more than a hundred."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline import sprites
from media_pipeline.sprites import Layout


def starts(count: int) -> list[int]:
    return [number * 4000 for number in range(count)]


@pytest.mark.parametrize(
    ("segments", "grid", "step"),
    [(1, (1, 1), 1), (3, (3, 1), 1), (10, (10, 1), 1), (11, (10, 2), 1), (100, (10, 10), 1), (101, (10, 6), 2),
     (1350, (10, 10), 14)],
)  # fmt: skip
def test_tiles_lie_ten_in_a_row(segments: int, grid: tuple[int, int], step: int) -> None:
    found = sprites.layout(starts(segments), 640, 360)

    assert ((found.columns, found.rows), found.step) == (grid, step)
    assert found.as_json() == {
        "columns": grid[0], "rows": grid[1], "width": 160, "height": 90, "count": -(-segments // step)
    }  # fmt: skip


@pytest.mark.parametrize(("size", "height"), [((640, 360), 90), ((360, 640), 284), ((161, 121), 120), ((800, 100), 20)])
def test_tiles_have_the_shape_of_the_picture(size: tuple[int, int], height: int) -> None:
    assert sprites.layout(starts(3), *size).height == height


def test_each_tile_is_shown_until_the_next_one_begins() -> None:
    tiles = Layout(2, 2, 160, 90, 1, (0, 4000, 3_661_001))

    assert sprites.webvtt(tiles, 3_665_000) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:04.000\nsprite.jpg#xywh=0,0,160,90\n\n"
        "00:00:04.000 --> 01:01:01.001\nsprite.jpg#xywh=160,0,160,90\n\n"
        "01:01:01.001 --> 01:01:05.000\nsprite.jpg#xywh=0,90,160,90\n"
    )


@given(
    st.lists(st.integers(1, 20_000), min_size=1, max_size=2000), st.integers(16, 8192), st.integers(16, 8192),
)  # fmt: skip
def test_every_moment_has_one_tile_inside_the_grid(gaps: list[int], width: int, height: int) -> None:
    at, times = 0, []
    for gap in gaps:
        times.append(at)
        at += gap
    tiles = sprites.layout(times, width, height)
    text = sprites.webvtt(tiles, at)

    assert len(tiles.starts_ms) <= sprites.MOST_TILES
    places = [tuple(map(int, found)) for found in re.findall(r"#xywh=(\d+),(\d+),(\d+),(\d+)", text)]
    assert len(set(places)) == len(places) == len(tiles.starts_ms) <= tiles.columns * tiles.rows
    assert all(x + w <= tiles.columns * w and y + h <= tiles.rows * h for x, y, w, h in places)
    cues = [[milliseconds(time) for time in cue] for cue in re.findall(r"(\S+) --> (\S+)", text)]
    assert cues[0][0] == 0
    assert cues[-1][1] == at
    assert all(before[1] == after[0] for before, after in pairwise(cues))
    assert all(begin < end for begin, end in cues)


def milliseconds(time: str) -> int:
    hours, minutes, seconds = time.split(":")
    return (int(hours) * 60 + int(minutes)) * 60_000 + round(float(seconds) * 1000)
