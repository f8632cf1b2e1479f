"""How work stands, for those who keep it going: counts, what runs, what failed and was not done since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from jobs.models import Job

RECENT = timedelta(days=1)


@dataclass(frozen=True)
class Pile:
    """Jobs of one kind. `done`: within the last day."""

    queue: str
    kind: str
    queued: int
    running: int
    done: int


def piles(now: datetime) -> list[Pile]:
    """By queue and kind, in one query; kinds of which there is nothing are left out."""
    recent = Q(state=Job.State.DONE, ended_at__gt=now - RECENT)
    told = Job.objects.filter(recent | Q(state__in=Job.ACTIVE)).values("queue", "kind")
    counted = told.annotate(
        queued=Count("pk", filter=Q(state=Job.State.QUEUED)),
        running=Count("pk", filter=Q(state=Job.State.RUNNING)),
        done=Count("pk", filter=recent),
    )
    return [Pile(**row) for row in counted.order_by("queue", "kind")]


def running() -> QuerySet[Job]:
    return Job.objects.filter(state=Job.State.RUNNING).order_by("started_at", "pk")


def failed() -> QuerySet[Job]:
    """Those that nothing newer has taken the place of, the last first."""
    newer = Job.objects.filter(kind=OuterRef("kind"), subject=OuterRef("subject"), pk__gt=OuterRef("pk"))
    return Job.objects.filter(~Exists(newer), state=Job.State.FAILED).order_by("-ended_at", "-pk")
