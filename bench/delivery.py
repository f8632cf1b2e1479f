"""What media cost through our own door: CPU of its process for a GB and for a small range, from disk and from S3.

    script/bench delivery [--json FILE] [--megabytes 1024]

The S3 server is that of script/services (TEST_S3_ENDPOINT); without it only the disk is measured. The server's own CPU
and the client's are not counted. For comparison: the same ranges by boto3, which the door could have used. A ratio is
S3 over disk; walls are not judged.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.test import override_settings  # noqa: E402

from media_pipeline import delivery, storage  # noqa: E402
from tests.media_pipeline import s3_server  # noqa: E402
from tests.media_pipeline.delivery_contract import address  # noqa: E402

FILE = "packages/Asset12345/Pack123456/big.mp4"
MIB = 1024 * 1024
SIZE = 128 * MIB
SMALL, SMALLS = "bytes=1000000-1000999", 1500
TICKS = os.sysconf("SC_CLK_TCK")
fork = multiprocessing.get_context("fork")


def cpu_of(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / TICKS


@contextmanager
def door() -> Iterator[tuple[int, int]]:
    """The door in a process of its own: its id and its port."""
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        config = uvicorn.Config(delivery.app, lifespan="off", ws="none", log_level="critical", access_log=False)
        process = fork.Process(target=uvicorn.Server(config).run, kwargs={"sockets": [listening]})
        process.start()
        assert process.pid
        ask(port, SMALL)  # what is done once is not counted
        yield process.pid, port
        process.kill()
        process.join()


def ask(port: int, asked: str = "") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", address("big.mp4"), headers={"range": asked} if asked else {})
    answer, buffer, got = connection.getresponse(), bytearray(MIB), 0
    while block := answer.readinto(buffer):
        got += block
    connection.close()
    return got


def measure(megabytes: int) -> dict[str, float]:
    with door() as (pid, port):
        before = cpu_of(pid)
        got = sum(ask(port) for _ in range(max(1, megabytes * MIB // SIZE)))
        whole = cpu_of(pid) - before
        before = cpu_of(pid)
        for _ in range(SMALLS):
            assert ask(port, SMALL) == 1000
        small = cpu_of(pid) - before
    return {"cpu_s_per_gb": whole / (got / 1024**3), "cpu_ms_per_small_range": small / SMALLS * 1000}


def by_boto(engine: Any) -> dict[str, float]:
    client, place = engine._clients.quick, engine._place(FILE)
    client.get_object(**place, Range=SMALL)["Body"].read()
    begun = time.process_time()
    for _ in range(SMALLS):
        client.get_object(**place, Range=SMALL)["Body"].read()
    return {"cpu_ms_per_small_range": (time.process_time() - begun) / SMALLS * 1000}


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/bench delivery", description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--megabytes", type=int, default=1024)
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        (folder / "big").write_bytes(os.urandom(SIZE))

        def run(what: str, url: str, work: Callable[[Any], dict[str, float]]) -> None:
            keys = {"STORAGE_ACCESS_KEY": s3_server.KEYS.access, "STORAGE_SECRET_KEY": s3_server.KEYS.secret}
            with override_settings(STORAGE_URL=url, SCRATCH_DIR=folder / "scratch", **keys):
                if not storage.default().exists(FILE):
                    storage.default().put_file(FILE, folder / "big")
                figures[what] = {key: round(value, 3) for key, value in work(storage.default()).items()}

        run("disk", f"file://{folder / 'media'}", lambda engine: measure(options.megabytes))
        if s3_server.ENDPOINT:
            url, _engine = stack.enter_context(s3_server.fresh(folder))
            run("s3", url, lambda engine: measure(options.megabytes))
            run("boto3", url, by_boto)
            figures["ratio"] = {key: round(figures["s3"][key] / figures["disk"][key], 2) for key in figures["disk"]}
    print(json.dumps(figures, indent=2))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
