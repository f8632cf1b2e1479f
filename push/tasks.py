"""Events are news; yesterday's are removed."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from push.models import Event


@shared_task
def sweep() -> None:
    Event.objects.filter(at__lt=timezone.now() - timedelta(days=1)).delete()
