"""The processes of a one-machine site: kept running, and gone with their supervisor. With processes of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from config.supervisor import Child, Supervisor
from tests.browser.site import free_port

fork = multiprocessing.get_context("fork")


def until(holds: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


def answer(port: int) -> None:
    with socket.create_server(("127.0.0.1", port)) as listening:
        while True:
            listening.accept()[0].close()


def work(told: Path, *, with_helper: bool = False) -> None:
    """Note who did it; then wait, deaf to SIGTERM, with a program of one's own."""
    if with_helper:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        told.write_text(f"{os.getpid()} {helper.pid}")
    else:
        with told.open("a") as file:
            file.write(f"{os.getpid()}\n")
    time.sleep(600)


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def start(tmp_path: Path, settings: Any) -> Iterator[Callable[..., Any]]:
    settings.DATA_DIR = tmp_path
    started: list[Any] = []

    def start(*children: Child) -> Any:
        port = free_port()
        web = Child("web", partial(answer, port), port=port)
        process = fork.Process(target=Supervisor([web, *children], announce="").run)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.join()


def pids(told: Path) -> list[int]:
    return [int(word) for word in told.read_text().split()] if told.exists() else []


def test_a_child_that_is_killed_is_made_again_under_its_name(start: Callable[..., Any], tmp_path: Path) -> None:
    told = tmp_path / "told"
    start(Child("worker", partial(work, told)))
    (first,) = until(lambda: pids(told))
    assert Path(f"/proc/{first}/comm").read_text() == "worker\n"
    os.kill(first, signal.SIGKILL)
    again = until(lambda: pids(told)[1:])[0]
    assert again != first
    assert not is_there(first)


def test_asked_to_stop_nothing_is_left_not_even_what_does_not_listen(start: Callable[..., Any], tmp_path: Path) -> None:
    told = tmp_path / "told"
    supervisor = start(Child("encoder-1", partial(work, told, with_helper=True)))
    both = until(lambda: pids(told))
    os.kill(supervisor.pid, signal.SIGINT)
    supervisor.join(60)
    assert supervisor.exitcode == 0
    assert not any(map(is_there, both))


def test_children_end_with_a_supervisor_that_is_killed(start: Callable[..., Any], tmp_path: Path) -> None:
    told = tmp_path / "told"
    supervisor = start(Child("worker", partial(work, told)))
    (child,) = until(lambda: pids(told))
    supervisor.kill()
    until(lambda: not is_there(child))


def test_what_runs_once_is_not_made_again(start: Callable[..., Any], tmp_path: Path) -> None:
    once, other = tmp_path / "once", tmp_path / "other"
    start(Child("demo", partial(once.write_text, "1 "), once=True), Child("worker", partial(work, other)))
    until(lambda: pids(other))
    once.unlink()
    time.sleep(1)  # five looks of the supervisor
    assert not once.exists()
