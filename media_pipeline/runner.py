"""The door to other programs: the only subprocess in the product.

A child dies with the thread that waits for it, gets no standard input and none of our secrets, and may not use more
memory, time or disk than it is given.
"""

from __future__ import annotations

import logging
import os
import resource
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from django.conf import settings

logger = logging.getLogger(__name__)

OnProgress = Callable[[int], None]
OnLine = Callable[[str], None]

STDERR_KEPT = 16 * 1024  # its end says why it ended
LARGEST_FILE = 8 * 1024**3  # of any one file a child writes
CHECK_EVERY = 1.0  # seconds between two questions whether the work is still wanted
TICK = 0.5  # seconds between looks at the clock, and between two calls of on_progress when the child is silent
NICE = 5  # the site on the same machine comes first
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "FONTCONFIG_FILE", "FONTCONFIG_PATH")
# Where there is no setpriv: the same in Python. 1 is PR_SET_PDEATHSIG, 9 is SIGKILL.
_PYTHON_LAUNCHER = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); "
    "os.getppid() == int(sys.argv[1]) and os.execvp(sys.argv[2], sys.argv[2:])"
)
# The parent may die before the child asks to die with it: then PPID has changed, and nothing is started.
_SHELL_GUARD = '[ "$PPID" = "$0" ] && exec "$@"'


_check: ContextVar[Callable[[], object] | None] = ContextVar("check", default=None)


@dataclass(frozen=True)
class Finished:
    """`returncode` is negative for a signal. `stderr` is its end only. `max_rss` in bytes."""

    returncode: int
    stdout: str
    stderr: str
    cpu_s: float
    max_rss: int


class RunnerError(Exception):
    """The child was stopped before its end."""


class TimedOut(RunnerError):
    """It took longer than it was given."""


class Killed(RunnerError):
    """Not by us: by whoever runs this machine, or by its hunger for memory."""


class OutputTooLong(RunnerError):
    """It wrote more to its standard output than the caller wants to hold."""


