"""How an attempt at a job ends: done, failed, lost. What it may be tried again, and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from jobs.errors import JobError
from jobs.handle import held
from jobs.models import Job, JobQuerySet
from jobs.moves import move

MAX_LOSSES = 8
# After the first failure, the second …: when all are used up, the next is for good.
RETRY_AFTER = (timedelta(seconds=5), timedelta(seconds=30))
# Where something is away that comes back without us (a storage, room on a disk): three quarters of an hour.
PATIENTLY = (*RETRY_AFTER, timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30))


def finish(job: Job, *, now: datetime) -> bool:
    """Done; false if the job is not this attempt's any more."""
    return move(job, Job.State.DONE, now=now, among=held(job), progress=1000, furthest=1000, error="", error_params={})


def fail(job: Job, error: JobError, *, now: datetime) -> bool:
    """Count a failure: again a little later, or failed for good, at once if it is permanent."""
    if error.killed:
        return lose(job, now=now, among=held(job), why=error.code, error=error.code, error_params=error.params)
    failures, pauses = job.failures + 1, PATIENTLY if error.patient else RETRY_AFTER
    facts: dict[str, Any] = {"failures": failures, "error": error.code, "error_params": error.params}
    to = Job.State.FAILED
    if not error.permanent and failures <= len(pauses):
        to = Job.State.QUEUED
        facts |= {"not_before": now + pauses[failures - 1], "nudged_at": None}
    return move(job, to, now=now, why=error.code, among=held(job), **facts)


def lose(job: Job, *, now: datetime, among: JobQuerySet, why: str, **facts: Any) -> bool:
    """The worker vanished, or what worked for it was killed. Again, later each time; after eight losses without getting
    further it is given up: it may be the work itself that kills."""
    losses = job.losses + 1
    facts |= {"losses": losses}
    to = Job.State.FAILED
    if losses < MAX_LOSSES:
        to = Job.State.QUEUED
        facts |= {"not_before": now + back_off(losses), "nudged_at": None}
    else:
        facts |= {"error": "job_lost_too_often", "error_params": {"losses": losses}}
    return move(job, to, now=now, why=why, among=among, **facts)


def back_off(losses: int) -> timedelta:
    """0, 2, 6, 14 … 126 seconds: the first loss is hardly ever the job's fault."""
    return timedelta(seconds=2**losses - 2)
