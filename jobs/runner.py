"""Doing one job: claim it by lease, keep it alive by heartbeat, finish it only if it is still ours."""

from __future__ import annotations

import logging
import os
import socket
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from audit import request_id
from jobs import handle as handles
from jobs import kinds, scratch
from jobs.errors import JobError, LeaseLost, Stopping
from jobs.handle import JobHandle
from jobs.heartbeat import Heartbeat, give_back
from jobs.models import Job
from jobs.moves import move

__all__ = ["JobHandle", "claim", "fail", "finish", "run", "run_due", "worker_name"]

logger = logging.getLogger(__name__)

MAX_FAILURES = 3
RETRY_AFTER = (timedelta(seconds=5), timedelta(seconds=30))  # after the first failure, after the second


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def run(job_id: int, *, worker: str = "") -> bool:
    """Claim and do one job, whatever its end; false if it was not there to be claimed."""
    job = claim(job_id, worker=worker or worker_name(), now=timezone.now())
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


def run_due(limit: int = 1000) -> int:
    """Do all jobs that are due, here, one after another; answers how many. For commands and tests."""
    done = 0
    while done < limit:
        due = Job.objects.filter(state=Job.State.QUEUED, not_before__lte=timezone.now(), kind__in=kinds.names())
        first = due.order_by("pk").first()
        if first is None or handles.stopping.is_set():
            break
        done += run(first.pk)  # another process may have been quicker
    return done


def claim(job_id: int, *, worker: str, now: datetime) -> Job | None:
    """Take the job if it is due and nobody holds it, by one conditional UPDATE. None also while told to stop."""
    job = Job.objects.filter(pk=job_id, state=Job.State.QUEUED, not_before__lte=now).first()
    if job is None or not kinds.known(job.kind) or handles.stopping.is_set():
        return None
    claimed = move(
        job, Job.State.RUNNING, now=now, attempt=job.attempt + 1, worker=worker, lease_until=now + handles.LEASE,
        started_at=now, progress=0, stage="",
    )  # fmt: skip
    return job if claimed else None


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


def finish(job: Job, *, now: datetime) -> bool:
    """Done; false if the job is not this attempt's any more."""
    return move(
        job, Job.State.DONE, now=now, among=handles.held(job), progress=1000, furthest=1000, error="", error_params={}
    )


def fail(job: Job, error: JobError, *, now: datetime) -> bool:
    """Count a failure: again a little later, or failed for good after three, or at once if it is permanent."""
    failures = job.failures + 1
    facts: dict[str, Any] = {"failures": failures, "error": error.code, "error_params": error.params}
    to = Job.State.FAILED
    if not error.permanent and failures < MAX_FAILURES:
        to = Job.State.QUEUED
        facts |= {"not_before": now + RETRY_AFTER[failures - 1], "nudged_at": None}
    return move(job, to, now=now, why=error.code, among=handles.held(job), **facts)
