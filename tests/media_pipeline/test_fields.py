"""Interlaced pictures: who is looked at, and what is made of what is seen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline import fields
from tests.media_pipeline import tracks

SAID = "[Parsed_idet_0 @ 0x1] Multi frame detection: TFF: {:5} BFF: {:5} Progressive: {:5} Undetermined: {:5}\n"


@pytest.mark.parametrize(
    ("size", "facts", "doubtful"),
    [
        ((1920, 1080), {"field_order": "progressive"}, False),
        ((1920, 1080), {"field_order": "tt"}, True),
        ((1280, 720), {"field_order": "bb"}, True),
        ((1920, 1080), {"codec": "mpeg2video", "field_order": ""}, True),
        ((1920, 1080), {"codec": "mpeg2video", "field_order": "progressive"}, False),
        ((1920, 1080), {"codec": "hevc", "field_order": ""}, False),
        ((1440, 1080), {"field_order": "progressive"}, True),
        ((720, 576), {"field_order": "progressive"}, True),
        ((720, 480), {"codec": "dvvideo", "field_order": ""}, True),
        ((854, 480), {"field_order": "progressive"}, False),  # no television has this width
        ((320, 240), {"codec": "mpeg4", "field_order": ""}, False),
    ],
)
def test_only_doubtful_pictures_are_looked_at(size: tuple[int, int], facts: dict[str, Any], doubtful: bool) -> None:
    assert fields.is_doubtful(tracks.video(*size, **facts)) is doubtful


@pytest.mark.parametrize(
    ("flag", "counts", "judged"),
    [
        ("tt", (90, 0, 5, 5), "flagged"),
        ("tt", (0, 0, 0, 100), "flagged"),  # nothing moves: believed
        ("tt", (1, 0, 99, 0), ""),  # whole pictures that are called halves
        ("progressive", (60, 2, 10, 28), "tff"),
        ("", (2, 60, 10, 28), "bff"),
        ("", (0, 0, 100, 0), ""),
        ("progressive", (0, 0, 0, 100), ""),
    ],
)
def test_what_is_seen_counts_more_than_what_is_said(flag: str, counts: tuple[int, ...], judged: str) -> None:
    assert fields.judged(tracks.video(field_order=flag), "noise\n" + SAID.format(*counts)) == judged


@given(st.text(max_size=200), st.sampled_from(["", "tt", "progressive"]))
def test_no_words_break_the_judgement(said: str, flag: str) -> None:
    assert fields.judged(tracks.video(field_order=flag), said) in {"", "flagged", "tff", "bff"}
