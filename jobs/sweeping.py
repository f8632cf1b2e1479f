"""Finding work that nobody does: leases that ran out, messages that were lost, folders of the dead."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from jobs import kinds, queue
from jobs.models import Job

MAX_LOSSES = 8
SCRATCH_KEPT = timedelta(minutes=5)  # a claim may make its folder before its row is seen


def sweep(now: datetime) -> int:
    """Take back what lost its worker and send again what nobody took; answers how many jobs were touched."""
    _clear_scratch(now)
    return _take_back(now) + _nudge_again(now)


def _take_back(now: datetime) -> int:
    touched = 0
    for job in Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now):
        touched += _lose(job, now)
    return touched


def _lose(job: Job, now: datetime) -> bool:
    """The worker vanished. Again, a little later each time; after eight losses without progress it is given up."""
    losses = job.losses + 1
    for_good = losses >= MAX_LOSSES
    after = Job.State.FAILED if for_good else Job.State.QUEUED
    facts: dict[str, Any] = {"losses": losses, "lease_until": None}
    if for_good:
        facts |= {"ended_at": now, "error": "job_lost_too_often", "error_params": {"losses": losses}}
    else:
        facts |= {"not_before": now + timedelta(seconds=2 ** (losses - 1) - 1), "nudged_at": now}
    with transaction.atomic():
        # Only if the lease is the one we saw: a heartbeat may have come between.
        held = Job.objects.filter(pk=job.pk, state=job.state, attempt=job.attempt, lease_until=job.lease_until)
        if not held.update(state=after, **facts):
            return False
        worker = job.worker
        job.refresh_from_db()
        queue.note(job, Job.State.RUNNING, after, now=now, worker=worker, why="lease ran out")
        queue.publish(job)
        if for_good and kinds.known(job.kind) and (then := kinds.get(job.kind).on_failed):
            then(job)
    if not for_good:
        queue.nudge(job)
    return True


def _nudge_again(now: datetime) -> int:
    late = Job.objects.filter(
        Q(nudged_at__isnull=True) | Q(nudged_at__lt=now - queue.NUDGE_AGAIN_AFTER) | Q(nudged_at__lt=F("not_before")),
        state=Job.State.QUEUED,
        not_before__lte=now,
    )
    touched = 0
    for job in late.order_by("pk")[:200]:
        if Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(nudged_at=now):
            queue.nudge(job)
            touched += 1
    return touched


def _clear_scratch(now: datetime) -> None:
    """Folders of jobs that no longer run: a killed worker could not tidy up."""
    root = Path(settings.SCRATCH_DIR)
    folders = {path: path.name.removeprefix("job-") for path in root.glob("job-*")} if root.is_dir() else {}
    running = set(Job.objects.filter(state=Job.State.RUNNING).values_list("pk", flat=True))
    dead = [path for path, name in folders.items() if not name.isdigit() or int(name) not in running]
    for path in dead:
        if path.exists() and path.stat().st_mtime < (now - SCRATCH_KEPT).timestamp():
            shutil.rmtree(path, ignore_errors=True)
