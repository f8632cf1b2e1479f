"""Putting work in, taking it out, trying it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from audit import request_id, trail
from jobs import kinds, ranks
from jobs.models import Job
from jobs.moves import announce, move, note
from jobs.nudges import nudge


def enqueue(
    kind: str,
    *,
    subject: str,
    payload: dict[str, Any] | None = None,
    channel: str = "",
    requested_by: Model | None = None,
    cost: float = 0.0,
    room: int = 0,
    now: datetime | None = None,
) -> Job:
    """A job of `kind` for `subject`, in the caller's transaction. Answers the active one if there already is one.

    cost: seconds it is expected to take, for its rank. room: bytes of scratch it needs at most.
    An active one may have begun before what the caller just wrote: a kind for which this matters must look again at
    its end.
    """
    now = now or timezone.now()
    for _ in range(3):  # between our look and our insert another's may appear, and between the next two it may end
        if active := Job.objects.active().filter(kind=kind, subject=subject).first():
            return active
        job = Job(
            kind=kind, subject=subject, payload=payload or {}, queue=kinds.get(kind).queue, channel=channel,
            rank=ranks.rank(now, cost), room=room, not_before=now, nudged_at=now, created_at=now,
            request_id=request_id.current.get(), requested_by_id=requested_by.pk if requested_by else None,
        )  # fmt: skip
        if _insert(job, now):
            return job
    raise RuntimeError(f"Jobs of {kind} for {subject} come and go too fast.")


def _insert(job: Job, now: datetime) -> bool:
    """The unique constraint decides between two that ask at once."""
    try:
        with transaction.atomic():
            job.save(force_insert=True)
            note(job, "", now=now)
            announce(job)
    except IntegrityError:
        if Job.objects.active().filter(kind=job.kind, subject=job.subject).exists():
            return False
        raise
    nudge(job)
    return True


def cancel(subject: str, *, now: datetime | None = None) -> int:
    """Stop all active work on `subject` and its parts; what runs notices at its next sign of progress. Answers how
    much there was."""
    now = now or timezone.now()
    with transaction.atomic():
        active = Job.objects.active().about(subject).order_by("pk").select_for_update()
        return sum(move(job, Job.State.CANCELLED, now=now, why="cancelled") for job in active)


def retry(job: Job, *, by: Model | None, now: datetime | None = None) -> bool:
    """Give a failed job another round of attempts; false if it is not failed, another is at it already, or its kind
    says that there is nothing to try again."""
    if job.state != Job.State.FAILED:
        return False
    now = now or timezone.now()
    afresh: dict[str, Any] = {
        "failures": 0, "losses": 0, "furthest": 0, "progress": 0, "stage": "", "error": "", "error_params": {},
        "not_before": now, "nudged_at": now, "ended_at": None,
    }  # fmt: skip
    try:
        with transaction.atomic():
            if not move(job, Job.State.QUEUED, now=now, why="tried again", **afresh):
                return False
            if kinds.known(job.kind) and (also := kinds.get(job.kind).on_retry) and not also(job):
                raise _NothingToRetry
            trail.record("job retried", job, by=by, now=now)
    except (IntegrityError, _NothingToRetry):  # the unique constraint: a newer job is at the same work
        job.refresh_from_db()
        return False
    nudge(job)
    return True


class _NothingToRetry(Exception):
    """Undoes the move."""


def ahead_of(job: Job) -> int:
    """How many other things its queue works on before a queued one; 0 for any other. Parts of one thing count once."""
    if job.state != Job.State.QUEUED:
        return 0
    running = Job.objects.filter(queue=job.queue, state=Job.State.RUNNING)
    before = [*running.values_list("subject", flat=True), *Job.objects.before(job).values_list("subject", flat=True)]
    return len({_whole(subject) for subject in before} - {_whole(job.subject)})


def _whole(subject: str) -> str:
    return subject.partition("/")[0]
