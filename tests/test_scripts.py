"""What a person types: each script explains itself, and the servers of two checkouts live side by side."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = sorted(path.name for path in (ROOT / "script").iterdir() if path.is_file())


def run(name: str, *words: str, cwd: Path = ROOT, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "script" / name), *words], cwd=cwd, env=os.environ | environ, check=False,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_explains_itself_from_any_folder(name: str, tmp_path: Path) -> None:
    told = run(name, "--help", cwd=tmp_path)
    assert told.returncode == 0
    assert f"usage: script/{name}" in told.stdout
    assert not list(tmp_path.iterdir())


@pytest.fixture
def checkout() -> Iterator[Callable[[str], dict[str, str]]]:
    """Starts the servers of a checkout of that name; answers their addresses. Stopped after the test."""
    started: list[Path] = []

    def start(name: str) -> dict[str, str]:
        folder = settings.DATA_DIR / "services" / name
        started.append(folder)
        done = run("services", "start", "postgres", "redis", SERVICES_DIR=str(folder))
        if "TEST_REDIS_URL" not in done.stdout:
            pytest.skip(f"no Redis on this machine, or it may not run there: {done.stderr.strip()}")
        return dict(line.split("=", 1) for line in done.stdout.splitlines())

    yield start
    for folder in started:
        run("services", "stop", SERVICES_DIR=str(folder))


def listens(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(url).port)) == 0


def test_servers_of_two_checkouts_run_side_by_side_and_stop_apart(checkout: Callable[[str], dict[str, str]]) -> None:
    one, other = checkout("one"), checkout("other")
    assert not set(one.values()) & set(other.values())
    assert checkout("one") == one  # started twice is started once
    run("services", "stop", SERVICES_DIR=str(settings.DATA_DIR / "services" / "one"))
    assert not any(map(listens, one.values()))
    assert all(map(listens, other.values()))
