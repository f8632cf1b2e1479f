"""What a handler holds of its job: what to do, where to write, how to say how far it is."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jobs import scratch
from jobs.errors import LeaseLost, Stopping
from jobs.models import Job, JobQuerySet
from jobs.moves import announce

LEASE = timedelta(seconds=settings.JOB_LEASE_SECONDS)
SAVE_EVERY = 1.0  # seconds
STRIDE = 50  # of 1000: so much further than any attempt before is a sign that it is not the job that kills its workers
# Set when this process is told to stop.
stopping = threading.Event()


def held(job: Job) -> JobQuerySet:
    """The job's row, if the attempt in hand still has it."""
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempt=job.attempt, worker=job.worker)


class JobHandle:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.attempt = job.attempt
        self.scratch = scratch.folder_of(job)
        self._lost = threading.Event()
        self._reached_before = job.furthest
        self._saved_at = 0.0

    @property
    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = self.job.payload
        return payload

    def still_mine(self) -> bool:
        """True, or raises LeaseLost: the job was cancelled or taken over, or this worker is told to stop."""
        if stopping.is_set():
            raise Stopping
        if self._lost.is_set() or not held(self.job).exists():
            self.lose()
            raise LeaseLost
        return True

    def insist(self) -> None:
        """Raise LeaseLost unless the job is ours, and keep it so until the caller's transaction ends.

        Call it first in the transaction that makes work visible: it writes the row, so that nobody can take the job
        over between this question and the commit.
        """
        if self._lost.is_set() or not held(self.job).update(lease_until=timezone.now() + LEASE):
            self.lose()
            raise LeaseLost

    def progress(self, permille: int, stage: str = "") -> None:
        """Say how far the whole job is, of 1000. Saved and told at most once a second and whenever `stage` changes.

        Raises LeaseLost as `still_mine` does. Getting clearly further than any attempt before forgets earlier losses.
        """
        stage = stage or self.job.stage
        if stage == self.job.stage and time.monotonic() - self._saved_at < SAVE_EVERY:
            self.still_mine()
            return
        if stopping.is_set():
            raise Stopping
        self._saved_at = time.monotonic()
        permille = max(0, min(permille, 1000))
        facts: dict[str, Any] = {"progress": permille, "stage": stage}
        if permille > self.job.furthest:
            facts["furthest"] = permille
        if permille >= self._reached_before + STRIDE:
            facts["losses"] = 0
        with transaction.atomic():
            if self._lost.is_set() or not held(self.job).update(**facts):
                self.lose()
                raise LeaseLost
            for name, value in facts.items():
                setattr(self.job, name, value)
            announce(self.job)

    def lose(self) -> None:
        """Note that the job is not ours any more. The heartbeat calls it from its own thread."""
        self._lost.set()
