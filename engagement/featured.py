"""Featured lectures: the rule finds candidates, an editor confirms or declines them. Nothing is marked by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from audit import trail
from courses.models import Lecture
from engagement import periods, rules, scoring, tallies
from engagement.models import FeaturedDecision, FeaturedMark, RuleSet
from engagement.scoring import Evidence, Tally
from engagement.signals import mark_changed
from members.models import Member
from ui.sentences import Refused

State = FeaturedMark.State
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Weighed:
    """A published lecture with something counted in the quarter, and what the rule says of it now."""

    lecture: Lecture
    evidence: Evidence
    mark: FeaturedMark | None


def run(now: datetime) -> int:
    """Find new candidates and refresh those there are, in this quarter and the last; says how many were found."""
    this = periods.quarter_of(now)
    return sum(_run_quarter(period, now) for period in (periods.quarter_before(this), this))


def weigh_quarter(period: str, now: datetime) -> list[Weighed]:
    """All published lectures of the quarter by score, best first; ties go to the earlier published. Five queries."""
    in_force = rules.current(now)
    counted = tallies.of_quarter(period)
    marks = {mark.lecture_id: mark for mark in FeaturedMark.objects.filter(period=period).select_related("decided_by")}
    lectures = Lecture.objects.published(now).with_card().filter(pk__in={*counted, *marks}, topic__isnull=False)
    first = [(one, scoring.weigh(counted.get(one.pk, Tally()), in_force)) for one in lectures]
    first.sort(key=lambda pair: (-pair[1].score, pair[0].published_at or now, pair[0].pk))
    ranks = _ranks(first, marks)
    weighed = []
    for lecture, _unranked in first:
        mark = marks.get(lecture.pk)
        cooled = int((now - mark.found_at) / HOUR) if mark else 0
        evidence = scoring.weigh(
            counted.get(lecture.pk, Tally()), in_force, cooled_hours=cooled, rank=ranks.get(lecture.pk, 0)
        )
        weighed.append(Weighed(lecture, evidence, mark))
    return weighed


def candidates(now: datetime) -> QuerySet[FeaturedMark]:
    """Waiting for an editor, best first within the quarter; `evidence` says what is still in the way."""
    waiting = FeaturedMark.objects.filter(state=State.CANDIDATE, found_at__lte=now)
    return waiting.select_related("lecture__author", "lecture__organisation", "topic", "rules").order_by(
        "-period", "topic__position", "-evidence__score", "pk"
    )


def can_be_confirmed(mark: FeaturedMark) -> bool:
    return mark.state == State.CANDIDATE and not Evidence.from_json(mark.evidence).unmet


def confirm(mark: FeaturedMark, by: Member, reason: str = "", *, now: datetime) -> None:
    """Mark the lecture as featured, on the figures of this moment. Refused if a condition is not met any more."""
    _run_quarter(mark.period, now)
    mark.refresh_from_db()
    is_out = Lecture.objects.published(now).filter(pk=mark.lecture_id).exists()
    if mark.state == State.CANDIDATE and not (is_out and can_be_confirmed(mark)):
        raise Refused("mark_conditions_unmet", status=409)
    _decide(mark, State.CONFIRMED, by, reason, now)


def decline(mark: FeaturedMark, by: Member, reason: str, *, now: datetime) -> None:
    """Not this quarter, with a reason that everyone can read."""
    _decide(mark, State.DECLINED, by, _given(reason), now)


def withdraw(mark: FeaturedMark, by: Member, reason: str, *, now: datetime) -> None:
    """Take a mark back, with a reason. Its evidence and its decisions stay."""
    _decide(mark, State.WITHDRAWN, by, _given(reason), now)


def _given(reason: str) -> str:
    if not reason.strip():
        raise Refused("mark_needs_reason", field="reason")
    return reason.strip()


def _ranks(scored: list[tuple[Lecture, Evidence]], marks: dict[int, FeaturedMark]) -> dict[int, int]:
    """Places in each topic: confirmed lectures hold theirs, the others follow by score; decided ones take none."""
    taken: dict[int | None, int] = {}
    ranks: dict[int, int] = {}
    confirmed = [lecture for lecture, _e in scored if _state(marks, lecture) == State.CONFIRMED]
    waiting = [
        lecture for lecture, evidence in scored
        if evidence.has_merit and _state(marks, lecture) in {"", State.CANDIDATE}
    ]  # fmt: skip
    for lecture in [*confirmed, *waiting]:
        taken[lecture.topic_id] = taken.get(lecture.topic_id, 0) + 1
        ranks[lecture.pk] = taken[lecture.topic_id]
    return ranks


def _state(marks: dict[int, FeaturedMark], lecture: Lecture) -> str:
    mark = marks.get(lecture.pk)
    return mark.state if mark else ""


@transaction.atomic
def _run_quarter(period: str, now: datetime) -> int:
    in_force = rules.current(now)
    found = 0
    for one in weigh_quarter(period, now):
        if one.mark is None and _is_candidate(one.evidence):
            found += _find(one, period, in_force, now)
        elif one.mark and one.mark.state == State.CANDIDATE:
            _refresh(one.mark, one.evidence, in_force)
    return found


def _is_candidate(evidence: Evidence) -> bool:
    """Everything but cooling, which begins with being found."""
    return all(one.code == scoring.COOLING for one in evidence.unmet)


def _find(one: Weighed, period: str, in_force: RuleSet, now: datetime) -> bool:
    evidence, topic = one.evidence.as_json(), one.lecture.topic
    if topic is None:
        return False
    mark, is_new = FeaturedMark.objects.get_or_create(
        lecture=one.lecture,
        period=period,
        defaults={
            "topic": topic,
            "rules": in_force,
            "evidence": evidence,
            "events_hash": tallies.events_hash(one.lecture.pk, period),
            "found_at": now,
        },
    )
    if is_new:
        FeaturedDecision.objects.create(mark=mark, at=now, by=None, to_state=State.CANDIDATE, evidence=evidence)
        mark_changed.send(sender=Lecture, lecture=one.lecture)
    return is_new


def _refresh(mark: FeaturedMark, evidence: Evidence, in_force: RuleSet) -> None:
    """Only while it is a candidate: whoever decides in this moment decides on what stands there."""
    FeaturedMark.objects.filter(pk=mark.pk, state=State.CANDIDATE).update(
        evidence=evidence.as_json(),
        rules=in_force,
        events_hash=tallies.events_hash(mark.lecture_id, mark.period),
    )


@transaction.atomic
def _decide(mark: FeaturedMark, to: str, by: Member, reason: str, now: datetime) -> None:
    """Move the mark unless somebody moved it first (then refused), and note who, when and why."""
    before = mark.state
    facts: dict[str, Any] = {"state": to, "decided_at": now, "decided_by": by, "reason": reason}
    if to not in FeaturedMark.NEXT[before] or not FeaturedMark.objects.filter(pk=mark.pk, state=before).update(**facts):
        raise Refused("mark_moved", status=409)
    mark.refresh_from_db()
    FeaturedDecision.objects.create(
        mark=mark, at=now, by=by, from_state=before, to_state=to, reason=reason, evidence=mark.evidence
    )
    trail.record(f"featured_{to}", mark.lecture, by=by, now=now, period=mark.period, reason=reason)
    mark_changed.send(sender=Lecture, lecture=mark.lecture)
