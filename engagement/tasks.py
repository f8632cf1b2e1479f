"""What runs by the clock; each may run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from engagement import featured, fold


@shared_task
def sweep_beats() -> None:
    fold.sweep(timezone.now())


@shared_task
def run_featured() -> None:
    featured.run(timezone.now())