def run(
    args: Sequence[str],
    *,
    timeout: float,
    on_progress: OnProgress | None = None,
    on_line: OnLine | None = None,
    stall: float | None = None,
    max_output: int = 4 * 1024 * 1024,
    cwd: Path | None = None,
    memory: int | None = None,
) -> Finished:
    """Run a program to its end, whatever its exit code. `timeout` in seconds. Raises RunnerError.

    on_progress: called about twice a second with the milliseconds of output so far (wants `-progress pipe:1`); what it
    raises kills the child and is raised here. stall: seconds without any such progress after which it hangs.
    on_line: gets every line of standard output, which is then not kept.
    """
    logger.debug("run %s", shlex.join(args), extra={"cwd": str(cwd or "")})
    process = subprocess.Popen(
        [*_launcher(), *args], cwd=cwd, env=_environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    watch = _Watch(process, time.monotonic() + timeout, _reader(on_progress, on_line, stall, max_output))
    try:
        _limit(process.pid, timeout, memory or settings.RUNNER_MEMORY_BYTES)
        watch.follow()
    except BaseException:
        watch.kill()
        raise
    finally:
        watch.close()
    finished = watch.finished()
    if finished.returncode == -signal.SIGKILL:
        raise Killed
    return finished


@contextmanager
def wanted_while(check: Callable[[], object]) -> Iterator[None]:
    """Whatever is run inside is asked about once a second: what `check` raises kills the child and is raised."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


class _Lines:
    """Standard output line by line, to whoever wants it."""

    def __init__(self, on_line: OnLine) -> None:
        self.on_line = on_line
        self.rest = b""

    def take(self, block: bytes) -> None:
        *lines, self.rest = (self.rest + block).split(b"\n")
        for line in lines:
            self.on_line(line.decode(errors="replace").rstrip("\r"))

    def tick(self) -> None:
        """Nothing happens between lines."""

    def text(self) -> str:
        return ""


class _Progress(_Lines):
    """ffmpeg's `-progress`: blocks of key=value; only the time of the output matters."""

    def __init__(self, on_progress: OnProgress, stall: float | None) -> None:
        super().__init__(self._read)
        self.on_progress, self.stall = on_progress, stall
        self.reached_ms, self.reached_at = 0, time.monotonic()

    def _read(self, line: str) -> None:
        key, _, value = line.partition("=")
        # N/A until the first packet
        if key == "out_time_us" and value.lstrip("-").isdigit() and int(value) // 1000 > self.reached_ms:
            self.reached_ms, self.reached_at = int(value) // 1000, time.monotonic()

    def tick(self) -> None:
        if self.stall and time.monotonic() - self.reached_at > self.stall:
            raise TimedOut
        self.on_progress(self.reached_ms)


class _Whole:
    """Standard output as one text, up to a limit."""

    def __init__(self, most: int) -> None:
        self.blocks: list[bytes] = []
        self.left = most

    def take(self, block: bytes) -> None:
        self.left -= len(block)
        if self.left < 0:
            raise OutputTooLong
        self.blocks.append(block)

    def tick(self) -> None:
        """Nothing happens before the end."""

    def text(self) -> str:
        return b"".join(self.blocks).decode(errors="replace")


def _reader(
    on_progress: OnProgress | None, on_line: OnLine | None, stall: float | None, max_output: int
) -> _Lines | _Whole:
    if on_progress:
        return _Progress(on_progress, stall)
    return _Lines(on_line) if on_line else _Whole(max_output)


class _Watch:
    """One running child: reads both its pipes, looks at the clock, reaps it."""

    def __init__(self, process: subprocess.Popen[bytes], deadline: float, reader: _Lines | _Whole) -> None:
        self.process, self.deadline, self.reader = process, deadline, reader
        self.stderr = b""
        self.check_at = time.monotonic() + CHECK_EVERY
        self.usage: resource.struct_rusage | None = None

    def follow(self) -> None:
        with selectors.DefaultSelector() as selector:
            for pipe in self._pipes():
                os.set_blocking(pipe.fileno(), False)
                selector.register(pipe, selectors.EVENT_READ)
            next_tick = time.monotonic() + TICK
            while selector.get_map():
                for key, _ in selector.select(TICK):
                    self._read(selector, key.fd)
                if time.monotonic() >= next_tick:
                    self._tick()
                    next_tick = time.monotonic() + TICK
        while not self._reap():  # its pipes are closed; it ends now or hangs
            self._tick()
            time.sleep(0.005)

    def _read(self, selector: selectors.BaseSelector, descriptor: int) -> None:
        block = os.read(descriptor, 64 * 1024)
        if not block:
            selector.unregister(descriptor)
        elif self.process.stdout and descriptor == self.process.stdout.fileno():
            self.reader.take(block)
        else:
            self.stderr = (self.stderr + block)[-STDERR_KEPT:]

    def _tick(self) -> None:
        if time.monotonic() > self.deadline:
            raise TimedOut
        self.reader.tick()
        if (check := _check.get()) and time.monotonic() >= self.check_at:
            self.check_at = time.monotonic() + CHECK_EVERY
            check()

    def _reap(self, options: int = os.WNOHANG) -> bool:
        """By wait4, because it tells what the child used."""
        if self.process.returncode is None:
            pid, status, usage = os.wait4(self.process.pid, options)
            if pid:
                self.process.returncode = os.waitstatus_to_exitcode(status)
                self.usage = usage
        return self.process.returncode is not None

    def kill(self) -> None:
        """Its whole group: until it is reaped its number is nobody else's, even if it has ended."""
        if self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self._reap(options=0)

    def close(self) -> None:
        for pipe in self._pipes():
            pipe.close()

    def _pipes(self) -> list[IO[bytes]]:
        return [pipe for pipe in (self.process.stdout, self.process.stderr) if pipe]

    def finished(self) -> Finished:
        used = self.usage
        return Finished(
            returncode=self.process.returncode,
            stdout=self.reader.text(),
            stderr=self.stderr.decode(errors="replace"),
            cpu_s=used.ru_utime + used.ru_stime if used else 0.0,
            max_rss=used.ru_maxrss * 1024 if used else 0,
        )


def _launcher() -> list[str]:
    """What makes the child die with us. No preexec_fn: a heartbeat thread runs beside, and that may deadlock."""
    if sys.platform != "linux":
        return []  # nothing like it there
    parent = str(os.getpid())
    if setpriv := _setpriv():
        return [setpriv, "--pdeathsig", "KILL", "--", "/bin/sh", "-c", _SHELL_GUARD, parent]
    return [sys.executable, "-I", "-S", "-c", _PYTHON_LAUNCHER, parent]


@cache
def _setpriv() -> str | None:
    """Debian's; BusyBox has one that knows no --pdeathsig."""
    found = shutil.which("setpriv")
    return found if found and Path(found).resolve().name == "setpriv" else None


def _environment() -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    # GCONV_PATH: a statically linked ffmpeg falls over the system's character sets, which it would load for the name of
    # a programme in a transport stream.
    return {**inherited, "LC_ALL": "C.UTF-8", "AV_LOG_FORCE_NOCOLOR": "1", "GCONV_PATH": "/nonexistent"}


def _limit(pid: int, timeout: float, memory: int) -> None:
    """From outside, as soon as it exists: what it does in its first millisecond needs no limit."""
    if sys.platform != "linux":
        return
    cpu = int(timeout * (os.cpu_count() or 1)) + 5
    limits = {
        resource.RLIMIT_AS: min(memory, settings.RUNNER_MEMORY_BYTES),
        resource.RLIMIT_FSIZE: LARGEST_FILE,
        resource.RLIMIT_CPU: cpu,
        resource.RLIMIT_CORE: 0,
    }
    try:
        for kind, most in limits.items():
            _, ceiling = resource.prlimit(pid, kind)  # ours may be lower already, and only root may raise it
            least = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
            resource.prlimit(pid, kind, (least, least))
        os.setpriority(os.PRIO_PROCESS, pid, min(os.getpriority(os.PRIO_PROCESS, 0) + NICE, 19))
    except ProcessLookupError:
        return  # it is over already
