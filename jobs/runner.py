"""Doing one job: claim it by lease, keep it alive by heartbeat, finish it only if it is still ours."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from audit import request_id
from jobs import kinds, queue
from jobs.errors import JobError, LeaseLost, Stopping
from jobs.models import Job

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=25)
HEARTBEAT = 8.0  # seconds: three can go wrong before the lease is lost
PUBLISH_EVERY = 1.0
MAX_FAILURES = 3
RETRY_AFTER = (timedelta(seconds=5), timedelta(seconds=30))
# Set when this process is told to stop; the running handler learns of it at its next sign of progress.
stopping = threading.Event()


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


class JobHandle:
    """What a handler holds of its job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.attempt = job.attempt
        self.scratch = scratch_of(job, job.attempt)
        self._lost = threading.Event()
        self._published = 0.0

    @property
    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = self.job.payload
        return payload

    def still_mine(self) -> bool:
        """Whether the lease is ours. Asks the row; the heartbeat's answer is used if it already knows better."""
        return not self._lost.is_set() and _mine(self.job).exists()

    def insist(self) -> None:
        """Raise LeaseLost unless the job is still ours. Call it inside the transaction that makes work visible."""
        if not self.still_mine():
            raise LeaseLost

    def progress(self, permille: int, stage: str = "") -> None:
        """Say how far the work is, at most once a second unless the stage changes. Raises LeaseLost when it must stop.

        Getting further also forgets earlier losses: a job that moves is not one that kills its workers.
        """
        if stopping.is_set():
            raise Stopping
        if self._lost.is_set():
            raise LeaseLost
        stage = stage or self.job.stage
        if stage == self.job.stage and time.monotonic() - self._published < PUBLISH_EVERY:
            return
        self._published = time.monotonic()
        further = permille > self.job.progress
        facts: dict[str, Any] = {"progress": max(0, min(permille, 1000)), "stage": stage}
        if further:
            facts["losses"] = 0
        with transaction.atomic():
            if not _mine(self.job).update(**facts):
                self._lost.set()
                raise LeaseLost
            for name, value in facts.items():
                setattr(self.job, name, value)
            queue.publish(self.job)

    def lose(self) -> None:
        self._lost.set()


def scratch_of(job: Job, attempt: int) -> Path:
    return Path(settings.SCRATCH_DIR) / f"job-{job.pk}" / str(attempt)


def _mine(job: Job) -> Any:
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempt=job.attempt, worker=job.worker)


def claim(job_id: int, *, worker: str, now: datetime) -> Job | None:
    """Take the job if it is due and nobody holds it, by one conditional UPDATE."""
    with transaction.atomic():
        job = Job.objects.filter(pk=job_id).first()
        if job is None or not kinds.known(job.kind):
            return None
        due = Job.objects.filter(pk=job_id, state=Job.State.QUEUED, attempt=job.attempt, not_before__lte=now)
        claimed = due.update(
            state=Job.State.RUNNING, attempt=job.attempt + 1, worker=worker, lease_until=now + LEASE,
            started_at=job.started_at or now,
        )  # fmt: skip
        if not claimed:
            return None
        job.refresh_from_db()
        queue.note(job, Job.State.QUEUED, Job.State.RUNNING, now=now, worker=worker)
        queue.publish(job)
    return job


def run(job_id: int, *, worker: str = "") -> bool:
    """Claim and do one job to its end; false if it was not there to be claimed."""
    job = claim(job_id, worker=worker or worker_name(), now=timezone.now())
    if job is None:
        return False
    token = request_id.current.set(job.request_id)
    handle = JobHandle(job)
    handle.scratch.mkdir(parents=True, exist_ok=True)
    beating = Heartbeat(handle)
    beating.start()
    try:
        _do(handle)
    finally:
        beating.stop()
        shutil.rmtree(handle.scratch.parent, ignore_errors=True)
        request_id.current.reset(token)
    return True


