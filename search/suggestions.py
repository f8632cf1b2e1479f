"""What may be meant while it is still being typed: titles, speakers, topics and courses of lectures one may see."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser

from courses.models import Lecture
from members.models import Member
from search import analysis, answering
from search.analysis import Parts
from search.engines.base import Request, SearchError
from search.permissions import visibility_clause
from search.query_language import Query, left_open, normalise_query

logger = logging.getLogger(__name__)
LOOKED_AT, MOST, MOST_NAMES = 12, 8, 3


@dataclass(frozen=True)
class Suggestion:
    """`kind`: lecture, speaker or topic. `url` opens the lecture, or searches for the name."""

    kind: str
    parts: Parts
    url: str
    note: str = ""


def suggest(member: Member | AnonymousUser, typed: str, *, now: datetime) -> list[Suggestion]:
    """At most three queries. Only what stands in rows that `member` may see; nothing while no index answers."""
    query = left_open(normalise_query(typed))
    if not query:
        return []
    request = Request(query, visibility_clause(member, now), scope="names", limit=LOOKED_AT)
    try:
        found, _ = answering.ask(lambda engine: engine.search(request))
    except SearchError:
        logger.exception("no suggestions: search is out")
        return []
    if not found.ids:
        return []
    rows = Lecture.objects.visible_to(member, now).select_related("author", "topic").in_bulk(found.ids)
    lectures = [rows[pk] for pk in found.ids if pk in rows]
    names = list(islice(_names(lectures, query), MOST_NAMES))
    return [*names, *(_lecture(one, query) for one in lectures)][:MOST]


def _names(lectures: list[Lecture], query: Query) -> Iterator[Suggestion]:
    """Speakers and topics that answer by themselves, each once."""
    seen: set[tuple[str, str]] = set()
    for lecture in lectures:
        for kind, name in (("speaker", lecture.speaker), ("topic", lecture.topic.name if lecture.topic else "")):
            parts = analysis.highlight(name, query)
            if (kind, name) not in seen and any(is_hit for _, is_hit in parts):
                seen.add((kind, name))
                yield Suggestion(kind, parts, f"/search/?{urlencode({'q': name})}")


def _lecture(lecture: Lecture, query: Query) -> Suggestion:
    return Suggestion(
        "lecture", analysis.highlight(lecture.title, query), lecture.get_absolute_url(), note=lecture.speaker
    )
