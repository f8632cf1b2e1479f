"""Finding work that nobody does: leases that ran out, messages that were lost, folders of the dead."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db.models import Q

from jobs import outcomes, scratch, workers
from jobs.handle import LEASE
from jobs.models import Job
from jobs.nudges import nudge

logger = logging.getLogger(__name__)
NUDGE_AGAIN_AFTER = LEASE  # a message older than this may be lost
AT_ONCE = 1000


def sweep(now: datetime) -> int:
    """Take back what lost its worker and send again what nobody took; answers how many jobs were touched."""
    scratch.clear_dead()
    return _take_back(now) + _nudge_again(now)


def _take_back(now: datetime) -> int:
    touched = 0
    for job in Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now).order_by("pk"):
        try:
            touched += _lose(job, now)
        except Exception:  # one kind's on_failed must not keep all other jobs lost
            logger.exception("job not taken back", extra={"job": job.pk, "kind": job.kind})
    return touched


def _lose(job: Job, now: datetime) -> bool:
    # Only if the lease is the one we saw: a heartbeat may have come between.
    same = Job.objects.filter(lease_until=job.lease_until)
    if not outcomes.lose(job, now=now, among=same, why="lease ran out"):
        return False
    if job.state == Job.State.QUEUED and job.not_before <= now:
        Job.objects.filter(pk=job.pk).update(nudged_at=now)
        nudge(job)
    return True


def _nudge_again(now: datetime) -> int:
    """Send again what nobody took: at once where hands are free; elsewhere at growing intervals.

    The messages before a queue's busy workers are in all likelihood still there; sent again every time, a long queue
    would drown in its own echoes.
    """
    waiting = Job.objects.filter(
        Q(nudged_at__isnull=True) | Q(nudged_at__lt=now - NUDGE_AGAIN_AFTER),
        state=Job.State.QUEUED,
        not_before__lte=now,
    )
    free = _queues_with_free_hands(now)
    touched = 0
    for job in waiting.order_by("rank", "pk")[:AT_ONCE]:
        asked = job.nudged_at
        is_time = asked is None or job.queue in free or now - asked >= asked - job.not_before
        # Only if still queued: one that was claimed meanwhile must not look freshly asked for when it is lost. And only
        # if no other sweep was quicker: every worker sweeps.
        same = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED, nudged_at=asked)
        if is_time and same.update(nudged_at=now):
            nudge(job)
            touched += 1
    return touched


def _queues_with_free_hands(now: datetime) -> set[str]:
    busy = set(Job.objects.filter(state=Job.State.RUNNING).values_list("worker", flat=True))
    return {queue for worker in workers.alive(now) if worker.name not in busy for queue in worker.queues.split(",")}
