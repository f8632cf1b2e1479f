"""What people search for and do not find, counted a day and by nobody in particular; for editors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Max, Sum
from django.utils import timezone

from search.folding import fold
from search.models import QueryCount

KEPT_DAYS = 90
MOST_SHOWN = 100


def count(text: str, *, found: bool, now: datetime) -> None:
    """One more search for `text`. One query, and rarely three."""
    day, text = timezone.localdate(now), fold(text)
    more = {"searched": F("searched") + 1, "found_nothing": F("found_nothing") + int(not found)}
    if not QueryCount.objects.filter(day=day, text=text).update(**more):
        QueryCount.objects.bulk_create([QueryCount(day=day, text=text)], ignore_conflicts=True)
        QueryCount.objects.filter(day=day, text=text).update(**more)


@dataclass(frozen=True)
class Missed:
    text: str
    times: int
    last: date


def missed(*, now: datetime, days: int = 30) -> list[Missed]:
    """What was not found in the last days, most often first."""
    since = timezone.localdate(now) - timedelta(days=days)
    rows = (
        QueryCount.objects.filter(day__gt=since, found_nothing__gt=0)
        .values("text")
        .annotate(times=Sum("found_nothing"), last=Max("day"))
        .order_by("-times", "-last", "text")[:MOST_SHOWN]
    )
    return [Missed(row["text"], row["times"], row["last"]) for row in rows]


def sweep(*, now: datetime) -> int:
    gone, _ = QueryCount.objects.filter(day__lte=timezone.localdate(now) - timedelta(days=KEPT_DAYS)).delete()
    return gone
