"""The only place that sends a message: a job's id, on its queue. It may be lost, doubled or late; the row counts."""

from __future__ import annotations

from celery import Celery
from django.db import transaction

from jobs import file_queue
from jobs.models import Job

file_queue.use()
# An application of our own to send with: a web process or a command has not loaded the workers' one.
# `fixups`: Celery's hooks into Django are for workers.
sender = Celery("nudges", set_as_current=False, fixups=[])
sender.config_from_object("django.conf:settings", namespace="CELERY")


def nudge(job: Job) -> None:
    """Tell a worker, once the transaction is through. A broker that is away costs a log line; the sweep repeats it."""
    job_id, queue = job.pk, job.queue
    transaction.on_commit(lambda: _send(job_id, queue), robust=True)


def _send(job_id: int, queue: str) -> None:
    # Without Celery's own repeats: they would hold up somebody's request.
    sender.send_task("jobs.tasks.run_job", args=[job_id], queue=queue, retry=False)
