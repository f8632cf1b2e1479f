"""What people search for and do not find, counted a day and by nobody in particular; for editors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Max, Sum
from django.utils import timezone

from search.folding import fold
from search.models import QueryCount

_TABLE = QueryCount._meta.db_table
# Django has no words for "insert, or else add to what is there".
_ONE_MORE = (
    f"INSERT INTO {_TABLE} (day, text, searched, found_nothing) VALUES (%s, %s, %s, %s)"  # noqa: S608 - our own name
    f" ON CONFLICT (day, text) DO UPDATE SET searched = {_TABLE}.searched + excluded.searched,"
    f" found_nothing = {_TABLE}.found_nothing + excluded.found_nothing"
)
KEPT_DAYS = 90
MOST_SHOWN = 100


def count(text: str, *, found: bool, now: datetime) -> None:
    """One more search for `text`, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_MORE, [timezone.localdate(now), fold(text), 1, int(not found)])


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
