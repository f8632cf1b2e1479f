"""From ffprobe's words to plain values: which tracks, how large as displayed, how long really."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline import media_info, probed
from media_pipeline.media_info import Chapter, MediaInfo
from media_pipeline.packets import Packets

PICTURE: dict[str, Any] = {"index": 0, "codec_type": "video", "codec_name": "h264", "width": 1920, "height": 1080}
SOUND: dict[str, Any] = {"index": 1, "codec_type": "audio", "codec_name": "aac", "channels": 2}
TEXT: dict[str, Any] = {"index": 2, "codec_type": "subtitle", "codec_name": "subrip"}
DEFAULT = {"disposition": {"default": 1}}
TWO_SECONDS = Packets(tuple(number / 25 for number in range(50)), 2.0, (0.0, 1.0), 250_000)
ONE_FRAME = Packets((0.0,), 0.04)
MATRIX = "\n00000000: {} {} 0\n00000001: {} {} 0\n00000002: 0 0 1073741824\n"


def read(*streams: dict[str, Any], found: dict[int, Packets] | None = None, notes: str = "", **more: Any) -> MediaInfo:
    packets = {one["index"]: TWO_SECONDS for one in streams} | (found or {})
    return probed.read({"streams": list(streams), "format": {"format_name": "mov"}} | more, packets, notes)


def rotated(degrees: float, matrix: tuple[int, ...] = (1, 0, 0, 1)) -> dict[str, Any]:
    side = {"side_data_type": "Display Matrix", "rotation": degrees, "displaymatrix": MATRIX.format(*matrix)}
    return PICTURE | {"side_data_list": [side]}


@pytest.mark.parametrize(
    ("stream", "size", "rotation"),
    [
        (PICTURE, (1920, 1080), 0),
        (rotated(-90), (1080, 1920), 90),  # the matrix counts anticlockwise
        (rotated(90), (1080, 1920), 270),
        (rotated(180), (1920, 1080), 180),
        (rotated(-180), (1920, 1080), 180),
        (rotated(2), (1920, 1080), 0),
        (rotated(-88), (1080, 1920), 90),
        (PICTURE | {"tags": {"rotate": "90"}}, (1080, 1920), 90),
        (PICTURE | {"tags": {"rotate": "upright"}}, (1920, 1080), 0),
        (PICTURE | {"width": 720, "height": 576, "sample_aspect_ratio": "16:11"}, (1047, 576), 0),
        (rotated(-90) | {"width": 720, "height": 576, "sample_aspect_ratio": "16:11"}, (576, 1047), 90),
        (PICTURE | {"sample_aspect_ratio": "0:1"}, (1920, 1080), 0),
        (PICTURE | {"sample_aspect_ratio": "1:0"}, (1920, 1080), 0),
        (PICTURE | {"sample_aspect_ratio": "1000:1"}, (1920, 1080), 0),
    ],
)
def test_the_picture_is_as_large_as_it_is_displayed(
    stream: dict[str, Any], size: tuple[int, int], rotation: int
) -> None:
    found = read(stream, SOUND).picture

    assert ((found.width, found.height), found.rotation) == (size, rotation)
    assert (found.coded_width, found.coded_height) == (stream["width"], stream["height"])


@pytest.mark.parametrize(
    ("matrix", "mirrored"),
    [
        ((1, 0, 0, 1), False),
        ((-1, 0, 0, 1), True),
        ((-1, 0, 0, -1), False),
        ((0, 1, -1, 0), False),
        ((0, 1, 1, 0), True),
    ],
)
def test_a_selfie_that_is_mirrored_is_told_from_one_that_is_turned(matrix: tuple[int, ...], mirrored: bool) -> None:
    assert read(rotated(0, matrix)).picture.mirrored is mirrored


@pytest.mark.parametrize(
    ("streams", "index"),
    [
        ([PICTURE], 0),
        ([PICTURE | {"disposition": {"attached_pic": 1}}, PICTURE | {"index": 2}], 2),
        ([PICTURE, PICTURE | {"index": 2} | DEFAULT], 2),
        ([PICTURE | DEFAULT | {"width": 160, "height": 90}, PICTURE | {"index": 2} | DEFAULT], 2),
        ([PICTURE | {"disposition": {"attached_pic": 1, "default": 1}}], None),
        ([PICTURE | {"disposition": {"timed_thumbnails": 1}}], None),
        ([SOUND], None),
        ([], None),
    ],
)
def test_the_picture_is_the_default_track_and_never_a_cover(streams: list[dict[str, Any]], index: int | None) -> None:
    found = read(*streams).video

    assert (found.index if found else None) == index


def test_a_still_beside_sound_is_a_cover_even_if_nothing_says_so() -> None:
    still = PICTURE | {"codec_name": "mjpeg"}

    assert read(still, SOUND, found={0: ONE_FRAME}).video is None
    assert read(still, SOUND).video
    assert read(PICTURE, SOUND, found={0: ONE_FRAME}).video  # one slide, shown all along


def test_a_picture_of_which_nothing_came_gives_way_to_one_that_did() -> None:
    streams = [PICTURE | DEFAULT, PICTURE | {"index": 2}]

    assert read(*streams, found={0: Packets()}).picture.index == 2
    assert read(PICTURE, found={0: Packets()}).picture.frames == 0


@pytest.mark.parametrize(
    ("streams", "indexes"),
    [
        ([PICTURE, SOUND], [1]),
        ([SOUND, SOUND | {"index": 2} | DEFAULT, SOUND | {"index": 3}], [2, 1, 3]),
        ([SOUND | {"channels": 0}, SOUND | {"index": 2}], [2]),
        ([{"index": 1, "codec_type": "audio", "channels": 2}], []),
        ([PICTURE], []),
    ],
)
def test_sounds_are_tracks_that_can_be_heard_the_default_first(
    streams: list[dict[str, Any]], indexes: list[int]
) -> None:
    found = read(*streams)

    assert [sound.index for sound in found.sounds] == indexes
    assert (found.audio.index if found.audio else None) == (indexes[0] if indexes else None)


def test_a_sound_track_without_packets_is_no_sound() -> None:
    assert read(PICTURE, SOUND, found={1: Packets()}).audio is None


def test_tracks_say_their_language_and_title() -> None:
    tags = {"tags": {"language": "chi", "title": " 普通话 "}}
    found = read(PICTURE, SOUND | tags, TEXT | tags, TEXT | {"index": 3, "codec_name": "hdmv_pgs_subtitle"})

    assert found.audio
    assert (found.audio.language, found.audio.title) == ("chi", "普通话")
    assert [(text.index, text.codec, text.language, text.title) for text in found.texts] == [
        (2, "subrip", "chi", "普通话")
    ]
    assert read(SOUND | {"tags": {"language": "und"}}).sounds[0].language == ""


def test_length_is_counted_by_packets_from_the_first_of_them() -> None:
    late = Packets(tuple(5.5 + number / 25 for number in range(50)), 7.5, (5.5, 6.5))
    sound = Packets((5.0, 5.5, 7.4), 8.0)

    found = read(PICTURE, SOUND, found={0: late, 1: sound})

    assert found.duration_ms == 3000
    assert (found.picture.start_ms, found.picture.last_ms, found.picture.end_ms) == (500, 2460, 2500)
    assert found.picture.keys_ms == (500, 1500)
    assert found.audio
    assert (found.audio.start_ms, found.audio.end_ms) == (0, 3000)


def test_time_counts_from_the_containers_own_beginning() -> None:
    """ffmpeg counts from the first time of any track, one of subtitles too."""
    late = Packets((2.0, 2.5), 3.0, (2.0,))

    found = read(PICTURE, found={0: late}, format={"start_time": "1.5"})

    assert (found.picture.start_ms, found.duration_ms) == (500, 1500)


@pytest.mark.parametrize(
    ("announced", "notes", "frames", "missing_ms"),
    [
        ("2.0", "", 50, 0),
        ("20.0", "", 50, 0),  # headers lie; nothing shows that it was cut
        ("20.0", "stream 0, offset 0x535c1: partial file", 50, 18_000),
        ("20.0", "File ended prematurely at pos. 1234", 50, 18_000),
        ("20.0", "", 500, 18_000),  # the index lists more frames than there are
        ("2.5", "partial file", 50, 0),  # not worth a word
        ("N/A", "partial file", 50, 0),
    ],
)
def test_what_was_announced_and_is_not_there_is_missing_if_the_file_was_cut(
    announced: str, notes: str, frames: int, missing_ms: int
) -> None:
    stream = PICTURE | {"duration": announced, "nb_frames": str(frames)}

    assert read(stream, notes=notes).missing_ms == missing_ms


def test_a_cut_avi_counts_frames_and_a_transport_stream_announces_nothing() -> None:
    avi = PICTURE | {"duration": "2.0", "nb_frames": "100"}
    cut = {"format": {"format_name": "avi"}}, {"format": {"format_name": "mpegts", "duration": "5000"}}

    assert read(avi, **cut[0]).missing_ms == pytest.approx(2000, abs=100)
    assert read(PICTURE, notes="Packet corrupt", **cut[1]).missing_ms == 0


def test_tags_in_capitals_are_tags() -> None:
    assert read(PICTURE | {"tags": {"ROTATE": "270"}}).picture.rotation == 270
    assert read(SOUND | {"tags": {"LANGUAGE": "eng", "Title": "x"}}).sounds[0].title == "x"


def test_chapters_begin_within_the_film() -> None:
    chapters = [
        {"start_time": "1.0", "end_time": "9.0", "tags": {"title": "二"}},
        {"start_time": "0.0", "end_time": "1.0"},
        {"start_time": "5.0", "end_time": "6.0", "tags": {"title": "never"}},
    ]

    assert read(PICTURE, chapters=chapters).chapters == (Chapter(0, 1000, ""), Chapter(1000, 2000, "二"))


@pytest.mark.parametrize(
    "stream",
    [
        PICTURE | {"codec_tag_string": "encv"},
        SOUND | {"codec_tag_string": "enca"},
        PICTURE | {"side_data_list": [{"side_data_type": "Encryption initialization data"}]},
    ],
)
def test_protected_tracks_are_told(stream: dict[str, Any]) -> None:
    assert read(stream).is_encrypted
    assert not read(PICTURE, SOUND).is_encrypted


def test_hdr_interlacing_and_a_picture_all_around_are_told() -> None:
    dolby = {"side_data_list": [{"side_data_type": "DOVI configuration record", "dv_profile": 5}]}
    around = {"side_data_list": [{"side_data_type": "Spherical Mapping", "projection": "equirectangular"}]}

    assert read(PICTURE | {"color_transfer": "arib-std-b67"}).picture.is_hdr
    assert read(PICTURE | dolby).picture.is_hdr
    assert read(PICTURE | {"field_order": "tt"}).picture.is_interlaced
    assert not read(PICTURE | {"field_order": "progressive", "color_transfer": "bt709"}).picture.is_hdr
    assert read(PICTURE | around).projection == "equirectangular"


def test_rate_keys_and_what_is_hidden_come_from_the_packets() -> None:
    keys = Packets((0.0, 1.0, 3.0), 10.0, (0.0, 3.0), 1_250_000, has_preroll=True)
    found = read(PICTURE, found={0: keys}).picture

    assert (found.kbits, found.keys_ms, found.longest_gop_ms) == (1000, (0, 3000), 7000)
    assert found.has_preroll


def test_a_film_of_keys_only_keeps_those_where_segments_begin() -> None:
    times = tuple(number / 25 for number in range(25 * 100))
    found = read(PICTURE, found={0: Packets(times, 100.0, times)}).picture

    assert found.keys_ms == tuple(range(0, 100_000, 4000))


words = st.none() | st.text(max_size=8) | st.integers(-5, 9000) | st.sampled_from(["N/A", "1:1", "h264", "nan", "inf"])
streams = st.fixed_dictionaries(
    {"index": st.integers(0, 3), "codec_type": st.sampled_from(["video", "audio", "subtitle", "data"])},
    optional={
        "codec_name": st.sampled_from(["h264", "mjpeg", "aac", "subrip"]),
        "width": st.integers(0, 9000),
        "height": st.integers(0, 9000),
        "channels": st.integers(0, 8),
        "sample_aspect_ratio": words,
        "duration": words,
        "tags": st.dictionaries(st.sampled_from(["rotate", "language", "title"]), words),
    },
)


@given(st.lists(streams, max_size=4), st.dictionaries(st.integers(0, 3), st.just(TWO_SECONDS)))
def test_whatever_ffprobe_says_is_read_and_survives_being_kept(
    found: list[dict[str, Any]], packets: dict[int, Packets]
) -> None:
    info = probed.read({"streams": found}, packets, "")

    assert media_info.from_json(json.loads(json.dumps(info.as_json()))) == info
