"""Slides told apart on the real thing: when another one came, to a fraction of a second, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from jobs.errors import JobError
from media_pipeline import looking, playlists, posters, sprites
from media_pipeline.looking import Seen
from tests.media_pipeline.slideshow import SIZE, show, slide

BLACK = Image.new("RGB", SIZE)


def look(folder: Path, playlist: Path) -> Seen:
    starts = playlists.parse(playlist.read_text()).starts_ms
    return looking.look(playlist, folder, tiles=sprites.layout(starts, 426, 240), sprite=folder / "sprite.jpg")


@pytest.mark.parametrize(
    "graph",
    [
        "null",
        "noise=alls=10:allf=t,crop=iw-24:ih-14:12+sin(t*5):7+sin(t*7)",  # by hand, in the dark
        "drawbox=x=480+40*sin(9*t):y=250+20*sin(7*t):w=90:h=90:color=teal:t=fill",  # somebody in the corner
    ],
    ids=["plain", "by hand", "inset"],
)
def test_slides_are_found_where_they_change(tmp_path: Path, graph: str) -> None:
    seen = look(tmp_path, show(tmp_path, [(slide(1), 13), (slide(2), 18), (slide(6), 17), (slide(4), 12)], graph=graph))

    assert [at / 1000 for at in seen.slides_ms] == pytest.approx([13, 31, 48], abs=1.5 if "noise" in graph else 0.2)
    assert [glance.at_ms // 1000 for glance in seen.glances] == list(range(0, 60, 4))
    with Image.open(tmp_path / "sprite.jpg") as sprite:
        assert sprite.size == (1600, 180)


def test_lines_that_come_one_by_one_are_one_slide(tmp_path: Path) -> None:
    growing = [(slide(1, lines), 5.0) for lines in range(1, 6)]

    assert [round(at / 1000) for at in look(tmp_path, show(tmp_path, [*growing, (slide(2), 12)])).slides_ms] == [25]


def test_a_flash_between_is_not_a_slide(tmp_path: Path) -> None:
    shown = [(slide(1), 15.0), (BLACK, 2.0), (slide(1), 15.0)]

    assert look(tmp_path, show(tmp_path, shown)).slides_ms == []


def test_a_film_has_no_slides(tmp_path: Path) -> None:
    moving = "scroll=horizontal=0.02:vertical=0.03"

    assert look(tmp_path, show(tmp_path, [(slide(1), 40)], graph=moving)).slides_ms == []


def test_posters_show_something(tmp_path: Path) -> None:
    shown = [(BLACK, 9.0), (slide(1), 9.0), (Image.new("RGB", SIZE, "white"), 9.0), (slide(2), 9.0), (BLACK, 5.0)]
    seen = look(tmp_path, show(tmp_path, shown))

    assert {seen.glances[number].at_ms // 1000 for number in posters.candidates(seen.glances)} <= {12, 16, 28, 32}
    assert len(posters.candidates(seen.glances)) == 2  # each slide once


def test_a_lecture_of_nothing_still_has_a_poster(tmp_path: Path) -> None:
    assert len(posters.candidates(look(tmp_path, show(tmp_path, [(BLACK, 9)])).glances)) == 1


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    playlist = show(tmp_path, [(slide(1), 5)])
    (tmp_path / "init.mp4").write_bytes(b"nothing")

    with pytest.raises(JobError):
        look(tmp_path, playlist)
