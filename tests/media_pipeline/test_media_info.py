"""From ffprobe's words to plain values: which track, how large as displayed, how long really."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline import media_info
from media_pipeline.media_info import Packets

PICTURE = {"index": 0, "codec_type": "video", "codec_name": "h264", "width": 1920, "height": 1080}
SOUND = {"index": 1, "codec_type": "audio", "codec_name": "aac", "channels": 2}
TWO_SECONDS = Packets(tuple(number / 25 for number in range(50)), 2.0)
NOTHING = Packets((), 0.0)


def read(*streams: dict[str, Any], video: Packets = TWO_SECONDS, audio: Packets = TWO_SECONDS) -> media_info.MediaInfo:
    return media_info.read({"streams": list(streams), "format": {"format_name": "mov"}}, video, audio, "")


def rotated(degrees: float) -> dict[str, Any]:
    return PICTURE | {"side_data_list": [{"side_data_type": "Display Matrix", "rotation": degrees}]}


@pytest.mark.parametrize(
    ("stream", "size", "rotation"),
    [
        (PICTURE, (1920, 1080), 0),
        (rotated(-90), (1080, 1920), 270),
        (rotated(90), (1080, 1920), 90),
        (rotated(180), (1920, 1080), 180),
        (PICTURE | {"tags": {"rotate": "90"}}, (1080, 1920), 90),
        (PICTURE | {"width": 720, "height": 576, "sample_aspect_ratio": "16:11"}, (1047, 576), 0),
        (rotated(-90) | {"width": 720, "height": 576, "sample_aspect_ratio": "16:11"}, (576, 1047), 270),
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


@pytest.mark.parametrize(
    ("streams", "index"),
    [
        ([PICTURE], 0),
        ([PICTURE | {"disposition": {"attached_pic": 1}}, PICTURE | {"index": 2}], 2),
        ([PICTURE, PICTURE | {"index": 2, "disposition": {"default": 1}}], 2),
        ([PICTURE | {"disposition": {"attached_pic": 1, "default": 1}}], None),
        ([SOUND], None),
        ([], None),
    ],
)
def test_the_picture_is_the_default_track_and_never_a_cover(streams: list[dict[str, Any]], index: int | None) -> None:
    found = media_info.picture_of(streams)

    assert (found and found["index"]) == index


@pytest.mark.parametrize(
    ("streams", "index"),
    [
        ([PICTURE, SOUND], 1),
        ([SOUND, SOUND | {"index": 2, "disposition": {"default": 1}}], 2),
        ([SOUND | {"channels": 0}, SOUND | {"index": 2}], 2),
        ([{"index": 1, "codec_type": "audio", "channels": 2}], None),
        ([PICTURE], None),
    ],
)
def test_the_sound_is_a_track_that_can_be_heard(streams: list[dict[str, Any]], index: int | None) -> None:
    found = media_info.sound_of(streams)

    assert (found and found["index"]) == index


def test_a_sound_track_without_packets_is_no_sound() -> None:
    assert read(PICTURE, SOUND, audio=NOTHING).audio is None


def test_length_is_counted_by_packets_from_the_first_of_them() -> None:
    late = Packets(tuple(5.5 + number / 25 for number in range(50)), 7.5)
    sound = Packets((5.0, 5.5, 7.4), 8.0)

    found = read(PICTURE, SOUND, video=late, audio=sound)

    assert found.duration_ms == 3000
    assert (found.picture.start_ms, found.picture.end_ms) == (500, 2500)
    assert found.audio
    assert found.audio.end_ms == 3000


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


def test_hdr_and_interlacing_are_told() -> None:
    assert read(PICTURE | {"color_transfer": "arib-std-b67"}).picture.is_hdr
    assert read(PICTURE | {"field_order": "tt"}).picture.is_interlaced
    assert not read(PICTURE | {"field_order": "progressive", "color_transfer": "bt709"}).picture.is_hdr


def test_packets_without_a_time_are_left_out_and_order_is_that_of_presentation() -> None:
    found = media_info.packets(["0.08,0.04", "0.00,0.04", "N/A,0.04", "", "0.04,N/A", "0.12"])

    assert found == Packets((0.0, 0.04, 0.08, 0.12), pytest.approx(0.12))


@pytest.mark.parametrize(
    ("times", "is_constant"),
    [
        ([number / 30 for number in range(300)], True),
        ([round(number / 30, 3) for number in range(300)], True),
        ([number / 30 + (2 if number > 150 else 0) for number in range(300)], True),  # one edit
        ([0, 0.04, 0.12, 0.16, 0.4, 0.44, 1.0], False),
        ([1.0], True),
        ([], True),
    ],
)
def test_frame_times_are_constant_but_for_a_rare_edit(times: list[float], is_constant: bool) -> None:
    assert Packets(tuple(times), 0).is_constant is is_constant


@given(st.floats(1, 240), st.integers(2, 300))
def test_an_even_rate_is_read_back(fps: float, count: int) -> None:
    found = Packets(tuple(number / fps for number in range(count)), count / fps)

    assert found.fps == pytest.approx(fps)
    assert found.is_constant


@given(st.lists(st.text(max_size=12), max_size=20))
def test_no_words_of_ffprobe_break_the_scan(rows: list[str]) -> None:
    found = media_info.packets(rows)

    assert list(found.times) == sorted(found.times)
