"""`manage.py try_media`, as an operator types it: real processes, and nothing of the installation touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.media_pipeline import footage


def try_media(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """In `folder`, with an installation there that would break if anything of it were used."""
    broken = {
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": "sqlite:////nowhere/db",
        "STORAGE_URL": "file:///nowhere",
    }
    return subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "try_media", *map(str, words)],
        cwd=folder, env=os.environ | broken | {"DJANGO_SETTINGS_MODULE": "config.settings", "TMPDIR": str(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> Path:
    footage.film(tmp_path / "good.mp4", seconds=1)
    footage.film(tmp_path / "-发言 \"一\" 'x' %03d.mp4", *footage.X264, sound=None, seconds=1)
    (tmp_path / "words.mp4").write_text("讲稿")
    (tmp_path / "empty.mp4").touch()
    return tmp_path


def test_each_file_gets_a_line_with_what_came_of_it(files: Path) -> None:
    done = try_media("--json", "--", *sorted(path.name for path in files.glob("*.mp4")), folder=files)

    found: dict[str, dict[str, Any]] = {one["file"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 0, done.stderr
    assert {name: one["outcome"] for name, one in found.items()} == {
        "-发言 \"一\" 'x' %03d.mp4": "ready", "good.mp4": "ready", "words.mp4": "refused", "empty.mp4": "refused",
    }  # fmt: skip
    good = found["good.mp4"]
    assert good["duration"] == pytest.approx(1, abs=0.1)
    assert [(one["height"], one["codec"]) for one in good["renditions"]] == [(240, "h264"), (0, "aac")]
    assert all(one["bytes"] > 0 and one["duration"] == pytest.approx(1, abs=0.1) for one in good["renditions"])
    assert 0 < good["cpu_s"] < 60
    assert 10 < good["rss_mb"] < 2000
    assert found["words.mp4"]["sentence"].startswith("这个文件不是视频")
    assert found["empty.mp4"]["sentence"].startswith("这个文件是空的")
    assert not list(files.glob("try-media-*"))
    assert {path.name for path in (files / "data").rglob("*") if path.is_file()} <= {"secret-key"}


def test_without_json_it_is_a_table_and_what_cannot_be_read_is_a_failure(files: Path) -> None:
    done = try_media("--language", "en", "good.mp4", "words.mp4", "nowhere.mp4", folder=files)

    good, words, nowhere = done.stdout.splitlines()
    assert done.returncode == 1
    assert good.split()[:4] == ["ready", "good.mp4", "1.0", "s"]
    assert words.startswith("refused    words.mp4  This file is not a video.")
    assert nowhere.startswith("unreadable nowhere.mp4")


def test_what_would_be_served_can_be_kept(files: Path) -> None:
    done = try_media("--json", "--keep", "kept", "good.mp4", folder=files)

    (told,) = map(json.loads, done.stdout.splitlines())
    (master,) = (files / "kept").rglob("master.m3u8")
    assert master.is_relative_to(told["kept"])
    assert set(footage.probe(master, "stream=codec_name")) == {"h264", "aac"}
