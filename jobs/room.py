"""Room for work on this machine's disk. Work that wants more than there is waits, or goes to another machine.

What running jobs asked for counts as taken, though they may not have written it yet.
"""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet, Sum

from jobs import scratch
from jobs.models import Job

SPARE = 512 * 1024**2  # for logs, rows and whatever else lives on the disk
LOOKED_AT = 200
# Work that has waited so long beyond its turn is not passed by what is smaller any more: running jobs end, and it fits.
OVERDUE = timedelta(minutes=10)


def first_that_fits(due: QuerySet[Job], *, worker: str, now: datetime) -> Job | None:
    """The best of `due`, in its order, that has room on the machine of `worker`."""
    left: int | None = None
    for job in due[:LOOKED_AT]:
        if not job.room:
            return job
        if left is None:
            left = left_on(worker)
        if job.room <= left:
            return job
        _note(job)
        if job.rank < now - OVERDUE and _running_on(worker).exists():
            return None
    return None


def left_on(worker: str) -> int:
    """Bytes of scratch that can still be asked for on the machine of `worker`, which is this one."""
    taken = _running_on(worker).aggregate(all=Sum("room"))["all"] or 0
    on_disk = free_on_disk() - SPARE - taken
    return min(on_disk, settings.SCRATCH_BYTES - taken) if settings.SCRATCH_BYTES else on_disk


def free_on_disk() -> int:
    scratch.root().mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(scratch.root()).free


def _running_on(worker: str) -> QuerySet[Job]:
    machine = worker.rpartition(":")[0]
    return Job.objects.filter(state=Job.State.RUNNING, room__gt=0, worker__startswith=f"{machine}:")


def _note(job: Job) -> None:
    """That it waits, and why. The message that woke us is used up, so the next sweep sends another."""
    Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(waits="job_waits_for_room", nudged_at=None)
