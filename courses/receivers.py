"""What lectures do about news of their recordings."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from courses import lectures, versions
from courses.models import Lecture
from courses.signals import lecture_changed
from media_pipeline import downloads, signals
from media_pipeline.models import Asset, Cut


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
    versions.settle_all(timezone.now(), asset=asset)


@receiver(signals.cut_ready)
def offer(cut: Cut, **_: Any) -> None:
    versions.settle_all(timezone.now(), cut=cut)


@receiver(lecture_changed)
def show(lecture: Lecture, **_: Any) -> None:
    """One that waited for the editors waits no longer once the lecture is a draft again."""
    if lecture.state == Lecture.State.DRAFT:
        versions.settle_all(timezone.now(), lecture=lecture, state="waiting")


@receiver(signals.asset_refused)
def give_back(asset: Asset, **_: Any) -> None:
    for lecture in Lecture.objects.filter(asset=asset).select_related("author"):
        lectures.refuse_file(lecture, refusal=asset.refusal, now=timezone.now())
