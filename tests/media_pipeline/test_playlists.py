"""Playlists: read from ffmpeg, written for players."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline import playlists
from media_pipeline.playlists import BadPlaylist, MediaPlaylist, Segment, Version

WRITTEN = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init_0.mp4"
#EXTINF:4.000000,
00001.m4s
#EXTINF:1.480000,
00002.m4s
#EXT-X-ENDLIST
"""
TALL = Version("1080", 1920, 1080, "avc1.640028", 3_000_000, 900_000, 30.0)
LOW = Version("360", 640, 360, "avc1.64001e", 500_000, 120_000, None)
SOUND = Version("audio", 0, 0, playlists.AAC_LC, 110_000, 96_000, None)

MASTER = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="原声",LANGUAGE="zh",DEFAULT=YES,AUTOSELECT=YES,\
CHANNELS="2",URI="audio/playlist.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=3110000,AVERAGE-BANDWIDTH=996000,CODECS="avc1.640028,mp4a.40.2",\
RESOLUTION=1920x1080,FRAME-RATE=30.000,AUDIO="sound"
1080/playlist.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=610000,AVERAGE-BANDWIDTH=216000,CODECS="avc1.64001e,mp4a.40.2",\
RESOLUTION=640x360,AUDIO="sound"
360/playlist.m3u8
"""

segments = st.lists(st.floats(0.04, 12).map(lambda seconds: round(seconds, 6)), min_size=1, max_size=40).map(
    lambda lengths: tuple(Segment(f"{number:05}.m4s", length) for number, length in enumerate(lengths, 1))
)


def test_what_ffmpeg_wrote_is_read() -> None:
    found = playlists.parse(WRITTEN)

    assert found == MediaPlaylist("init_0.mp4", (Segment("00001.m4s", 4.0), Segment("00002.m4s", 1.48)), is_ended=True)
    assert (found.duration_ms, found.starts_ms) == (5480, (0, 4000))


def test_a_playlist_without_its_end_is_known_as_such() -> None:
    assert not playlists.parse(WRITTEN.replace("#EXT-X-ENDLIST\n", "")).is_ended


@pytest.mark.parametrize(
    "text",
    ["", "\n", "WEBVTT\n", "#EXTM3U\n#EXTINF:4,\n1.m4s\n", '#EXTM3U\n#EXT-X-MAP:URI="i.mp4"\n1.m4s\n'],
)
def test_what_is_no_media_playlist_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BadPlaylist):
        playlists.parse(text)


@given(segments)
def test_what_is_written_is_read_back(pieces: tuple[Segment, ...]) -> None:
    playlist = MediaPlaylist("init.mp4", pieces, is_ended=True)

    assert playlists.parse(playlists.media(playlist)) == playlist


@given(segments)
def test_no_segment_is_longer_than_the_target_it_is_announced_with(pieces: tuple[Segment, ...]) -> None:
    text = playlists.media(MediaPlaylist("init.mp4", pieces, is_ended=True))

    target = int(text.split("#EXT-X-TARGETDURATION:")[1].split("\n")[0])
    assert all(round(piece.duration) <= target for piece in pieces)
    assert target >= 1


@given(segments)
def test_segments_begin_where_those_before_them_end(pieces: tuple[Segment, ...]) -> None:
    starts = MediaPlaylist("init.mp4", pieces, is_ended=True).starts_ms

    assert starts[0] == 0
    for piece, start, after in zip(pieces, starts, starts[1:], strict=False):
        assert after - start == pytest.approx(piece.duration * 1000, abs=1)


@pytest.mark.parametrize(
    ("last_frame_ms", "until_ms", "expected"),
    [
        (5440, 5480, 5480),  # nothing is missing
        (5440, 9000, 9000),  # a slide that stays
        (7000, 9000, 5480),  # frames after what was written: something was lost, and must be seen to be
        (5440, 5000, 5480),
    ],
)
def test_the_last_frame_is_held_to_the_end_but_hides_no_loss(last_frame_ms: int, until_ms: int, expected: int) -> None:
    found = playlists.held(playlists.parse(WRITTEN), last_frame_ms, until_ms)

    assert found.duration_ms == expected
    assert found.segments[0].duration == 4


def test_the_master_names_each_version_for_players_to_choose_from() -> None:
    assert playlists.master([LOW, SOUND, TALL]).splitlines() == MASTER.splitlines()


def test_without_sound_nothing_is_said_of_it() -> None:
    text = playlists.master([LOW])

    assert "AUDIO" not in text
    assert 'CODECS="avc1.64001e"' in text


@pytest.mark.parametrize(
    ("lengths", "sizes", "expected"),
    [
        ([4.0, 4.0], [500_000, 250_000], (1_000_000, 750_000)),
        ([4.0, 0.04], [500_000, 50_000], (1_000_000, 1_089_109)),  # the tail alone would be 10 Mbit/s
        ([0.5], [50_000], (800_000, 800_000)),
        ([], [], (0, 0)),
    ],
)
def test_bandwidth_is_that_of_the_fattest_segment(
    lengths: list[float], sizes: list[int], expected: tuple[int, int]
) -> None:
    pieces = tuple(Segment("x", length) for length in lengths)
    peak, average = playlists.bandwidths(MediaPlaylist("init.mp4", pieces, is_ended=True), sizes)

    assert average == expected[1]
    assert peak == max(expected)


@given(segments, st.data())
def test_the_peak_is_never_below_the_average(pieces: tuple[Segment, ...], data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 10**7), min_size=len(pieces), max_size=len(pieces)))
    peak, average = playlists.bandwidths(MediaPlaylist("init.mp4", pieces, is_ended=True), sizes)

    assert peak >= average > 0


def test_the_codec_is_read_from_the_bitstream() -> None:
    assert playlists.avc_codec(b"....avcC\x01\x64\x00\x28rest") == "avc1.640028"


@pytest.mark.parametrize("init", [b"", b"no box here", b"avcC", b"xxavcC\x01\x64\x00"])
def test_an_init_segment_without_a_codec_is_bad(init: bytes) -> None:
    with pytest.raises(BadPlaylist):
        playlists.avc_codec(init)
