"""What colours the rungs have: what the source says and players understand, else what players would guess."""

from __future__ import annotations

from typing import Any

import pytest

from media_pipeline import colours
from media_pipeline.colours import HD, SD
from media_pipeline.media_info import Colours, VideoTrack
from tests.media_pipeline import tracks

SILENT = Colours()
PHONE = Colours("bt470bg", "smpte170m", "smpte170m", "pc")
HLG = Colours("bt2020", "arib-std-b67", "bt2020nc", "tv")


def video(width: int = 1920, height: int = 1080, said: Colours = SILENT, **facts: Any) -> VideoTrack:
    return tracks.video(width, height, colours=said, **facts)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (video(), HD),
        (video(1280, 720), HD),
        (video(640, 480), SD),
        (video(720, 1280), HD),  # held upright
        (video(640, 480, HD), HD),
        (video(said=PHONE), Colours("bt470bg", "smpte170m", "smpte170m", "tv")),
        (video(said=Colours(matrix="bt470bg")), Colours("smpte170m", "smpte170m", "bt470bg", "tv")),
        (video(said=Colours("bt709", "iec61966-2-1", "bt709", "tv")), Colours("bt709", "iec61966-2-1", "bt709", "tv")),
        (video(said=Colours("film", "linear", "gbr", "pc")), HD),
        (video(640, 360, HLG, is_hdr=True), HD),  # tone-mapped to it
        (video(said=HLG, is_hdr=True), HD),
    ],
)
def test_rungs_say_their_colours(source: VideoTrack, expected: Colours) -> None:
    assert colours.ours(source) == expected


@pytest.mark.parametrize(
    ("source", "full", "rgb"),
    [
        (video(), False, False),
        (video(said=PHONE), True, False),
        (video(pixel_format="yuvj422p"), True, False),
        (video(pixel_format="bgr24"), False, True),
        (video(said=Colours(matrix="gbr"), pixel_format="gbrp"), False, True),
    ],
)
def test_full_range_and_rgb_are_known_by_what_is_said_and_how_it_is_stored(
    source: VideoTrack, full: bool, rgb: bool
) -> None:
    assert (colours.is_full_range(source), colours.is_rgb(source)) == (full, rgb)


@pytest.mark.parametrize(
    ("said", "taken_for"),
    [
        (HLG, HLG),
        (Colours(transfer="smpte2084"), Colours("bt2020", "smpte2084", "bt2020nc", "tv")),
        (SILENT, Colours("bt2020", "smpte2084", "bt2020nc", "tv")),  # Dolby Vision of its own kind says nothing
        (Colours("bt2020", "smpte2084", "ictcp", "pc"), Colours("bt2020", "smpte2084", "bt2020nc", "pc")),
    ],
)
def test_what_hdr_leaves_out_is_filled_in(said: Colours, taken_for: Colours) -> None:
    assert colours.of_hdr(video(said=said, is_hdr=True)) == taken_for
