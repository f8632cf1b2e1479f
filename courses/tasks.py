"""What courses do by the clock."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from courses import lectures


@shared_task
def publish_due() -> int:
    return lectures.publish_due(now=timezone.now())
