"""Chapters, posters and searchable writing made of a lecture's slides; drafts of captions of its speech."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from media_pipeline import chapter_rows, media_info, slides
from media_pipeline.models import Asset, Chapter, Package, SlideText, TextTrack
from tests.media_pipeline import footage, packages
from tests.media_pipeline.test_slides import drawn, program
from tests.media_pipeline.test_speech import folder
from ui.sentences import Refused

MakeReady = Callable[[Path], Asset]


def test_a_files_own_chapters_are_kept(make_ready: MakeReady, tmp_path: Path) -> None:
    film = footage.film(tmp_path / "film.mp4", seconds=6)
    notes = tmp_path / "notes.txt"
    notes.write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle=开场\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=2000\nEND=6000\ntitle=正题\n"
    )
    asset = make_ready(
        footage.ffmpeg(
            tmp_path / "a.mp4", "-i", str(film), "-i", str(notes), "-map", "0", "-map_chapters", "1", "-c", "copy"
        )
    )

    assert asset.cut
    assert [(row.start_ms, row.title, row.source) for row in chapter_rows.of(asset.cut)] == [
        (0, "开场", "container"), (2000, "正题", "container")
    ]  # fmt: skip
    assert "00:00:02.000 --> 00:00:0" in chapter_rows.webvtt(asset.cut)


def test_an_authors_list_takes_the_place_of_what_was_found(ready: Asset) -> None:
    assert ready.cut
    Chapter.objects.create(cut=ready.cut, start_ms=0, source=Chapter.Source.SLIDES)

    found = chapter_rows.write(ready.cut, "0:00 开场\n0:03 正题")
    assert [(row.start_ms, row.title, row.source) for row in found] == [(0, "开场", "pasted"), (3000, "正题", "pasted")]
    assert chapter_rows.text(found) == "00:00 开场\n00:03 正题"

    chapter_rows.note(ready.cut, media_info.from_json(ready.inspection.info), [])
    assert len(chapter_rows.of(ready.cut)) == 2  # what an author has written stays
    with pytest.raises(Refused):
        chapter_rows.write(ready.cut, "0:09 太晚")
    assert len(chapter_rows.of(ready.cut)) == 2
    assert chapter_rows.write(ready.cut, "") == []


def test_chapters_without_a_title_are_counted(ready: Asset) -> None:
    rows = [Chapter(cut=ready.cut, start_ms=at, title=title) for at, title in ((0, ""), (1000, "正题"), (2000, ""))]

    assert chapter_rows.titles(rows) == ["第1段", "正题", "第3段"]


def slideshow(folder: Path) -> Path:
    rows = []
    lines = [("入党的程序", "递交入党申请书", "党组织派人谈话"), ("预备期的要求", "每季度写思想汇报", "参加组织生活"),
             ("转正的手续", "本人提出书面申请", "支部大会讨论")]  # fmt: skip
    for number, words in enumerate(lines):
        drawn(*words).save(folder / f"{number}.png")
        rows.append(f"file '{number}.png'\nduration 24\n")
    (folder / "list.txt").write_text("".join([*rows, "file '2.png'\n"]))
    return footage.ffmpeg(folder / "a.mp4", "-f", "concat", "-safe", "0", "-i", str(folder / "list.txt"), "-vf",
                          "fps=5", "-t", "72", *footage.X264)  # fmt: skip


def test_slides_make_chapters_and_posters_and_are_read(
    make_ready: MakeReady, tmp_path: Path, settings: Any, run_jobs: Callable[[], int]
) -> None:
    settings.OCR_PYTHON = os.environ["TEST_OCR_PYTHON"]
    if (reason := slides.off()) or not os.environ.get("CJK_FONT"):
        pytest.skip(
            f"reading slides for real: {reason.code if reason else 'no Chinese font'} (script/setup --with ocr)"
        )
    asset = make_ready(slideshow(tmp_path))

    package = Package.objects.get(pk=asset.cut.package_id)  # type: ignore[union-attr]
    assert package.slides == pytest.approx([24_000, 48_000], abs=600)
    assert [one["name"] for one in package.posters] == ["poster", "poster-2", "poster-3"]
    assert all((packages.folder(asset) / f"{one['name']}-small.jpg").is_file() for one in package.posters)
    found = list(Chapter.objects.order_by("start_ms"))
    assert [(row.title, row.source) for row in found] == [
        ("入党的程序", "slides"), ("预备期的要求", "slides"), ("转正的手续", "slides")
    ]  # fmt: skip
    texts = list(SlideText.objects.order_by("start_ms"))
    assert [one.start_ms for one in texts] == [0, *package.slides]
    assert texts[1].text.split("\n") == ["预备期的要求", "每季度写思想汇报", "参加组织生活"]
    assert all(one.confidence > 0.8 for one in texts)


def test_speech_is_written_down_where_there_is_a_model_and_shown_to_nobody(
    make_ready: MakeReady, tmp_path: Path, settings: Any
) -> None:
    """With a program that answers as the real one does: no model is to be had here."""
    row = json.dumps({"start_ms": 500, "end_ms": 1500, "text": "同志们好"})
    settings.SPEECH_MODEL_DIR = str(folder(tmp_path, "model.onnx", "tokens.txt", "silero_vad.onnx"))
    settings.SPEECH_PYTHON = str(program(tmp_path, f"[ \"$2\" = -c ] || echo '{row}'"))
    asset = make_ready(footage.film(tmp_path / "a.mp4", seconds=3))

    (draft,) = TextTrack.objects.all()
    assert (draft.source, draft.reviewed_at, draft.cues) == ("asr", None, [[500, 1500, "同志们好"]])
    assert packages.named(asset, "SUBTITLES") == []