def _do(handle: JobHandle) -> None:
    job = handle.job
    try:
        kinds.get(job.kind).handler(handle)
    except Stopping:
        give_back(job, now=timezone.now())
    except LeaseLost:
        logger.info("job given up", extra={"job": job.pk, "kind": job.kind})
    except JobError as error:
        logger.warning(
            "job failed", extra={"job": job.pk, "kind": job.kind, "code": error.code, "params": error.params}
        )
        fail(job, error, now=timezone.now())
    except Exception as error:  # whatever a handler raises, the row must say so
        logger.exception("job failed", extra={"job": job.pk, "kind": job.kind})
        fail(job, JobError("job_broke", kind=type(error).__name__), now=timezone.now())
    else:
        finish(job, now=timezone.now())


def finish(job: Job, *, now: datetime) -> bool:
    with transaction.atomic():
        if not _mine(job).update(state=Job.State.DONE, lease_until=None, ended_at=now, progress=1000, error=""):
            return False
        job.refresh_from_db()
        queue.note(job, Job.State.RUNNING, Job.State.DONE, now=now, worker=job.worker)
        queue.publish(job)
    return True


def fail(job: Job, error: JobError, *, now: datetime) -> bool:
    """Count a failure: later again, or for good after three, or at once if it is permanent."""
    failures = job.failures + 1
    for_good = error.permanent or failures >= MAX_FAILURES
    after = Job.State.FAILED if for_good else Job.State.QUEUED
    facts: dict[str, Any] = {"failures": failures, "error": error.code, "error_params": error.params}
    if for_good:
        facts["ended_at"] = now
    else:
        facts["not_before"] = now + RETRY_AFTER[failures - 1]
    with transaction.atomic():
        if not _mine(job).update(state=after, lease_until=None, **facts):
            return False
        job.refresh_from_db()
        queue.note(job, Job.State.RUNNING, after, now=now, worker=job.worker, why=error.code)
        queue.publish(job)
        _on_failed(job)
    return True


def _on_failed(job: Job) -> None:
    if job.state == Job.State.FAILED and kinds.known(job.kind) and (then := kinds.get(job.kind).on_failed):
        then(job)


def give_back(job: Job, *, now: datetime) -> bool:
    """The worker is told to stop: the job goes back at once and counts neither as failed nor as lost."""
    with transaction.atomic():
        if not _mine(job).update(state=Job.State.QUEUED, lease_until=None, not_before=now):
            return False
        job.refresh_from_db()
        queue.note(job, Job.State.RUNNING, Job.State.QUEUED, now=now, worker=job.worker, why="worker stopped")
        queue.publish(job)
    queue.nudge(job)
    return True


def run_due(limit: int = 1000) -> int:
    """Do all jobs that are due, here, one after another; answers how many. For commands and tests."""
    done = 0
    while done < limit:
        due = Job.objects.filter(Q(state=Job.State.QUEUED), not_before__lte=timezone.now()).order_by("pk").first()
        if due is None or not run(due.pk):
            return done
        done += 1
    return done


class Heartbeat(threading.Thread):
    """Renews the lease of one running job, on a connection of its own, while its handler works."""

    def __init__(self, handle: JobHandle) -> None:
        super().__init__(name=f"heartbeat-{handle.job.pk}", daemon=True)
        self.handle = handle
        self.over = threading.Event()

    def run(self) -> None:
        try:
            while not self.over.wait(HEARTBEAT):
                if not self._renew():
                    self.handle.lose()
                    return
        finally:
            connection.close()

    def _renew(self) -> bool:
        try:
            return bool(_mine(self.handle.job).update(lease_until=timezone.now() + LEASE))
        except OperationalError:  # the database is busy or away for a moment; the next beat tries again
            logger.warning("heartbeat missed", extra={"job": self.handle.job.pk})
            connection.close()
            return True

    def stop(self) -> None:
        self.over.set()
        self.join(timeout=5)
