"""Jobs and the workers that do them."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class JobQuerySet(models.QuerySet["Job"]):
    def active(self) -> JobQuerySet:
        return self.filter(state__in=Job.ACTIVE)

    def about(self, *subjects: str) -> JobQuerySet:
        """Of these subjects and of their parts."""
        parts = [Q(subject__startswith=f"{subject}/") for subject in subjects]
        return self.filter(reduce(or_, parts, Q(subject__in=subjects)))

    def before(self, job: Job) -> JobQuerySet:
        """Queued in the same queue, and better placed."""
        better = Q(rank__lt=job.rank) | Q(rank=job.rank, pk__lt=job.pk)
        return self.filter(better, queue=job.queue, state=Job.State.QUEUED)

    def advance(self, job: Job, to: str, **facts: Any) -> bool:
        """Move `job` to `to` unless another worker moved it first; say whether we did."""
        if to not in Job.NEXT[job.state]:
            raise ValueError(f"A job cannot go from {job.state} to {to}.")
        moved = self.filter(pk=job.pk, state=job.state, attempt=job.attempt).update(state=to, **facts) == 1
        if moved:
            job.state = to
            for name, value in facts.items():
                setattr(job, name, value)
        return moved


class Job(models.Model):
    """One piece of work. The row is the truth: a lost, doubled or late message changes nothing.

    `attempt` counts claims, so that a worker that lost its lease cannot finish for the one that took over.
    `failures` (the work raised) and `losses` (the worker vanished) are counted apart: they mean different things.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        State.QUEUED: frozenset({State.RUNNING, State.CANCELLED}),
        State.RUNNING: frozenset({State.QUEUED, State.DONE, State.FAILED, State.CANCELLED}),
        State.DONE: frozenset(),
        State.FAILED: frozenset({State.QUEUED}),
        State.CANCELLED: frozenset(),
    }
    ACTIVE: ClassVar[tuple[str, ...]] = (State.QUEUED, State.RUNNING)

    class Queue(models.TextChoices):
        FAST = "fast"
        ENCODE = "encode"
        INDEX = "index"

    kind = models.CharField(max_length=64)
    # What it works on, as `asset:17`, or `asset:17/3` for a part of it: one active job a kind and subject.
    subject = models.CharField(max_length=64, db_index=True)
    payload = models.JSONField(default=dict)
    queue = models.CharField(max_length=16, choices=Queue.choices, default=Queue.FAST)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    rank = models.DateTimeField()  # which of those that are due comes first: jobs.ranks
    room = models.BigIntegerField(default=0)  # bytes of scratch it needs; not begun where they are not to be had
    waits = models.CharField(max_length=64, blank=True)  # why it has not begun though it is due; a code of ui.sentences
    failures = models.PositiveSmallIntegerField(default=0)
    losses = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    nudged_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=96, blank=True)
    lease_until = models.DateTimeField(null=True)
    stage = models.CharField(max_length=32, blank=True)
    progress = models.PositiveSmallIntegerField(default=0)  # of 1000, of this attempt
    furthest = models.PositiveSmallIntegerField(default=0)  # what any attempt reached: getting further forgets losses
    channel = models.CharField(max_length=64, blank=True)  # where its progress is published
    error = models.CharField(max_length=64, blank=True)  # a code of ui.sentences
    error_params = models.JSONField(default=dict)
    request_id = models.CharField(max_length=32, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(state__in=("queued", "running")), name="job_one_active"
            ),
            models.CheckConstraint(
                condition=Q(state="running", lease_until__isnull=False)
                | (~Q(state="running") & Q(lease_until__isnull=True)),
                name="job_running_has_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "queue", "not_before"], name="job_to_do"),
            models.Index(fields=["queue", "rank"], condition=Q(state="queued"), name="job_next"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class JobEvent(models.Model):
    """One move of a job. Append-only."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16)
    worker = models.CharField(max_length=96, blank=True)
    why = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class Worker(models.Model):
    """A worker process that is or was there; `seen_at` is its heartbeat, also while it has nothing to do."""

    name = models.CharField(max_length=96, unique=True)
    queues = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)  # what it says of itself and its machine: jobs.workers
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
