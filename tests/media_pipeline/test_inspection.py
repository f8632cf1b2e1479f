"""What ffprobe finds in real files, and what it must never be led to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from media_pipeline import inspection, runner
from tests.media_pipeline import footage


def test_length_size_and_rate_are_those_of_the_film(tmp_path: Path) -> None:
    found = inspection.inspect(footage.film(tmp_path / "a.mp4"))

    assert (found.picture.codec, found.picture.width, found.picture.height) == ("h264", 320, 240)
    assert (round(found.picture.fps, 2), found.picture.is_constant, found.picture.frames) == (25.0, True, 50)
    assert found.audio
    assert (found.audio.codec, found.audio.channels) == ("aac", 1)
    assert found.duration_ms == pytest.approx(2000, abs=80)
    assert found.notes == ""


def test_a_film_held_upright_is_as_high_as_it_is_seen(tmp_path: Path) -> None:
    found = inspection.inspect(footage.upright(footage.film(tmp_path / "a.mov"))).picture

    assert (found.width, found.height) == (240, 320)
    assert found.rotation in {90, 270}


def test_frame_times_that_vary_are_noticed(tmp_path: Path) -> None:
    uneven = f"{footage.PICTURE},select='not(between(n,10,30))*mod(n,3)'"
    found = inspection.inspect(
        footage.film(tmp_path / "a.mp4", *footage.X264, "-fps_mode", "vfr", picture=uneven, sound=None)
    )

    assert not found.picture.is_constant
    assert found.picture.frames < 25
    assert found.audio is None


def test_a_length_that_only_the_header_knows_is_not_believed(tmp_path: Path) -> None:
    film = footage.film(tmp_path / "whole.mp4", *footage.X264, "-movflags", "faststart", sound=None, seconds=4)
    half = tmp_path / "half.mp4"
    half.write_bytes(film.read_bytes()[: film.stat().st_size // 2])

    found = inspection.inspect(half)

    assert found.duration_ms < 3000
    assert "partial file" in found.notes or found.picture.frames < 75


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("text.mp4", "讲稿\n" * 200),
        ("page.mp4", "<!doctype html><title>Not found</title>"),
        ("nothing.mp4", ""),
        ("zeros.mp4", "\0" * 10_000),
    ],
)
def test_what_is_no_film_is_said_to_be_none(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / name).write_text(words)

    with pytest.raises(inspection.NotMedia) as error:
        inspection.inspect(tmp_path / name)

    assert error.value.code == "not_media"


def test_a_film_that_lost_its_header_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(inspection.NotMedia) as error:
        inspection.inspect(footage.without_header(footage.film(tmp_path / "a.mp4")))

    assert error.value.code == "no_header"


def test_a_picture_is_not_a_film(tmp_path: Path) -> None:
    still = footage.film(tmp_path / "a.png", "-frames:v", "1", sound=None)
    still.rename(tmp_path / "a.mp4")

    with pytest.raises(inspection.NotMedia) as error:
        inspection.inspect(tmp_path / "a.mp4")

    assert error.value.code == "still_picture"


def test_a_cover_does_not_make_a_song_a_film(tmp_path: Path) -> None:
    cover = footage.film(tmp_path / "a.png", "-frames:v", "1", sound=None)
    song = footage.ffmpeg(
        tmp_path / "a.m4a", "-f", "lavfi", "-t", "2", "-i", "sine", "-i", str(cover), "-map", "0", "-map", "1",
        "-c:v", "copy", *footage.AAC, "-disposition:v:0", "attached_pic",
    )  # fmt: skip

    found = inspection.inspect(song)

    assert found.video is None
    assert found.audio


@pytest.mark.parametrize("ending", [runner.TimedOut, runner.OutputTooLong])
def test_a_file_made_to_wear_us_out_is_no_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: type[Exception]
) -> None:
    def stopped(*args: Any, **options: Any) -> None:
        raise ending

    film = footage.film(tmp_path / "a.mp4", sound=None)
    monkeypatch.setattr(runner, "run", stopped)

    with pytest.raises(inspection.NotMedia):
        inspection.inspect(film)
