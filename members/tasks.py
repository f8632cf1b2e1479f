"""By the clock: roles that begin or end with the day, and failed sign-ins nobody counts any more."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from members import roles, throttle


@shared_task
def refresh() -> None:
    roles.refresh(timezone.localdate())


@shared_task
def sweep_attempts() -> None:
    throttle.sweep(timezone.now())
