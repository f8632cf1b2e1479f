"""How a job changes state: the row, its event, the news and what its kind does on failure, in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from jobs import kinds
from jobs.models import Job, JobEvent, JobQuerySet
from push import channels

_ENDS = frozenset({Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED})
_TOLD = ("kind", "subject", "state", "stage", "progress", "error")


def move(job: Job, to: str, *, now: datetime, why: str = "", among: JobQuerySet | None = None, **facts: Any) -> bool:
    """Move `job` to `to` and set `facts`; false, and nothing written, if somebody else moved it first.

    `among` narrows further what the row must still be. What `on_failed` raises undoes the move.
    """
    before, worker = job.state, facts.get("worker", job.worker)
    if to != Job.State.RUNNING:
        facts["lease_until"] = None
    if to in _ENDS:
        facts["ended_at"] = now
    with transaction.atomic():
        if not (Job.objects.all() if among is None else among).advance(job, to, **facts):
            return False
        note(job, before, now=now, why=why, worker=worker)
        announce(job)
        if to == Job.State.FAILED and kinds.known(job.kind) and (then := kinds.get(job.kind).on_failed):
            then(job)
    return True


def note(job: Job, before: str, *, now: datetime, why: str = "", worker: str = "") -> None:
    JobEvent.objects.create(job=job, at=now, from_state=before, to_state=job.state, worker=worker, why=why[:200])


def announce(job: Job) -> None:
    """Tell whoever watches the job's channel how it stands."""
    if job.channel:
        channels.publish(job.channel, "job", {"job": job.pk, **{name: getattr(job, name) for name in _TOLD}})
