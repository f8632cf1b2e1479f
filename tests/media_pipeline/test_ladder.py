"""Which versions are made: by the short side and the real shape, never larger than the source."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline import ladder
from tests.media_pipeline import tracks

WIDE = [("1080", 1920, 1080), ("720", 1280, 720), ("480", 854, 480), ("360", 640, 360), ("240", 426, 240)]


def sizes(width: int, height: int, *, is_hdr: bool = False) -> list[tuple[str, int, int]]:
    found = ladder.plan(tracks.info(tracks.video(width, height, is_hdr=is_hdr)))
    return [(rung.name, rung.width, rung.height) for rung in found.rungs]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ((1920, 1080), WIDE),
        (
            (1080, 1920),
            [("1080", 1080, 1920), ("720", 720, 1280), ("480", 480, 854), ("360", 360, 640), ("240", 240, 426)],
        ),
        ((3840, 2160), WIDE),
        ((1280, 720), WIDE[1:]),
        ((1000, 800), [("800", 1000, 800), ("720", 900, 720), ("480", 600, 480), ("360", 450, 360), ("240", 300, 240)]),
        ((1280, 544), [("544", 1280, 544), ("480", 1130, 480), ("360", 848, 360), ("240", 564, 240)]),
        ((640, 490), [("480", 626, 480), ("360", 470, 360), ("240", 314, 240)]),  # 490 is not worth its own
        ((161, 121), [("121", 160, 120)]),
        ((1, 1), [("1", 2, 2)]),
    ],
)  # fmt: skip
def test_rungs_go_by_the_short_side_and_keep_the_shape(
    source: tuple[int, int], expected: list[tuple[str, int, int]]
) -> None:
    assert sizes(*source) == expected


def test_hdr_is_made_at_720_at_most() -> None:
    assert sizes(1920, 1080, is_hdr=True)[0] == ("720", 1280, 720)


@pytest.mark.parametrize(
    ("fps", "is_constant", "expected"),
    [
        (30, True, 30),
        (29.97003, True, 29.97),
        (24, True, 24),
        (1, True, 1),
        (60, True, 30),
        (59.94, True, 29.97),
        (50, True, 25),
        (120, True, 30),
        (15.8, False, None),
        (59, False, None),
        (0, True, None),
    ],
)
def test_the_frame_rate_is_kept_or_halved_until_it_fits(fps: float, is_constant: bool, expected: float | None) -> None:
    assert ladder.plan(tracks.info(tracks.video(fps=fps, is_constant=is_constant))).fps == expected


def test_a_picture_that_ends_long_before_the_sound_keeps_its_times_to_the_last() -> None:
    assert ladder.plan(tracks.info(tracks.video(end_ms=58_000))).fps is None
    assert ladder.plan(tracks.info(tracks.video(end_ms=59_900))).fps == 30


def test_no_rung_is_longer_than_decoders_take() -> None:
    assert sizes(8192, 1024)[0] == ("480", 3840, 480)
    assert sizes(4800, 600)[0] == ("480", 3840, 480)


def test_sound_is_planned_for_where_there_is_some() -> None:
    assert ladder.plan(tracks.info(tracks.video())).has_audio
    assert not ladder.plan(tracks.info(tracks.video(), None)).has_audio


@given(st.integers(1, 8192), st.integers(1, 8192), st.booleans())
def test_any_picture_gets_a_ladder_that_players_take(width: int, height: int, is_hdr: bool) -> None:
    found = ladder.plan(tracks.info(tracks.video(width, height, is_hdr=is_hdr))).rungs

    assert 1 <= len(found) <= len(ladder.RUNGS) + 1
    assert len({rung.name for rung in found}) == len(found)
    for rung in found:
        assert rung.width % 2 == rung.height % 2 == 0
        assert 2 <= rung.width <= width + 1
        assert 2 <= rung.height <= height + 1
        assert rung.bufsize > rung.maxrate
    for above, below in pairwise(found):
        assert above.width >= below.width
        assert above.height >= below.height
        assert above.maxrate >= below.maxrate
    if min(width, height) >= 32 and max(width, height) <= 8 * min(width, height):
        top = found[0]
        assert top.width / top.height == pytest.approx(width / height, rel=0.08)


@given(st.floats(0.1, 1000), st.booleans())
def test_no_rate_is_above_what_a_talk_needs(fps: float, is_constant: bool) -> None:
    found = ladder.plan(tracks.info(tracks.video(fps=fps, is_constant=is_constant))).fps

    assert found is None or 0 < found <= ladder.MOST_FPS
    assert found is not None or not is_constant


# ---- the source itself as the largest rung ----

SMALL: dict[str, Any] = {"kbits": 217}


@pytest.mark.parametrize(
    ("facts", "may"),
    [
        ({}, True),
        ({"profile": "Constrained Baseline"}, True),
        ({"pixel_format": "yuvj420p"}, True),
        ({"fps": 60.0}, True),
        ({"longest_gop_ms": 10_000}, True),
        ({"longest_gop_ms": 17_000, "kbits": 217}, True),
        ({"longest_gop_ms": 17_000, "kbits": 2000}, False),
        ({"longest_gop_ms": 61_000, "kbits": 10}, False),
        ({"codec": "hevc", "profile": "Main"}, False),
        ({"profile": "High 10", "pixel_format": "yuv420p10le"}, False),
        ({"profile": "High 4:2:2", "pixel_format": "yuv422p"}, False),
        ({"rotation": 90}, False),
        ({"mirrored": True}, False),
        ({"sar": 15 / 16}, False),
        ({"fields": "flagged"}, False),
        ({"is_hdr": True}, False),
        ({"fps": 120.0}, False),
        ({"coded_width": 3840, "coded_height": 2160}, False),
        ({"kbits": 60_000}, False),
        ({"keys_ms": ()}, False),
        ({"keys_ms": (40, 2000)}, False),  # does not begin with a key
        ({"start_ms": 1000, "keys_ms": (1000, 2000)}, False),
        ({"has_preroll": True}, False),
        ({"is_seamless": False}, False),
    ],
)
def test_a_picture_is_copied_only_if_browsers_play_it_as_it_is(facts: dict[str, Any], may: bool) -> None:
    assert ladder.copyable(tracks.info(tracks.video(**facts))) is may


def test_a_picture_whose_end_is_missing_is_not_copied() -> None:
    assert not ladder.copyable(tracks.info(tracks.video(), missing_ms=5000))


def test_a_small_source_is_its_own_largest_rung_and_the_others_are_cut_where_it_is_cut() -> None:
    found = ladder.plan(tracks.info(tracks.video(keys_ms=(0, 3000, 6000, 17_000), **SMALL)), copying=True)

    assert found.copied
    assert (found.copied.name, found.copied.width, found.copied.height) == ("1080", 1920, 1080)
    assert [rung.name for rung in found.rungs] == ["720", "480", "360", "240"]
    assert found.keys_ms
    assert {0, 6000, 17_000} <= set(found.keys_ms)  # wherever it is, and in even pieces between
    assert found.keys_ms[:6] == (0, 3000, 6000, 9666, 13_333, 17_000)


def test_a_small_source_below_the_ladder_is_made_anew_because_its_pictures_come_from_a_rung_of_ours() -> None:
    found = ladder.plan(tracks.info(tracks.video(320, 180, kbits=40)), copying=True)

    assert found.copied is None
    assert [rung.name for rung in found.rungs] == ["180"]


def test_what_is_larger_than_what_we_would_make_is_made_anew() -> None:
    found = ladder.plan(tracks.info(tracks.video(kbits=3000)), copying=True)

    assert (found.copied, found.keys_ms, found.rungs[0].name) == (None, None, "1080")
    assert ladder.plan(tracks.info(tracks.video(**SMALL))).copied is None  # only where copying is wanted
