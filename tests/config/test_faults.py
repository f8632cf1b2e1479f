"""A site hit a few times while recordings come in loses nothing: the benchmark's short form, in its own processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_a_site_that_loses_a_worker_ffmpeg_the_web_and_the_broker_loses_no_recording(
    tmp_path: Path, django_db_setup: Any
) -> None:
    if not isinstance(template := getattr(django_db_setup, "template", None), Path):
        pytest.skip("the site of the benchmark is on SQLite")
    words = ["--few", "--kills", "4", "--every", "1", "--ahead", "2", "--seed", "3", "--minutes", "1"]
    words += ["--database", str(template)]
    environ = {"DATA_DIR": str(tmp_path), "LOG_LEVEL": "WARNING", "JOB_LEASE_SECONDS": "6"}
    told = tmp_path / "told.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench.faults", *words, "--json", str(told)],
        cwd=ROOT, env=os.environ | environ, check=False,
        capture_output=True, text=True, timeout=900,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    found = json.loads(told.read_text())
    assert found["by target"] == {"worker": 1, "ffmpeg": 1, "web": 1, "broker": 1}
    assert found["faults"] == {}
    assert set(found["states"]) <= {"ready", "refused"}
    assert not (tmp_path / "faults").exists()
