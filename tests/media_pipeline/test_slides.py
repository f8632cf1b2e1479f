"""Writing on slides: put in order by table, and read for real where the reader is installed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from jobs.errors import JobError
from media_pipeline import slide_text, slides, tools
from media_pipeline.slide_text import ReadLine, Slide
from tests.media_pipeline.footage import X264, ffmpeg

ROWS = [
    json.dumps({"picture": "a", "lines": [{"text": "党的纪律", "confidence": 0.99, "top": 0.1, "height": 0.1}]}),
    "a warning of some library",
    json.dumps({"picture": "b", "error": "ValueError"}),
    json.dumps({"picture": "c", "lines": [{"text": "x"}]}),
    json.dumps(["picture"]),
]


def test_only_what_the_reader_says_in_its_own_form_is_read() -> None:
    assert slide_text.read(ROWS) == {"a": (ReadLine("党的纪律", 0.99, 0.1, 0.1),), "b": ()}


@given(st.lists(st.text(max_size=80), max_size=5))
def test_any_output_is_survived(rows: list[str]) -> None:
    assert isinstance(slide_text.read(rows), dict)


def page(*texts: str) -> list[ReadLine]:
    return [ReadLine(text, 0.95, number / 10, 0.05) for number, text in enumerate(texts)]


def test_lines_stand_from_top_to_bottom_without_rubbish() -> None:
    lines = [ReadLine("下", 0.9, 0.8), ReadLine(" 上\u202e  面 ", 0.9, 0.1), ReadLine("猜的", 0.4, 0.2),
             ReadLine("12", 0.99, 0.3), ReadLine("·", 0.99, 0.4)]  # fmt: skip
    (slide,) = slide_text.slides({"a": (0, 5000)}, {"a": lines})

    assert [line.text for line in slide.lines] == ["上 面", "下"]


def test_what_stands_on_every_slide_belongs_to_none() -> None:
    found = {
        str(number): page(f"第{number}课 内容{'甲乙丙丁'[number]}", f"{number} / 4 网络党校") for number in range(4)
    }
    made = slide_text.slides({str(number): (number, number + 1) for number in range(4)}, found)

    assert [[line.text for line in slide.lines] for slide in made] == [
        [f"第{n}课 内容{'甲乙丙丁'[n]}"] for n in range(4)
    ]


def test_two_slides_are_too_few_to_know_the_frame() -> None:
    made = slide_text.slides({"a": (0, 1), "b": (1, 2)}, {"a": page("网络党校"), "b": page("网络党校")})

    assert len(made) == 2


def test_the_heading_is_the_tallest_line_above() -> None:
    tall, small = ReadLine("党员的权利", 0.9, 0.05, 0.1), ReadLine("第一条", 0.9, 0.3, 0.04)

    assert Slide(0, 1, (tall, small, small)).heading == "党员的权利"
    assert Slide(0, 1, (small, small)).heading == ""
    assert Slide(0, 1).heading == ""


@pytest.mark.parametrize(
    ("slides_ms", "shown"),
    [
        ([], [(0, 60_000)]),
        ([20_000, 5000], [(0, 5000), (5000, 20_000), (20_000, 60_000)]),
        ([0, 60_000, 99_000], [(0, 60_000)]),
    ],
)
def test_each_slide_is_shown_until_the_next(slides_ms: list[int], shown: list[tuple[int, int]]) -> None:
    assert slides.spans(slides_ms, 60_000) == shown


def test_of_too_many_slides_the_longest_are_read() -> None:
    shown = slides.spans([*range(100, 20_000, 100), 50_000], 60_000)

    assert len(shown) == slides.MOST_SLIDES
    assert shown[-2:] == [(19_900, 50_000), (50_000, 60_000)]


# ---- where there is no reader, or a bad one ----


def test_without_a_reader_it_is_off_and_says_why(settings: Any, tmp_path: Path) -> None:
    settings.OCR_PYTHON = "none"
    reason = slides.off()
    assert reason is not None
    assert reason.code == "extra_off_by_setting"

    settings.OCR_PYTHON = "/nowhere/python"
    reason = slides.off()
    assert reason is not None
    assert (reason.code, reason.params["path"]) == ("extra_off_no_program", "/nowhere/python")

    settings.OCR_PYTHON = str(program(tmp_path, "exit 1"))
    reason = slides.off()
    assert reason is not None
    assert (reason.code, reason.params["package"]) == ("extra_off_not_installed", "rapidocr")


def program(folder: Path, words: str) -> Path:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(0o755)
    return path


def lecture(folder: Path, pictures: list[Image.Image], seconds: float = 4.0) -> Path:
    rows = []
    for number, picture in enumerate(pictures):
        picture.save(folder / f"{number}.png")
        rows.append(f"file '{number}.png'\nduration {seconds}\n")
    (folder / "list.txt").write_text("".join([*rows, f"file '{len(pictures) - 1}.png'\n"]))
    return ffmpeg(folder / "source.mp4", "-f", "concat", "-safe", "0", "-i", str(folder / "list.txt"), "-vf", "fps=5",
                  "-t", str(seconds * len(pictures)), *X264)  # fmt: skip


BLANK = Image.new("RGB", (320, 180), "white")


def read(source: Path, scratch: Path, shown: list[tuple[int, int]], kept: list[tuple[int, int]] | None = None) -> Any:
    parts: list[float] = []
    found = slides.read(source, 0, shown, kept or [], scratch, on_part=parts.append)
    assert not parts or parts[-1] == 1.0
    return found


@pytest.mark.parametrize(
    ("words", "code"), [('[ "$2" = -c ] || exit 9', "slides_failed"), ('[ "$2" = -c ] || sleep 60', "slides_too_slow")]
)
def test_a_reader_that_fails_or_hangs_is_told_of(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, code: str
) -> None:
    monkeypatch.setattr(slides, "SECONDS_TO_START", 1.0)
    monkeypatch.setattr(slides, "SECONDS_A_SLIDE", 0.5)
    settings.OCR_PYTHON = str(program(tmp_path, words))

    with pytest.raises(JobError) as failed:
        read(lecture(tmp_path, [BLANK]), tmp_path, [(0, 4000)])

    assert failed.value.code == code


# ---- the real reader ----


@pytest.fixture
def reader(settings: Any) -> None:
    settings.OCR_PYTHON = os.environ["TEST_OCR_PYTHON"]
    if reason := slides.off():
        pytest.skip(f"reading slides for real: {reason.code} (script/setup --with ocr)")
    if not os.environ.get("CJK_FONT"):
        pytest.skip("reading slides for real: no Chinese font to draw them with")


def drawn(*lines: str) -> Image.Image:
    picture = Image.new("RGB", (1280, 720), (252, 250, 245))
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        font = ImageFont.truetype(os.environ["CJK_FONT"], 60 if number == 0 else 36)
        draw.text((80, 60 + number * 110), line, font=font, fill=(40, 40, 40))
    return picture


@pytest.mark.usefixtures("reader")
def test_chinese_slides_are_read_with_their_times(tmp_path: Path) -> None:
    first, second = ("党员的权利", "参加党的有关会议", "阅读党的有关文件"), ("党员的义务", "认真学习马克思列宁主义")
    source = lecture(tmp_path, [drawn(*first), drawn(*second), BLANK.resize((1280, 720))])

    found = read(source, tmp_path, [(0, 4000), (4000, 8000), (8000, 12_000)])

    assert [(slide.start_ms, slide.end_ms, [line.text for line in slide.lines]) for slide in found] == [
        (0, 4000, list(first)), (4000, 8000, list(second))
    ]  # fmt: skip
    assert [slide.heading for slide in found] == [first[0], second[0]]
    assert min(line.confidence for slide in found for line in slide.lines) > 0.8


@pytest.mark.usefixtures("reader")
def test_a_cuts_slides_are_taken_from_their_place_in_the_source(tmp_path: Path) -> None:
    source = lecture(tmp_path, [drawn("没有留下的"), drawn("留下来的这页")])

    (slide,) = read(source, tmp_path, [(0, 3000)], kept=[(4500, 7500)])

    assert (slide.start_ms, [line.text for line in slide.lines]) == (0, ["留下来的这页"])


@pytest.mark.usefixtures("reader")
def test_a_picture_that_cannot_be_taken_is_left_out(tmp_path: Path) -> None:
    assert tools.ffmpeg()
    assert read(lecture(tmp_path, [BLANK]), tmp_path, [(60_000, 90_000)]) == []
