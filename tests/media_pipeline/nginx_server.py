"""A real nginx with the configuration that docker-compose.yml gives it, on a free port, in front of our own doors."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from tests.media_pipeline.serving import Served

DOCKER = Path(__file__).resolve().parents[2] / "docker"


def program() -> str:
    found = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if found is None:
        pytest.skip("no nginx on this machine: script/services install brings one")
    return found


@contextmanager
def in_front_of(doors: Served, *, media: str, port: int, folder: Path, **filled: str) -> Iterator[Served]:
    """`media`: from-disk or from-s3. `filled` stands for ${NAME} in it, as the container's start does it."""
    nginx = program()
    (folder / "media.conf").write_text(_filled((DOCKER / f"media-{media}.conf").read_text(), folder, filled))
    conf = (DOCKER / "nginx.conf.template").read_text()
    for ours, theirs in (
        ("/etc/nginx/media.conf", str(folder / "media.conf")), ("listen 80 ", f"listen 127.0.0.1:{port} "),
        ("web:8000", f"127.0.0.1:{doors.port}"), ("doors:8001", f"127.0.0.1:{doors.port}"),
        ("/dev/stdout", str(folder / "access.log")), ("/dev/stderr", str(folder / "error.log")),
    ):  # fmt: skip
        assert ours in conf, ours
        conf = conf.replace(ours, theirs)
    temporary = "".join(
        f"{kind}_temp_path {folder}/temp-{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = conf.replace("http {", f"http {{ {temporary}", 1)
    (folder / "nginx.conf").write_text(conf)
    user = "user root; " if os.geteuid() == 0 else ""  # of the folders of this test
    command = [
        nginx,
        "-c",
        str(folder / "nginx.conf"),
        "-g",
        f"{user}daemon off; pid {folder}/pid; error_log {folder}/start.log;",
    ]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _await(process, port)
        yield Served(port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        if process.stderr:
            process.stderr.close()


def _filled(text: str, folder: Path, filled: dict[str, str]) -> str:
    for name, value in {"MEDIA_SIGNING_KEY": settings.MEDIA_SIGNING_KEY, **filled}.items():
        text = text.replace(f"${{{name}}}", value)
    assert "${" not in text
    return text.replace("/data/", f"{folder}/")


def _await(process: subprocess.Popen[str], port: int) -> None:
    for _ in range(1200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    process.kill()
    raise AssertionError(process.stderr.read() if process.stderr else "nginx did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
