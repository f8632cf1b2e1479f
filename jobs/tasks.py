"""Celery's side. A message wakes a worker; what it then does is the best of the queue, not what the message named."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from jobs import runner, sweeping
from jobs.models import Job


@shared_task
def run_job(job_id: int) -> None:
    """There is a message for each job of a queue, so as many jobs are done as were asked for."""
    if queue := Job.objects.filter(pk=job_id).values_list("queue", flat=True).first():
        runner.run_next(queue)


@shared_task
def sweep() -> None:
    """Every worker sweeps by itself; this is for who cannot wait, and for the schedule of an older version."""
    sweeping.sweep(timezone.now())
