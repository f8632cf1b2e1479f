"""Captions in HLS: every moment of the lecture in one piece, every cue whole in each piece it touches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline import caption_segments, captions
from media_pipeline.captions import Cue

CUES = [Cue(1000, 2000, "一"), Cue(59_000, 61_500, "二"), Cue(60_000, 62_000, "三"), Cue(119_000, 120_000, "四")]


def texts(piece: caption_segments.Piece) -> list[str]:
    return [cue.text for cue in captions.read(piece.text.encode())] if "-->" in piece.text else []


def test_a_cue_across_a_border_stands_in_both_pieces() -> None:
    made = caption_segments.pieces(CUES, 130_000)

    assert [texts(piece) for piece in made] == [["一", "二"], ["二", "三", "四"], []]
    assert [piece.duration_ms for piece in made] == [60_000, 60_000, 10_000]
    assert "00:00:59.000 --> 00:01:01.500" in made[0].text
    assert "00:00:59.000 --> 00:01:01.500" in made[1].text


def test_each_piece_says_that_its_times_are_the_pictures() -> None:
    for piece in caption_segments.pieces(CUES, 130_000):
        assert piece.text.startswith("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n")


def test_the_playlist() -> None:
    made = caption_segments.pieces(CUES, 130_250)

    assert caption_segments.playlist(made).splitlines() == [
        "#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:60", "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-PLAYLIST-TYPE:VOD", "#EXTINF:60.000,", "00001.vtt", "#EXTINF:60.000,", "00002.vtt",
        "#EXTINF:10.250,", "00003.vtt", "#EXT-X-ENDLIST",
    ]  # fmt: skip


@pytest.mark.parametrize(("duration_ms", "target"), [(1, 1), (1500, 2), (59_001, 60), (60_000, 60)])
def test_no_piece_is_longer_than_the_target(duration_ms: int, target: int) -> None:
    written = caption_segments.playlist(caption_segments.pieces([], duration_ms))

    assert f"#EXT-X-TARGETDURATION:{target}\n" in written


@given(st.integers(1, 6_000_000), st.lists(st.integers(0, 5_999_000), max_size=20))
def test_the_pieces_are_as_long_as_the_lecture_and_lose_nothing(duration_ms: int, starts: list[int]) -> None:
    cues = captions.clipped([Cue(start, start + 700, str(start)) for start in starts], duration_ms)
    made = caption_segments.pieces(cues, duration_ms)

    assert sum(piece.duration_ms for piece in made) == duration_ms
    assert {text for piece in made for text in texts(piece)} == {cue.text for cue in cues}
