"""Putting work in, taking it out, trying it again. The only place that talks to Celery."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from audit import request_id, trail
from jobs import kinds
from jobs.models import Job, JobEvent
from push import channels

# A message older than this is taken for lost and sent again by the sweep.
NUDGE_AGAIN_AFTER = timedelta(seconds=30)


def enqueue(
    kind: str,
    *,
    subject: str,
    payload: dict[str, Any] | None = None,
    channel: str = "",
    requested_by: Model | None = None,
    now: datetime | None = None,
) -> Job:
    """A job of `kind` for `subject`, in the caller's transaction. Answers the active one if there already is one."""
    now = now or timezone.now()
    with transaction.atomic():
        # The unique constraint decides between two that ask at once; ignore_conflicts lets the second find the first's.
        Job.objects.bulk_create(
            [
                Job(
                    kind=kind, subject=subject, payload=payload or {}, queue=kinds.get(kind).queue, not_before=now,
                    channel=channel, request_id=request_id.current.get(), created_at=now, nudged_at=now,
                    requested_by_id=requested_by.pk if requested_by else None,
                )
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        job = Job.objects.active().get(kind=kind, subject=subject)
        if not job.events.exists():
            note(job, "", Job.State.QUEUED, now=now)
            publish(job)
    nudge(job)
    return job


def nudge(job: Job) -> None:
    """Tell a worker, once the transaction is through. The row counts; the message may be lost, doubled or late."""
    transaction.on_commit(
        lambda: current_app.send_task("jobs.tasks.run_job", args=[job.pk], queue=job.queue), robust=True
    )


def cancel(subject: str, *, now: datetime | None = None) -> int:
    """Stop all active work on `subject`; what runs notices at its next sign of progress. Answers how much there was."""
    now = now or timezone.now()
    with transaction.atomic():
        stopped = 0
        for job in Job.objects.active().filter(subject=subject):
            before = job.state
            if Job.objects.advance(job, Job.State.CANCELLED, lease_until=None, ended_at=now):
                note(job, before, Job.State.CANCELLED, now=now)
                publish(job)
                stopped += 1
    return stopped


def retry(job: Job, *, by: Model | None, now: datetime | None = None) -> bool:
    """Give a failed job another round of attempts; false if it is not failed, or another is at it already."""
    now = now or timezone.now()
    with transaction.atomic():
        if job.state != Job.State.FAILED or Job.objects.active().filter(kind=job.kind, subject=job.subject).exists():
            return False
        facts = {"failures": 0, "losses": 0, "not_before": now, "nudged_at": now, "ended_at": None, "error": ""}
        if not Job.objects.advance(job, Job.State.QUEUED, error_params={}, progress=0, stage="", **facts):
            return False
        note(job, Job.State.FAILED, Job.State.QUEUED, now=now, why="retry")
        trail.record("job retried", job, by=by, now=now)
        publish(job)
    nudge(job)
    return True


def ahead_of(job: Job) -> int:
    """How many jobs of its queue come before a queued one; 0 for any other."""
    if job.state != Job.State.QUEUED:
        return 0
    running = Job.objects.filter(queue=job.queue, state=Job.State.RUNNING).count()
    return running + Job.objects.filter(queue=job.queue, state=Job.State.QUEUED, pk__lt=job.pk).count()


def note(job: Job, before: str, after: str, *, now: datetime, why: str = "", worker: str = "") -> None:
    JobEvent.objects.create(job=job, at=now, from_state=before, to_state=after, worker=worker, why=why[:200])


def publish(job: Job) -> None:
    """Tell whoever watches the job's channel how it stands."""
    if job.channel:
        names = ("kind", "subject", "state", "stage", "progress", "error")
        channels.publish(job.channel, "job", {"job": job.pk, **{name: getattr(job, name) for name in names}})
