"""What runs by the clock for uploads and their bytes."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from media_pipeline import leftovers, text_tracks, uploads


@shared_task
def sweep() -> None:
    now = timezone.now()
    uploads.sweep(now)
    leftovers.sweep(now)
    text_tracks.sweep(now - timedelta(minutes=5))
