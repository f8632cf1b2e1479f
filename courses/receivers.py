"""What lectures do about news of their recordings."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from courses import lectures
from courses.models import Lecture
from media_pipeline import downloads, signals
from media_pipeline.models import Asset


@receiver(signals.asset_received)
def draft(asset: Asset, **_: Any) -> None:
    if asset.purpose == "lecture":
        lectures.draft_for(asset, now=asset.created_at)


@receiver(signals.asset_ready)
def publish(asset: Asset, **_: Any) -> None:
    for lecture in Lecture.objects.filter(asset=asset).select_related("author"):
        if lecture.is_downloadable:
            downloads.want(asset)
        lectures.publish_if_due(lecture, now=timezone.now())


@receiver(signals.asset_refused)
def give_back(asset: Asset, **_: Any) -> None:
    for lecture in Lecture.objects.filter(asset=asset).select_related("author"):
        lectures.refuse_file(lecture, refusal=asset.refusal, now=timezone.now())
