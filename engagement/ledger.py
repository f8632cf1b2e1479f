"""The points ledger: each event that may earn gets one entry, for ever; what turns out wrong is corrected by another.

Entries are written one transaction at a time (`_locked`): caps count what was earned before, so two members finishing
in the same instant must not both be the last that fits. What members read of it: `engagement.account`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, Sum

from courses.models import Lecture
from engagement import caps, periods, rules
from engagement.caps import Claim, Counted, Tally
from engagement.models import PointEntry, PointEvent, RuleSet
from engagement.signals import points_changed

RECOUNTED = "recounted"


@dataclass(frozen=True)
class Replayed:
    """What a replay found: events looked at, entries that were missing, corrections."""

    events: int
    missing: int
    corrections: int


@transaction.atomic
def award(events: Iterable[PointEvent], *, now: datetime) -> list[PointEntry]:
    """Judge each event under the rules of its time and write its entry: a point, or 0 with the reason.

    Idempotent: an event that has its entry keeps it.
    """
    waiting = sorted(events, key=_order)
    if not waiting:
        return []
    _lock()
    history = rules.History()
    return [_enter(event, history.at(event.occurred_at), None, now) for event in waiting]


@transaction.atomic
def replay(*, now: datetime, dry_run: bool = False) -> Replayed:
    """Judge all events again, in order, each under the rules of its time, and post what differs as corrections.

    Corrections fall into the quarter of `now`: earlier ones are closed. A second run posts nothing.
    """
    _lock()
    history, tally = rules.History(), Tally()
    totals = dict(PointEntry.objects.values_list("event").annotate(Sum("amount")))
    counts = {"events": 0, "missing": 0, "corrections": 0}
    for event in PointEvent.objects.order_by("occurred_at", "pk").iterator():
        claim, in_force = _claim(event), history.at(event.occurred_at)
        reason = caps.reason_against(claim, tally.before(claim), in_force)
        amount = 0 if reason else 1
        if amount:
            tally.count(claim)
        counts["events"] += 1
        if event.pk not in totals:
            counts["missing"] += 1
            if not dry_run:
                _enter(event, in_force, reason, now)
        elif totals[event.pk] != amount:
            counts["corrections"] += 1
            if not dry_run:
                _correct(event, amount - totals[event.pk], reason or RECOUNTED, in_force, now)
    return Replayed(**counts)


def _lock() -> None:
    """Held until the transaction ends. On SQLite a writing transaction is alone anyway."""
    RuleSet.objects.select_for_update(no_key=True).get(version=1)


def _order(event: PointEvent) -> tuple[datetime, int]:
    return event.occurred_at, event.pk


def _claim(event: PointEvent) -> Claim:
    return Claim(
        is_share=event.kind == PointEvent.Kind.SHARE,
        member=event.member_id,
        viewer=event.viewer_id,
        occurred_at=event.occurred_at,
        visited_at=event.visited_at,
    )


def _counted_before(claim: Claim) -> Counted:
    """As Tally.before, from rows. Every point is 1, so sums are counts and corrections take themselves out."""
    day = periods.day_bounds(claim.occurred_at)
    on_day = Q(event__occurred_at__gte=day[0], event__occurred_at__lt=day[1])
    if not claim.is_share:
        views = PointEntry.objects.filter(on_day, event__kind=PointEvent.Kind.VIEW, event__viewer=claim.viewer)
        return Counted(views_of_viewer_today=views.aggregate(sum=Sum("amount", default=0))["sum"])
    quarter = periods.quarter_bounds(periods.quarter_of(claim.occurred_at))
    in_quarter = Q(event__occurred_at__gte=quarter[0], event__occurred_at__lt=quarter[1])
    of_pair = Q(event__viewer=claim.viewer, event__occurred_at__gt=claim.occurred_at - caps.PAIR_WITHIN)
    shares = PointEntry.objects.filter(member=claim.member, event__kind=PointEvent.Kind.SHARE)
    return Counted(
        **shares.aggregate(
            shares_of_pair=Sum("amount", filter=of_pair, default=0),
            shares_today=Sum("amount", filter=on_day, default=0),
            shares_this_quarter=Sum("amount", filter=in_quarter, default=0),
        )
    )


def _enter(event: PointEvent, in_force: RuleSet, reason: str | None, now: datetime) -> PointEntry:
    """The first entry of an event; `reason` None: still to be judged."""
    if existing := PointEntry.objects.filter(event=event, corrects__isnull=True).first():
        return existing
    if reason is None:
        claim = _claim(event)
        reason = caps.reason_against(claim, _counted_before(claim), in_force)
    entry, is_new = PointEntry.objects.get_or_create(
        event=event,
        corrects=None,
        defaults={
            "member_id": event.member_id,
            "amount": 0 if reason else 1,
            "reason": reason,
            "rules": in_force.version,
            "period": periods.quarter_of(event.occurred_at),
            "occurred_at": event.occurred_at,
            "created_at": now,
        },
    )
    if is_new:
        points_changed.send(sender=Lecture, lecture=event.lecture)
    return entry


def _correct(event: PointEvent, amount: int, reason: str, in_force: RuleSet, now: datetime) -> None:
    last = PointEntry.objects.get(event=event, corrected_by__isnull=True)
    PointEntry.objects.create(
        event=event,
        member_id=event.member_id,
        amount=amount,
        reason=reason,
        rules=in_force.version,
        period=periods.quarter_of(now),
        occurred_at=now,
        created_at=now,
        corrects=last,
    )
    points_changed.send(sender=Lecture, lecture=event.lecture)
