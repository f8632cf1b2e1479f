"""Why something a member may have hoped for did not count: answers before anybody has to ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Subquery, Value

from courses.models.lectures import address_of
from engagement import coverage
from engagement.models import PointEntry, PointEvent, RuleSet, ShareVisit, Viewing
from members.models import Member
from ui.prepared import prepared

LIMIT = 12
DAY = timedelta(days=1)
Facts = tuple[Any, ...]


@dataclass(frozen=True)
class NotCounted:
    """`code` and `params` are a sentence of ui.sentences."""

    kind: str  # of PointEvent: view or share
    lecture: str  # its id in addresses
    title: str
    at: datetime
    code: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return address_of(self.lecture)


def of(member: Member, in_force: RuleSet, now: datetime) -> list[NotCounted]:
    """The latest ones, newest first. Two queries."""
    found = [*(NotCounted(*facts) for facts in _zeros_and_own(member.pk)), *_shares(member.pk, in_force, now)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:LIMIT]


@prepared
def _zeros_and_own(member: int) -> QuerySet[PointEntry, Facts]:
    """Entries of nothing, and lectures of one's own that were seen to the end."""
    zeros = PointEntry.objects.filter(member=member, amount=0, corrected_by__isnull=True)
    seen = Viewing.objects.filter(member=member, lecture__author=member, completed_at__isnull=False)
    entries = zeros.order_by().annotate(
        of=F("event__kind"), address=F("event__lecture__public_id"), called=F("event__lecture__title"),
        at=F("occurred_at"), code=F("reason"),
    )  # fmt: skip
    viewings = seen.order_by().annotate(
        of=Value("view", CharField()), address=F("lecture__public_id"), called=F("lecture__title"),
        at=F("completed_at"), code=Value("own_lecture", CharField()),
    )  # fmt: skip
    wanted = ("of", "address", "called", "at", "code")
    found = entries.values_list(*wanted).union(viewings.values_list(*wanted), all=True)
    return found.order_by("-at")[:LIMIT]


class Visit(NamedTuple):
    """Somebody came by the member's link. `is_entered`: it became an event; the ledger says what of it."""

    lecture: str
    title: str
    at: datetime
    was_new: bool
    viewer: int
    author: int
    original_author: int | None
    is_entered: bool
    covered_ms: int | None
    duration_ms: int | None


def _shares(member: int, in_force: RuleSet, now: datetime) -> Iterator[NotCounted]:
    for visit in (Visit(*facts) for facts in _visits(member)):
        if not visit.is_entered:
            yield NotCounted("share", visit.lecture, visit.title, visit.at, *_why(visit, member, in_force, now))


@prepared
def _visits(member: int) -> QuerySet[ShareVisit, Facts]:
    events = PointEvent.objects.filter(
        kind=PointEvent.Kind.SHARE, viewer=OuterRef("member"), lecture=OuterRef("lecture")
    )
    viewing = Viewing.objects.filter(member=OuterRef("member"), lecture=OuterRef("lecture"))
    so_far = [Subquery(viewing.values(name)) for name in ("covered_ms", "duration_ms")]
    facts = ("lecture__public_id", "lecture__title", "at", "was_new", "member_id", "lecture__author_id")
    visits = ShareVisit.objects.filter(share__member=member).order_by("-at")
    return visits.values_list(*facts, "lecture__derived_from__author_id", Exists(events), *so_far)[: 4 * LIMIT]


def _why(visit: Visit, sharer: int, in_force: RuleSet, now: datetime) -> tuple[str, dict[str, Any]]:
    if visit.author == sharer:
        return "share_of_own", {}
    if visit.viewer in {visit.author, visit.original_author}:
        return "share_to_author", {}
    if not visit.was_new:
        return "share_seen_before", {}
    left = visit.at + in_force.share_days * DAY - now
    if left <= timedelta():
        return "share_ran_out", {"days": in_force.share_days}
    duration_ms = visit.duration_ms or 0
    seen = (visit.covered_ms or 0) * 100 // duration_ms if duration_ms else 0
    needed = coverage.needed_percent(duration_ms or coverage.SHORT_MS)
    return "share_not_finished", {"seen": seen, "needed": needed, "days": -(-left // DAY)}
