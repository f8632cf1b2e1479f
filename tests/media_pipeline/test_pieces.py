"""Kept ranges as the encoder needs them."""

from __future__ import annotations

import pytest

from media_pipeline import pieces
from media_pipeline.pieces import Piece
from tests.media_pipeline import tracks

SLIDES = (0.0, 4.0, 9.5, 30.0, 58.0)  # when another one came
KEPT = ((5000, 10_000), (40_000, 60_000))


def test_each_piece_stands_where_the_one_before_ends() -> None:
    assert pieces.of(KEPT, SLIDES) == (Piece(5.0, 10.0, 4.0, 0.0), Piece(40.0, 60.0, 30.0, 5.0))


def test_before_the_first_frame_the_first_is_seen() -> None:
    assert pieces.of(((100, 2000),), (0.5, 1.0))[0].seen_from == 0.0
    assert pieces.of(((100, 2000),), ())[0].seen_from == 0.0


def test_a_cut_is_described_like_a_recording_of_its_own() -> None:
    source = tracks.info(tracks.video(last_ms=58_000, is_constant=False))
    cut = pieces.info_of_cut(source, KEPT, SLIDES)

    assert cut.duration_ms == 25_000
    assert cut.picture.last_ms == 23_000
    assert cut.picture.end_ms == 25_000
    assert cut.audio
    assert cut.audio.end_ms == 25_000
    assert not cut.picture.is_seamless


def test_the_last_frame_may_be_the_one_that_stood_there_already() -> None:
    cut = pieces.info_of_cut(tracks.info(tracks.video()), ((5000, 10_000), (40_000, 50_000)), SLIDES)
    assert cut.picture.last_ms == 5000


@pytest.mark.parametrize(("sound_ends", "left"), [(60_000, 25_000), (50_000, 15_000), (20_000, 5000), (3000, 0)])
def test_sound_that_ends_early_ends_early_in_the_cut(sound_ends: int, left: int) -> None:
    source = tracks.info(tracks.video(), tracks.sound(end_ms=sound_ends))
    cut = pieces.info_of_cut(source, KEPT, SLIDES)
    assert cut.audio
    assert cut.audio.end_ms == left


def test_a_picture_that_ends_early_ends_early_in_the_cut() -> None:
    source = tracks.info(tracks.video(end_ms=55_000))
    assert pieces.info_of_cut(source, KEPT, SLIDES).picture.end_ms == 20_000
