"""Why something a member may have hoped for did not count: answers before anybody has to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from courses.models import Lecture
from engagement import coverage, rules
from engagement.events import authors_of
from engagement.models import PointEntry, PointEvent, RuleSet, ShareVisit, Viewing
from members.models import Member

LIMIT = 12
DAY = timedelta(days=1)


@dataclass(frozen=True)
class NotCounted:
    """`code` and `params` are a sentence of ui.sentences."""

    kind: str  # of PointEvent: view or share
    lecture: Lecture
    at: datetime
    code: str
    params: dict[str, Any] = field(default_factory=dict)


def of(member: Member, now: datetime) -> list[NotCounted]:
    """The latest ones, newest first. A fixed number of queries."""
    found = [*_zeros(member), *_visits(member, now), *_own(member)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:LIMIT]


def _zeros(member: Member) -> Iterator[NotCounted]:
    zeros = PointEntry.objects.filter(member=member, amount=0, corrected_by__isnull=True)
    for entry in zeros.select_related("event__lecture").order_by("-occurred_at")[:LIMIT]:
        yield NotCounted(entry.event.kind, entry.event.lecture, entry.occurred_at, entry.reason)


def _own(member: Member) -> Iterator[NotCounted]:
    seen = Viewing.objects.filter(member=member, lecture__author=member, completed_at__isnull=False)
    for viewing in seen.select_related("lecture").order_by("-completed_at")[:LIMIT]:
        yield NotCounted("view", viewing.lecture, viewing.completed_at or viewing.last_at, "own_lecture")


def _visits(member: Member, now: datetime) -> Iterator[NotCounted]:
    visits = list(
        ShareVisit.objects.filter(share__member=member)
        .select_related("lecture__derived_from")
        .order_by("-at")[: 4 * LIMIT]
    )
    earned = _earned(visits)
    viewings = {
        (one.member_id, one.lecture_id): one
        for one in Viewing.objects.filter(
            member__in={visit.member_id for visit in visits}, lecture__in={visit.lecture_id for visit in visits}
        )
    }
    in_force = rules.current(now)
    for visit in visits:
        if (visit.member_id, visit.lecture_id) not in earned:
            code, params = _why(visit, member, viewings.get((visit.member_id, visit.lecture_id)), in_force, now)
            yield NotCounted("share", visit.lecture, visit.at, code, params)


def _earned(visits: Iterable[ShareVisit]) -> set[tuple[int, int]]:
    """Viewer and lecture of those that became an event; the ledger says what of it."""
    events = PointEvent.objects.filter(
        kind=PointEvent.Kind.SHARE, lecture__in={visit.lecture_id for visit in visits}
    ).filter(viewer__in={visit.member_id for visit in visits})
    return set(events.values_list("viewer", "lecture"))


def _why(
    visit: ShareVisit, sharer: Member, viewing: Viewing | None, in_force: RuleSet, now: datetime
) -> tuple[str, dict[str, Any]]:
    if visit.lecture.author_id == sharer.pk:
        return "share_of_own", {}
    if visit.member_id in authors_of(visit.lecture):
        return "share_to_author", {}
    if not visit.was_new:
        return "share_seen_before", {}
    left = visit.at + in_force.share_days * DAY - now
    if left <= timedelta():
        return "share_ran_out", {"days": in_force.share_days}
    duration_ms = viewing.duration_ms if viewing else 0
    seen = viewing.covered_ms * 100 // duration_ms if viewing and duration_ms else 0
    needed = coverage.needed_percent(duration_ms or coverage.SHORT_MS)
    return "share_not_finished", {"seen": seen, "needed": needed, "days": -(-left // DAY)}
