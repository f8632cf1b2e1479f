"""Workers that are killed or told to stop in the middle of a job: real processes, real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from jobs import kinds, queue, runner, scratch, sweeping, workers
from jobs.handle import LEASE, JobHandle
from jobs.models import Job

WORKER = (
    "celery", "--app", "tests.jobs.worker_process", "--quiet", "worker", "--pool", "solo", "--queues", "index",
    "--without-gossip", "--without-mingle", "--loglevel", "WARNING",
)  # fmt: skip


def database_url() -> str:
    facts = settings.DATABASES["default"]
    if facts["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{facts['NAME']}"
    return f"postgresql://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"


@contextmanager
def process(*words: str, **told: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m words…` on this test's database, killed at the end if it still runs. `told`: by its environment."""
    ours = {"TEST_DATABASE_URL": database_url(), "TEST_DATA_DIR": str(settings.DATA_DIR)}
    environment = os.environ | ours | told
    running = subprocess.Popen([sys.executable, "-m", *words], cwd=settings.BASE_DIR, env=environment)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def until(holds: Callable[[], Any]) -> None:
    for _ in range(2000):  # a worker takes seconds to start, many on a busy machine
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to hold")


@pytest.fixture
def begun(committed_db: None, tmp_path: Path) -> Callable[[bool], Job]:
    """A job that leaves `tmp_path/begun` when a worker has it."""
    kinds.register("test.slow", lambda job: None, queue=Job.Queue.INDEX)

    def enqueue(tells: bool) -> Job:
        return queue.enqueue("test.slow", subject="thing:1", payload={"folder": str(tmp_path), "tells": tells})

    return enqueue


def test_a_killed_workers_job_is_taken_up_again_and_done_once(begun: Any, tmp_path: Path) -> None:
    job = begun(True)
    with process("tests.jobs.worker_process", str(job.pk), str(tmp_path)) as worker:
        until((tmp_path / "begun").exists)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    job.refresh_from_db()
    left_behind = scratch.folder_of(job)
    assert (job.state, job.worker, left_behind.exists()) == ("running", "doomed", True)

    sweeping.sweep(timezone.now())
    job.refresh_from_db()
    assert job.state == "running"  # its lease still holds: nobody may say that it is dead

    done: list[int] = []

    def note(handle: JobHandle) -> None:
        done.append(handle.attempt)

    kinds.register("test.slow", note, queue=Job.Queue.INDEX)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - LEASE)
    sweeping.sweep(timezone.now())
    while runner.run_due():
        pass

    job.refresh_from_db()
    assert (job.state, job.losses, job.failures, done) == ("done", 1, 0, [2])
    assert [event.to_state for event in job.events.order_by("pk")] == [
        "queued", "running", "queued", "running", "done",
    ]  # fmt: skip
    sweeping.sweep(timezone.now())
    assert not left_behind.exists()


def test_a_worker_told_to_stop_gives_its_job_back_at_once(begun: Any, tmp_path: Path) -> None:
    """Although its handler never looks up: it is the heartbeat that gives back."""
    job = begun(False)  # its message goes through the real broker
    with process(*WORKER) as worker:
        until((tmp_path / "begun").exists)
        until(lambda: workers.alive(timezone.now()))
        worker.send_signal(signal.SIGTERM)
        until(lambda: Job.objects.get(pk=job.pk).state == "queued")
        (tmp_path / "end").touch()
        assert worker.wait(timeout=60) == 0

    job.refresh_from_db()
    assert (job.state, job.attempt, job.losses, job.failures) == ("queued", 1, 0, 0)
    assert job.events.latest("pk").why == "worker stopped"
    assert [alive.queues for alive in workers.alive(timezone.now() + timedelta(seconds=1))] == ["index"]
