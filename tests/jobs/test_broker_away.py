"""A broker that goes away under a worker: a real Redis, killed while a job is being done."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from celery import Celery
from redis import Redis
from redis.exceptions import ConnectionError as NoConnection

from jobs import kinds, queue
from jobs.models import Job
from tests.jobs.test_dying_workers import WORKER, process, until

SERVER = shutil.which("redis-server")
pytestmark = pytest.mark.skipif(SERVER is None, reason="no redis-server on this machine: script/services install")
Ask = Callable[[str], Job]


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def running(port: int) -> Iterator[Redis]:
    """A Redis that is killed at the end."""
    assert SERVER
    forgetful = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning")
    server = subprocess.Popen([SERVER, "--port", str(port), *forgetful])
    try:
        with closing(Redis(port=port)) as client:
            until(lambda: answers(client))
            yield client
    finally:
        server.kill()
        server.wait()


def answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except NoConnection:
        return False


@pytest.fixture
def ask(committed_db: None, tmp_path: Path, port: int) -> Ask:
    """A job that works until its folder holds `end`, and its message on that Redis."""
    kinds.register("test.slow", lambda job: None, queue=Job.Queue.INDEX)

    def enqueue(name: str) -> Job:
        folder = tmp_path / name
        folder.mkdir()
        job = queue.enqueue("test.slow", subject=f"thing:{name}", payload={"folder": str(folder), "tells": False})
        with Celery(broker=f"redis://127.0.0.1:{port}/0", set_as_current=False) as sender:
            sender.send_task("jobs.tasks.run_job", args=[job.pk], queue="index")
        return job

    return enqueue


def test_a_worker_whose_broker_was_away_when_its_job_ended_takes_the_next(ask: Ask, tmp_path: Path, port: int) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    with process(*WORKER, CELERY_BROKER_URL=f"redis://127.0.0.1:{port}/0"):
        with running(port) as broker:
            ask("first")
            until((first / "begun").exists)
            assert broker.hlen("unacked") == 0  # what waits for its acknowledgement may wait for ever
        (first / "end").touch()
        until(lambda: not Job.objects.active().exists())
        with running(port):
            ask("second")
            until((second / "begun").exists)
            (second / "end").touch()
            until(lambda: not Job.objects.active().exists())
