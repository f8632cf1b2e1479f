"""A member's account as it is read: line by line, and quarter by quarter."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Sum

from courses.models.lectures import address_of
from engagement.models import PointEntry, PointEvent
from members.models import Member
from ui.prepared import prepared

PAGE, QUARTERS = 24, 4
Facts = tuple[Any, ...]
_FACTS = (
    *("event", "event__kind", "event__lecture__public_id", "event__lecture__title"),
    *("event__lecture__derived_from__author__name", "event__viewer_organisation__short_name"),
    *("event__occurred_at", "event__visited_at", "amount", "reason", "period", "occurred_at"),
    *("corrects", "corrects__occurred_at", "by__name"),
)


class Entry(NamedTuple):
    """A line with what is said of it. `happened_at`: the event; `occurred_at`: the line, which may be a correction."""

    event: int
    kind: str
    lecture: str
    title: str
    original_author: str | None  # of a dub
    viewer_place: str | None
    happened_at: datetime
    visited_at: datetime | None
    amount: int
    reason: str
    period: str
    occurred_at: datetime
    corrects: int | None
    corrected_at: datetime | None
    by: str | None

    @property
    def url(self) -> str:
        return address_of(self.lecture)


class Entries:
    """Lines newest first, as a list that `page_of` cuts. `kind`: view, share, correction, or anything else for all.
    `known`: how many they are, where somebody knows."""

    def __init__(self, member: Member, kind: str = "", known: int | None = None) -> None:
        self.member, self.kind, self.known = member.pk, kind, known

    def count(self, most: int | None = None) -> int:
        return _keys.count(self.member, kind=self.kind, most=most) if self.known is None else self.known

    def __getitem__(self, cut: slice) -> list[Entry]:
        return [Entry(*facts) for facts in _lines(self.member, kind=self.kind, start=cut.start, stop=cut.stop)]


def _of(member: int, kind: str) -> QuerySet[PointEntry]:
    entries = PointEntry.objects.filter(member=member)
    if kind == "correction":
        return entries.filter(corrects__isnull=False)
    return entries.filter(event__kind=kind, corrects__isnull=True) if kind in PointEvent.Kind.values else entries


@prepared
def _keys(member: int, *, kind: str, most: int | None) -> QuerySet[PointEntry, tuple[int]]:
    return _of(member, kind).values_list("pk")[:most]


@prepared
def _lines(member: int, *, kind: str, start: int, stop: int) -> QuerySet[PointEntry, Facts]:
    return _of(member, kind).order_by("-occurred_at", "-pk").values_list(*_FACTS)[start:stop]


def balance(member: Member, period: str = "") -> int:
    """The sum of all entries, or of one quarter's."""
    entries = PointEntry.objects.filter(member=member, **({"period": period} if period else {}))
    total: int = entries.aggregate(sum=Sum("amount", default=0))["sum"]
    return total


class Quarter(NamedTuple):
    """What one quarter's figure is made of."""

    period: str
    total: int = 0
    views: int = 0
    shares: int = 0
    corrections: int = 0


class Overview(NamedTuple):
    """`quarters`: the latest ones with entries, newest first. `lines`: how many there are in all, by `kind` of
    Entries."""

    quarters: list[Quarter]
    lines: dict[str, int]


def overview(member: Member) -> Overview:
    """One query: sums and lines are counted together."""
    found = _by_quarter(member.pk)
    sums, counts = len(Quarter._fields), ("", PointEvent.Kind.VIEW, PointEvent.Kind.SHARE, "correction")
    lines = {kind: sum(row[sums + at] for row in found) for at, kind in enumerate(counts)}
    return Overview([Quarter(*row[:sums]) for row in found[:QUARTERS]], lines)


def quarters_of(member: Member) -> list[Quarter]:
    return overview(member).quarters


@prepared
def _by_quarter(member: int) -> QuerySet[PointEntry, Facts]:
    first = Q(corrects__isnull=True)
    view, share = (first & Q(event__kind=kind) for kind in (PointEvent.Kind.VIEW, PointEvent.Kind.SHARE))
    quarters = PointEntry.objects.filter(member=member).order_by("-period").values_list("period")
    return quarters.annotate(
        total=Sum("amount"),
        views=Sum("amount", filter=view, default=0),
        shares=Sum("amount", filter=share, default=0),
        corrections=Sum("amount", filter=~first, default=0),
        lines=Count("pk"),
        view_lines=Count("pk", filter=view),
        share_lines=Count("pk", filter=share),
        correction_lines=Count("corrects"),
    )
