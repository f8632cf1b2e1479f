"""versitygw, an S3 server whose objects are plain files: built by Go into the cache, run on two folders."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

from servers.ground import cache_folder, say

VERSION = "v1.7.0"
PACKAGE = f"github.com/versity/versitygw/cmd/versitygw@{VERSION}"
KEYS = ("ROOT_ACCESS_KEY=lectures", "ROOT_SECRET_KEY=lectures-secret")  # of a server on loopback that holds nothing


def program() -> str | None:
    built = kept() / "versitygw"
    return str(built) if built.exists() else shutil.which("versitygw")


def kept() -> Path:
    return cache_folder() / f"versitygw-{VERSION}"


def fetch() -> None:
    """Once a machine: two minutes, 70 MB."""
    if program():
        return
    go = shutil.which("go")
    if go is None:
        say("versitygw: building it needs Go 1.25; the tests that want it are skipped.")
        return
    folder = kept()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if program():
            return
        say(f"versitygw, into {folder}")
        environ = os.environ | {"GOBIN": str(folder)}
        done = subprocess.run([go, "install", PACKAGE], check=False, env=environ, capture_output=True, text=True)
        if done.returncode:
            say(f"versitygw: could not be built ({done.stderr.strip()[-300:]}); the tests that want it are skipped.")


def configure(folder: Path) -> None:
    """An empty server: what an earlier run left would only be in the way."""
    for name in ("about", "buckets"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()


def command(server: str, folder: Path, port: int) -> list[str]:
    # --sidecar: what it knows of an object lies beside it, because not every file system keeps attributes
    return [
        "env", *KEYS, server, "--port", f"127.0.0.1:{port}", "--region", "us-east-1", "--quiet", "--keep-alive",
        "posix", "--sidecar", str(folder / "about"), str(folder / "buckets"),
    ]  # fmt: skip
