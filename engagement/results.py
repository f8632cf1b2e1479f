"""What the featured page prints of one quarter: who was marked on which evidence, who was not and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import get_language

from courses.models import Lecture, Topic
from engagement import featured, periods
from engagement.featured import Weighed
from engagement.models import FeaturedMark, RuleSet
from media_pipeline import paths
from members.models import Member
from ui.sentences import say

State = FeaturedMark.State


@dataclass(frozen=True)
class Winner:
    mark: FeaturedMark
    lecture: Lecture
    poster: str


@dataclass(frozen=True)
class TopicResult:
    topic: Topic
    entered: int  # lectures with anything counted
    winners: list[Winner] = field(default_factory=list)


@dataclass(frozen=True)
class NearMiss:
    """Enough points, no mark."""

    lecture: Lecture
    score: int
    why: str
    mark: FeaturedMark | None  # when a person decided


@dataclass(frozen=True)
class Results:
    topics: list[TopicResult]
    near: list[NearMiss]


def quarters(now: datetime) -> list[str]:
    """This quarter and all in which lectures were marked, newest first."""
    marked = FeaturedMark.objects.filter(state=State.CONFIRMED).values_list("period", flat=True).distinct()
    return sorted({*marked, periods.quarter_of(now)}, reverse=True)


def newest(quarters: list[str], now: datetime) -> str:
    """What the page opens with: the newest quarter that has marks, else this one."""
    this = periods.quarter_of(now)
    is_marked = FeaturedMark.objects.filter(state=State.CONFIRMED, period=this).exists()
    return this if is_marked or quarters == [this] else next(one for one in quarters if one != this)


def of_quarter(period: str, member: Member | AnonymousUser, rules: RuleSet, now: datetime) -> Results:
    """Only what `member` may see; who is not signed in is not told of near misses. A fixed number of queries."""
    weighed = featured.weigh_quarter(period, now)
    visible = set(
        Lecture.objects.visible_to(member, now)
        .filter(pk__in=[one.lecture.pk for one in weighed])
        .values_list("pk", flat=True)
    )
    near = [one for one in weighed if _is_near(one, rules) and one.lecture.pk in visible]
    return Results(
        topics=_topics(weighed, visible, now),
        near=[_near(one) for one in near] if member.is_authenticated else [],
    )


def _topics(weighed: Iterable[Weighed], visible: set[int], now: datetime) -> list[TopicResult]:
    """Topics with a winner, in their order."""
    entered: dict[int, int] = {}
    winners: dict[Topic, list[Winner]] = {}
    for one in weighed:
        topic = one.lecture.topic
        if topic is None:
            continue
        entered[topic.pk] = entered.get(topic.pk, 0) + (one.evidence.score > 0)
        if one.mark and one.mark.state == State.CONFIRMED and one.lecture.pk in visible:
            poster = paths.poster(one.lecture.asset, small=True, now=now)
            winners.setdefault(topic, []).append(Winner(one.mark, one.lecture, poster))
    order = sorted(winners, key=lambda topic: (topic.position, topic.name))
    return [TopicResult(topic, entered[topic.pk], winners[topic]) for topic in order]


def _is_near(one: Weighed, rules: RuleSet) -> bool:
    if one.mark and one.mark.state == State.CONFIRMED:
        return False
    return one.evidence.score >= (max(rules.score_least, 1) if rules.score_on else 1)


def _near(one: Weighed) -> NearMiss:
    if one.mark and one.mark.state in {State.DECLINED, State.WITHDRAWN}:
        return NearMiss(one.lecture, one.evidence.score, one.mark.reason, one.mark)
    unmet = [say(f"unmet_{each.code}", {"found": each.found, "wanted": each.wanted}) for each in one.evidence.unmet]
    return NearMiss(one.lecture, one.evidence.score, _in_a_row(unmet) or say("awaits_editor"), None)


def _in_a_row(sentences: list[str]) -> str:
    """Chinese sets no blank after its full stop."""
    return ("" if (get_language() or "").startswith("zh") else " ").join(sentences)
