"""Doing one job: claim it by lease, keep it alive by heartbeat, finish it only if it is still ours."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime

from django.db import connection
from django.utils import timezone

from audit import request_id
from jobs import handle as handles
from jobs import kinds, room, scratch
from jobs.errors import JobError, LeaseLost, Stopping
from jobs.handle import JobHandle
from jobs.heartbeat import Heartbeat, give_back
from jobs.models import Job, JobQuerySet
from jobs.moves import move
from jobs.outcomes import fail, finish

__all__ = ["JobHandle", "claim", "claim_next", "fail", "finish", "run", "run_due", "run_next", "worker_name"]

logger = logging.getLogger(__name__)


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def run(job_id: int, *, worker: str = "") -> bool:
    """Claim and do this very job, whatever its end; false if it was not there to be claimed."""
    return _run(claim(job_id, worker=worker or worker_name(), now=timezone.now()))


def run_next(queue: str, *, worker: str = "") -> bool:
    """Claim and do the job of `queue` whose turn it is; false if there is none for this machine."""
    return _run(claim_next([queue], worker=worker or worker_name(), now=timezone.now()))


def run_due(limit: int = 1000) -> int:
    """Do all jobs that are due, here, one after another; answers how many. For commands and tests."""
    done = 0
    while done < limit and _run(claim_next(Job.Queue.values, worker=worker_name(), now=timezone.now())):
        done += 1
    return done


def claim(job_id: int, *, worker: str, now: datetime) -> Job | None:
    """Take the job if it is due and nobody holds it, by one conditional UPDATE. None also while told to stop."""
    job = _due(now).filter(pk=job_id).first()
    return job if job is not None and _take(job, worker=worker, now=now) else None


def claim_next(queues: Sequence[str], *, worker: str, now: datetime) -> Job | None:
    """Take the best of what is due in `queues` and has room here; whoever was quicker sends us to the next best."""
    while True:
        job = room.first_that_fits(_due(now).filter(queue__in=queues).order_by("rank", "pk"), worker=worker, now=now)
        if job is None or _take(job, worker=worker, now=now):
            return job


def _due(now: datetime) -> JobQuerySet:
    if handles.stopping.is_set():
        return Job.objects.none()
    return Job.objects.filter(state=Job.State.QUEUED, not_before__lte=now, kind__in=kinds.names())


def _take(job: Job, *, worker: str, now: datetime) -> bool:
    return move(
        job, Job.State.RUNNING, now=now, attempt=job.attempt + 1, worker=worker, lease_until=now + handles.LEASE,
        started_at=now, progress=0, stage="", waits="",
    )  # fmt: skip


def _run(job: Job | None) -> bool:
    if job is None:
        return False
    token = request_id.current.set(job.request_id)
    handle = JobHandle(job)
    try:
        # Inside a transaction nobody else sees the row: nothing to keep alive, and a second connection would only wait.
        with nullcontext() if connection.in_atomic_block else Heartbeat(handle):
            _do(handle)
    finally:
        scratch.remove(handle.scratch)
        request_id.current.reset(token)
    return True


def _do(handle: JobHandle) -> None:
    job = handle.job
    about = {"job": job.pk, "kind": job.kind, "attempt": job.attempt}
    try:
        handle.scratch.mkdir(parents=True, exist_ok=True)
        kinds.get(job.kind).handler(handle)
    except Stopping:
        give_back(job, attempt=handle.attempt)  # if the heartbeat has not done so
    except LeaseLost:
        logger.info("job given up", extra=about)
    except JobError as error:
        logger.warning("job failed", extra={**about, "code": error.code, "params": error.params})
        fail(job, error, now=timezone.now())
    except Exception as error:  # whatever a handler raises, the row must say so
        logger.exception("job failed", extra=about)
        fail(job, JobError("job_broke", kind=type(error).__name__), now=timezone.now())
    else:
        if not finish(job, now=timezone.now()):
            logger.info("job ended too late", extra=about)
