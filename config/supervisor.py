"""Keeps the processes of a one-machine site running together: starts them, restarts what dies, stops them all.

Each child leads a process group of its own and dies with us (PDEATHSIG), so that Ctrl-C, a kill of this process or a
closed terminal leave nothing running.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from django.conf import settings

STOP_WITHIN = 2.0  # seconds from SIGTERM to SIGKILL
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Child:
    """One process. `once`: it ends by itself, and ending well is fine. `port`: where it answers, if it does."""

    name: str
    command: list[str]
    once: bool = False
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    quick_ends: int = 0
    start_again_at: float = 0.0


def manage(*words: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]


def site(*, port: int) -> list[Child]:
    """The web first."""
    celery = [sys.executable, "-m", "celery", "--app", "config", "--quiet"]
    worker = [*celery, "worker", "--pool", "solo", "--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    web = [
        sys.executable, "-m", "uvicorn", "config.asgi:application", "--host", "127.0.0.1", "--port", str(port),
        "--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "1",
    ]  # fmt: skip
    encoders = [
        Child(f"encoder-{number}", [*worker, "--queues", "encode", "--hostname", f"encode-{number}@localhost"])
        for number in range(1, settings.ENCODES_AT_ONCE + 1)
    ]
    return [
        Child("web", web, port=port),
        Child("worker", [*worker, "--queues", "fast,index", "--hostname", "fast@localhost"]),
        *encoders,
        Child("schedule", [*celery, "beat", "--loglevel", "WARNING", "--pidfile="]),
    ]


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
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._stop)
        if taken := self._port_taken():
            raise SystemExit(f"✗ Port {taken} is taken by another program. Choose another with --port N.")
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
        # To a file each, so that on a terminal the address and the accounts stay in sight; what runs once tells there.
        with (self.logs / f"{child.name}.log").open("ab") as log:
            child.process = subprocess.Popen(
                child.command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, stdout=None if child.once else log,
                stderr=log, start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - before any thread exists
            )  # fmt: skip

    def _look_after(self, child: Child) -> None:
        """Restart a child that ended, later each time it ends at once."""
        if child.process is None:
            if time.monotonic() >= child.start_again_at:
                self._start(child)
            return
        if (code := child.process.poll()) is None:
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
        running = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in running:
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN
        for process in running:
            with suppress(subprocess.TimeoutExpired):  # killed below, with whatever its group still holds
                process.wait(max(0.0, deadline - time.monotonic()))
        for process in running:
            _signal_group(process, signal.SIGKILL)
            process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201 - a person at a terminal reads this
