"""Celery's side: do this job, sweep."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from jobs import runner, sweeping


@shared_task
def run_job(job_id: int) -> None:
    runner.run(job_id)


@shared_task
def sweep() -> None:
    sweeping.sweep(timezone.now())
