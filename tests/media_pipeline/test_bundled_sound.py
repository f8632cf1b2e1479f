"""Sound of old phones, several frames in a packet: all of it is heard, whichever ffmpeg there is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from media_pipeline import bundled_sound, inspection, runner, tools
from tests.media_pipeline import footage

THREE_GP = ("-c:v", "mpeg4", "-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1")


@pytest.mark.parametrize(
    ("version", "reads"),
    [("5.1.9-0+deb12u1", False), ("n4.4", False), ("6.0-static", True), ("7.1", True), ("N-118000-gabc", True)],
)
def test_ffmpeg_before_6_drops_most_of_it(version: str, reads: bool) -> None:
    assert replace(tools.capabilities(), version=version).reads_bundled_sound == reads


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Its sound, its second track, begins two fifths of a second after the picture."""
    footage.needs("libopencore_amrnb", "mpeg4")
    plain = footage.film(tmp_path / "plain.3gp", *THREE_GP, seconds=3)
    late = ("-i", str(plain), "-itsoffset", "0.4", "-i", str(plain), "-map", "0:v", "-map", "1:a", "-c", "copy")
    return footage.ffmpeg(tmp_path / "old.3gp", *late)


def test_a_copy_has_the_same_tracks_at_the_same_times(film: Path, tmp_path: Path, monkeypatch: Any) -> None:
    info = inspection.inspect(film)
    assert bundled_sound.readable(film, info, tmp_path) == film  # by an ffmpeg that reads it
    old = replace(tools.capabilities(), version="5.1.9")
    monkeypatch.setattr(tools, "capabilities", lambda: old)
    copy = bundled_sound.readable(film, info, tmp_path)

    again = inspection.inspect(copy)
    assert copy != film
    assert (again.picture.index, again.picture.frames) == (info.picture.index, info.picture.frames)
    (heard,), (before,) = again.sounds, info.sounds
    assert (heard.index, heard.codec) == (before.index, "amr_nb")
    assert abs(heard.start_ms - before.start_ms) <= 20
    assert abs(heard.end_ms - before.end_ms) <= 40
    monkeypatch.setattr(runner, "run", None)
    assert bundled_sound.readable(film, info, tmp_path) == copy  # made once an attempt


def test_what_cannot_be_copied_is_read_as_it_is(film: Path, tmp_path: Path, monkeypatch: Any) -> None:
    info = inspection.inspect(film)
    old = replace(tools.capabilities(), version="5.1.9")
    monkeypatch.setattr(tools, "capabilities", lambda: old)
    film.write_bytes(b"gone")
    assert bundled_sound.readable(film, info, tmp_path) == film
    assert not (tmp_path / "frame-by-frame.nut").exists()
