"""Why a file cannot become a lecture, and that each reason is said in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline import refusals
from media_pipeline.media_info import AudioTrack, MediaInfo, VideoTrack
from media_pipeline.refusals import Refusal
from tests.media_pipeline import tracks
from ui import sentences

FINE = tracks.video()


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    settings.LECTURE_MAX_SECONDS = 90 * 60
    settings.LECTURE_MAX_PIXELS_A_SIDE = 8192
    settings.LECTURE_MAX_ASPECT = 8


@pytest.mark.parametrize(
    ("info", "refusal"),
    [
        (tracks.info(FINE), None),
        (tracks.info(FINE, None), None),
        (tracks.info(FINE, is_encrypted=True), Refusal("encrypted")),
        (tracks.info(None), Refusal("audio_only")),
        (tracks.info(None, None), Refusal("not_media")),
        (tracks.info(tracks.video(frames=0)), Refusal("no_frames")),
        (tracks.info(tracks.video(width=0)), Refusal("no_frames")),
        (tracks.info(FINE, duration_ms=199), Refusal("too_short")),
        (tracks.info(FINE, duration_ms=200), None),
        (tracks.info(FINE, duration_ms=199, missing_ms=65_000), Refusal("nothing_left", {"missing": "1:05"})),
        (tracks.info(tracks.video(is_decodable=False, codec="vvc")), Refusal("unknown_codec", {"codec": "vvc"})),
        (tracks.info(FINE, duration_ms=90 * 60_000), None),
        (tracks.info(FINE, duration_ms=90 * 60_000 + 1), Refusal("too_long", {"minutes": 91, "limit": 90})),
        (tracks.info(tracks.video(8192, 4320)), None),
        (
            tracks.info(tracks.video(8193, 4320)),
            Refusal("too_large_picture", {"width": 8193, "height": 4320, "limit": 8192}),
        ),
        (
            tracks.info(tracks.video(4320, 8193)),
            Refusal("too_large_picture", {"width": 4320, "height": 8193, "limit": 8192}),
        ),
        (tracks.info(tracks.video(800, 100)), None),
        (tracks.info(tracks.video(802, 100)), Refusal("odd_aspect", {"width": 802, "height": 100, "limit": 8})),
        (tracks.info(tracks.video(100, 802)), Refusal("odd_aspect", {"width": 100, "height": 802, "limit": 8})),
        (tracks.info(tracks.video(1, 1)), None),
    ],
)
def test_the_first_reason_is_named_with_its_figures(info: MediaInfo, refusal: Refusal | None) -> None:
    assert refusals.refuse(info) == refusal


def test_of_a_file_that_broke_off_it_is_said_how_much_is_missing() -> None:
    assert refusals.remarks(tracks.info(FINE)) == []

    (remark,) = refusals.remarks(tracks.info(FINE, missing_ms=83_400))
    assert all("1:23" in said for said in sentences.say_in_all(remark.code, remark.params).values())


def test_sound_alone_is_told_where_it_could_go() -> None:
    said = sentences.say_in_all("audio_only", {})

    assert "dub" in said["en"]
    assert "配到别人的课上" in said["zh-hans"]


@pytest.mark.parametrize(
    ("code", "params", "figures"),
    [
        ("too_long", {"minutes": 91, "limit": 90}, ["91", "90"]),
        ("too_large_picture", {"width": 9000, "height": 100, "limit": 8192}, ["9000", "8192"]),
        ("odd_aspect", {"width": 802, "height": 100, "limit": 8}, ["802", "8"]),
    ],
)
def test_limits_are_said_in_both_languages(code: str, params: dict[str, int], figures: list[str]) -> None:
    for sentence in sentences.say_in_all(code, params).values():
        assert all(figure in sentence for figure in figures)


videos = st.builds(
    tracks.video, st.integers(0, 20_000), st.integers(0, 20_000), frames=st.integers(0, 9), is_hdr=st.booleans()
)


@given(st.none() | videos, st.none() | st.just(tracks.SOUND), st.integers(0, 10**8), st.booleans())
def test_whatever_is_refused_has_a_sentence_for_its_params(
    video: VideoTrack | None, sound: AudioTrack | None, duration_ms: int, is_encrypted: bool
) -> None:
    found = refusals.refuse(tracks.info(video, sound, duration_ms=duration_ms, is_encrypted=is_encrypted))

    if found:
        said = sentences.say_in_all(found.code, found.params)
        assert said["en"] != said["zh-hans"]
        assert "%(" not in "".join(said.values())
