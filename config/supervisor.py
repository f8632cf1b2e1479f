"""Keeps the processes of a one-machine site running together: starts them, restarts what dies, stops them all.

Each child leads a process group of its own and dies with us (PDEATHSIG), so that Ctrl-C, a kill of this process or a
closed terminal leave nothing running. Children are forks of this process, which has loaded everything and does nothing:
they start at once and share its memory (docs/decisions/0019).
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.context import ForkProcess
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.core.management import call_command
from django.db import connections

STOP_WITHIN = 2.0  # seconds from SIGTERM to SIGKILL
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOADED = ("config.asgi", "config.urls", "uvicorn", "celery.bin.celery", "celery.apps.worker", "celery.apps.beat")
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Child:
    """One process, which does `work`. `once`: it ends by itself, and ending well is fine. `port`: where it answers, if
    it does."""

    name: str
    work: Callable[[], object]
    once: bool = False
    port: int = 0
    process: ForkProcess | None = None
    started_at: float = 0.0
    quick_ends: int = 0
    start_again_at: float = 0.0


def manage(*words: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]


def site(*, port: int) -> list[Child]:
    """The web first."""
    encoders = [
        Child(f"encoder-{number}", partial(_take_jobs, "encode", f"encode-{number}@localhost"))
        for number in range(1, settings.ENCODES_AT_ONCE + 1)
    ]
    return [
        Child("web", partial(_answer_pages, port), port=port),
        Child("worker", partial(_take_jobs, "fast,index", "fast@localhost")),
        *encoders,
        Child("schedule", partial(_celery, "beat", "--loglevel", "WARNING", "--pidfile=")),
    ]


def demo() -> Child:
    return Child("demo", partial(call_command, "demo"), once=True)


def _answer_pages(port: int) -> None:
    import uvicorn

    uvicorn.run(
        "config.asgi:application", host="127.0.0.1", port=port, access_log=False, log_level="warning",
        timeout_graceful_shutdown=1,
    )  # fmt: skip


def _take_jobs(queues: str, name: str) -> None:
    alone = ("--pool", "solo", "--without-gossip", "--without-mingle", "--loglevel", "WARNING")
    _celery("worker", *alone, "--queues", queues, "--hostname", name)


def _celery(*words: str) -> None:
    from config.celery import app

    sys.exit(app.start(["--quiet", *words]))


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def answer_of(command: list[str], environment: dict[str, str]) -> tuple[int, bytes]:
    """`(exit code, standard output)` of one of our own programs, which ends with us at the latest."""
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - before any thread exists
    ) as child:  # fmt: skip
        try:
            told, _ = child.communicate()
        except BaseException:
            child.kill()
            raise
    return child.returncode, told


class Supervisor:
    def __init__(self, children: list[Child], *, announce: str) -> None:
        self.children, self.announce = children, announce
        self.stopping = False
        self.logs = Path(settings.DATA_DIR) / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)

    def run(self) -> None:
        for number in STOPPING:
            signal.signal(number, self._stop)
        if taken := self._port_taken():
            raise SystemExit(f"✗ Port {taken} is taken by another program. Choose another with --port N.")
        _load()
        self._wait_for_web()
        if not self.stopping:
            say(self.announce)
        try:
            while not self.stopping:
                time.sleep(0.2)
                for child in list(self.children):
                    self._look_after(child)
        finally:
            self._stop_all()

    def _port_taken(self) -> int | None:
        port = self.children[0].port
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return port
        return None

    def _wait_for_web(self) -> None:
        """It starts before the others: alone it answers in half the time."""
        web = self.children[0]
        while not self.stopping:
            self._look_after(web)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", web.port)) == 0:
                    return
            time.sleep(0.1)

    def _start(self, child: Child) -> None:
        child.started_at = time.monotonic()
        work = partial(_become, child, self.logs / f"{child.name}.log", os.getpid())
        child.process = multiprocessing.get_context("fork").Process(target=work, name=child.name)
        child.process.start()

    def _look_after(self, child: Child) -> None:
        """Restart a child that ended, later each time it ends at once."""
        if child.process is None:
            if time.monotonic() >= child.start_again_at:
                self._start(child)
            return
        if (code := child.process.exitcode) is None:
            return
        if child.once and code == 0:
            self.children.remove(child)
            return
        child.quick_ends = child.quick_ends + 1 if time.monotonic() - child.started_at < 10 else 0
        child.start_again_at = time.monotonic() + min(2**child.quick_ends, 30) - 1
        child.process = None
        say(f"· {child.name} ended ({code}); starting it again. Its log: {self.logs / child.name}.log")

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _stop_all(self) -> None:
        running = [child.process for child in self.children if child.process and child.process.exitcode is None]
        for process in running:
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN
        for process in running:
            process.join(max(0.0, deadline - time.monotonic()))
        for process in running:  # with whatever its group still holds
            _signal_group(process, signal.SIGKILL)
            process.join()


def _load() -> None:
    """What children need, before they are made: they share what they do not change."""
    for name in LOADED:
        importlib.import_module(name)
    connections.close_all()  # none may be used by two processes
    gc.collect()
    gc.freeze()  # or a child's first collection would touch, and so copy, all of it


def _become(child: Child, log: Path, parent: int) -> None:
    """In a child: a process of its own, as if it had been started alone."""
    os.setsid()
    _die_with_parent()
    if os.getppid() != parent:
        return  # it went before we could know
    for number in STOPPING:
        signal.signal(number, signal.SIG_DFL)
    _libc.prctl(_PR_SET_NAME, child.name.encode())
    # To a file each, so that on a terminal the address and the accounts stay in sight; what runs once tells there.
    with log.open("ab") as file:
        for descriptor in (2,) if child.once else (1, 2):
            os.dup2(file.fileno(), descriptor)
    child.work()


def _signal_group(process: ForkProcess, number: signal.Signals) -> None:
    try:
        if process.pid:
            os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201 - a person at a terminal reads this
