"""Searching as one member: the engine finds, the rows decide once more what may be seen, highlights say why."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count

from courses.models import Lecture, Topic
from engagement import cards
from members.models import Member
from search import analysis, engines
from search.analysis import Parts, Query
from search.engines.base import FULL_PAGE, Found, Request, SearchError
from search.permissions import visibility_clause
from ui.cards import Card

logger = logging.getLogger(__name__)
NEWEST = 8
FURTHEST_PAGE = 100  # nobody reads that far, and an engine pays for every page it skips


@dataclass(frozen=True)
class Hit:
    lecture: Lecture
    card: Card
    title: Parts
    summary: Parts
    speaker: Parts
    topic: Parts
    organisation: Parts


@dataclass(frozen=True)
class Results:
    """`topics` counts all hits by topic, whatever topic was asked for. `is_out`: the index does not answer just now."""

    query: Query
    topic: Topic | None = None
    page: int = 1
    pages: int = 1
    total: int = 0
    took_ms: int = 0
    hits: list[Hit] = field(default_factory=list)
    topics: list[tuple[Topic, int]] = field(default_factory=list)
    is_out: bool = False


def search(
    member: Member | AnonymousUser,
    text: str,
    *,
    topic: str = "",
    featured: bool = False,
    page: int = 1,
    now: datetime,
) -> Results:
    """At most six queries, for however many hits. `topic` is a slug; a topic that is not there holds nothing.

    A `page` beyond the last is empty, as `total` tells.
    """
    query = analysis.normalise_query(text)
    if not query:
        return Results(query)
    started = time.perf_counter()
    page = min(max(page, 1), FURTHEST_PAGE)
    all_topics = list(Topic.objects.all())  # a dozen: names for the counts and the chosen one in one query
    chosen = next((one for one in all_topics if one.slug == topic), None)
    if topic and chosen is None:
        return Results(query)
    request = Request(
        query,
        visibility_clause(member, now),
        topic_id=chosen.pk if chosen else None,
        only_featured=featured,
        offset=(page - 1) * FULL_PAGE,
        limit=FULL_PAGE,
    )
    try:
        found = engines.default().search(request)
    except SearchError:
        logger.exception("search is out")
        return Results(query, is_out=True)
    hits = _load(found, query, member, now)
    return Results(
        query,
        topic=chosen,
        page=page,
        pages=min(max(-(-found.total // FULL_PAGE), 1), FURTHEST_PAGE),
        total=found.total - (len(found.ids) - len(hits)),
        took_ms=round((time.perf_counter() - started) * 1000),
        hits=hits,
        topics=[(one, found.topics[one.pk]) for one in all_topics if one.pk in found.topics],
    )


def _load(found: Found, query: Query, member: Member | AnonymousUser, now: datetime) -> list[Hit]:
    """The hits as rows, in the engine's order, without what may not be seen (any more)."""
    rows = cards.listed(Lecture.objects.visible_to(member, now)).in_bulk(found.ids) if found.ids else {}
    lectures = [rows[pk] for pk in found.ids if pk in rows]
    if dropped := [pk for pk in found.ids if pk not in rows]:
        logger.info("hits that may not be seen (any more) were left out", extra={"lectures": dropped})
    drawn = cards.for_lectures(lectures, member, now) if lectures else []
    return [_hit(lecture, card, query) for lecture, card in zip(lectures, drawn, strict=True)]


def _hit(lecture: Lecture, card: Card, query: Query) -> Hit:
    return Hit(
        lecture,
        card,
        title=analysis.highlight(lecture.title, query),
        summary=analysis.snippet(lecture.summary, query),
        speaker=analysis.highlight(lecture.speaker, query),
        topic=analysis.highlight(lecture.topic.name if lecture.topic else "", query),
        organisation=analysis.highlight(lecture.organisation.short_name if lecture.organisation else "", query),
    )


@dataclass(frozen=True)
class Beginning:
    """What is there to see before anything was found: topics with how many lectures, and the newest."""

    topics: list[tuple[Topic, int]]
    newest: list[Card]


def beginning(member: Member | AnonymousUser, now: datetime) -> Beginning:
    visible = Lecture.objects.visible_to(member, now)
    counted = Topic.objects.filter(lecture__in=visible).annotate(count=Count("lecture")).order_by("position", "name")
    newest = list(cards.listed(visible).order_by("-published_at", "-pk")[:NEWEST])
    return Beginning([(topic, topic.count) for topic in counted], cards.for_lectures(newest, member, now))
