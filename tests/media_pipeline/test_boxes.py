"""Boxes of init segments and segments, as the real ffmpeg writes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline import boxes, commands, packaging, runner, tools
from tests.media_pipeline import footage


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten frames a second, reordered: the first is decoded a fifth of a second before it is shown."""
    folder = tmp_path_factory.mktemp("pieces")
    (folder / "240").mkdir()
    source = footage.film(folder / "a.mp4", picture="testsrc2=size=320x240:rate=10", sound=None, seconds=6)
    options = commands._packaging(["240"], folder)
    words = [word for name, value in options.items() for word in (f"-{name}", str(value))]
    encode = ["-c:v", "libx264", "-bf", "3", "-force_key_frames", "expr:gte(t,n_forced*4)"]
    args = [tools.ffmpeg(), "-v", "error", "-i", str(source), *encode, *words, str(folder / "%v" / "playlist.m3u8")]
    assert runner.run(args, timeout=60).returncode == 0
    return folder / "240"


def init_of(folder: Path) -> bytes:
    return next(folder.glob("init*.mp4")).read_bytes()


def test_what_browsers_show_begins_at_nought_though_frames_are_reordered(pieces: Path) -> None:
    init = init_of(pieces)

    assert boxes.begins_ms(init, (pieces / "00001.m4s").read_bytes()) == 0
    assert boxes.begins_ms(init, (pieces / "00002.m4s").read_bytes()) == 4000


def test_all_frames_are_counted(pieces: Path) -> None:
    assert [boxes.frames(path.read_bytes()) for path in sorted(pieces.glob("*.m4s"))] == [40, 20]


def test_how_long_a_segment_lasts_is_what_its_frames_say(pieces: Path) -> None:
    segments = [path.read_bytes() for path in sorted(pieces.glob("*.m4s"))]

    assert [boxes.lasts_s(init_of(pieces), segment) for segment in segments] == pytest.approx([4, 2], abs=0.01)


def test_without_its_edit_list_an_init_segment_is_as_long_as_before(pieces: Path) -> None:
    before = init_of(pieces)
    after = boxes.plain_init(before)

    assert b"edts" in before
    assert b"edts" not in after
    assert len(after) == len(before)
    assert boxes.plain_init(after) == after


def test_what_is_no_segment_is_said_to_be_none(pieces: Path) -> None:
    with pytest.raises(boxes.BadBoxes):
        boxes.begins_ms(init_of(pieces), b"not a segment at all")


@given(st.binary(max_size=200))
def test_whatever_the_bytes_they_are_walked_to_an_end(data: bytes) -> None:
    assert len(boxes.plain_init(data)) == len(data)


def test_a_package_gets_an_init_segment_plain_init(pieces: Path) -> None:
    made = packaging.so_far(pieces.parent, packaging.Planned("240", 320, 240, 10))

    assert made
    assert made.playlist.init == "init.mp4"
    assert b"edts" not in (pieces / "init.mp4").read_bytes()
