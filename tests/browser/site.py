"""A whole site on this machine for browsers to visit: web, workers and schedule, as `manage.py serve` keeps them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What set_up and the front-end build make, and leave alone when nothing changed.
KEPT = {"dist", "static", "static.mark", "locale"}
# The site is an ordinary one, whatever engines this run of the tests is on.
ENGINES = {
    "DATABASE_URL", "TEST_DATABASE_URL", "TEST_DATA_DIR", "CELERY_BROKER_URL", "REDIS_URL", "STORAGE_URL",
    "SCRATCH_DIR", "ELASTICSEARCH_URL", "FRONT_END_DIR", "SECRET_KEY", "MEDIA_SIGNING_KEY", "DEBUG", "ALLOWED_HOSTS",
}  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {name: value for name, value in os.environ.items() if name not in ENGINES} | {
            "DATA_DIR": str(data), "SITE_URL": self.url, "DJANGO_SETTINGS_MODULE": "config.settings",
            "LOG_LEVEL": "WARNING",
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None

    def clear(self) -> None:
        """An empty site; what takes long to make and is the same every time stays."""
        self.data.mkdir(parents=True, exist_ok=True)
        for left in self.data.iterdir():
            if left.name in KEPT:
                continue
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink()

    def run(self, *command: str | Path, **environ: str) -> str:
        """A command in the site's environment, to its end; answers what it said."""
        done = subprocess.run(
            [str(word) for word in command], cwd=ROOT, env=self.environ | environ, check=False, capture_output=True,
            text=True, timeout=300,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done.stdout

    def manage(self, *words: str) -> str:
        return self.run(sys.executable, ROOT / "manage.py", *words)

    def start(self) -> None:
        command = [sys.executable, str(ROOT / "manage.py"), "serve", "--no-demo", "--port", str(self.port)]
        with (self.data / "serve.log").open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 300
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"The site did not get ready:\n{self.logs()}")
            time.sleep(0.2)

    def _is_ready(self) -> bool:
        """The web answers and a worker was seen."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=20):
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def stop(self) -> list[int]:
        """Ask the supervisor to end; answers which of its children outlived it (and ends those, by id)."""
        if self.process is None:
            return []
        children = _children(self.process.pid)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
        left = [pid for pid, began in children.items() if _began(pid) == began]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        return left

    def logs(self) -> str:
        """The ends of what its processes wrote, for a failing test."""
        files = [self.data / "serve.log", *sorted((self.data / "logs").glob("*.log"))]
        return "\n".join(f"--- {path.name}\n{path.read_text()[-1500:]}" for path in files if path.exists())


def _children(pid: int) -> dict[int, str]:
    """Processes below `pid`, each with the moment it began: a number may be given to another process later."""
    found: dict[int, str] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        child = int(stat.parent.name)
        fields = _fields(child)
        if fields and int(fields[1]) == pid:
            found |= {child: fields[19]} | _children(child)
    return found


def _began(pid: int) -> str:
    fields = _fields(pid)
    return fields[19] if fields and fields[0] != "Z" else ""


def _fields(pid: int) -> list[str]:
    """Of /proc/<pid>/stat, from the state on: state, parent, …; empty when it has ended."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
