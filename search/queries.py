"""Searching as one member: the engine finds, the rows decide once more what may be seen, highlights say why."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from courses import topics
from courses.models import Lecture
from courses.topics import Counted
from engagement import cards
from members.models import Member
from search import answering, corrections, facets, hits, synonyms
from search.asked import FURTHEST_PAGE, Asked
from search.engines.base import FULL_PAGE, Found, Request, SearchEngine, SearchError
from search.facets import Facet
from search.hits import Hit
from search.permissions import visibility_clause
from search.query_language import Query, left_open, normalise_query, unquoted
from search.synonyms import Known
from search.windows import Window
from ui.cards import Card

logger = logging.getLogger(__name__)
NEWEST = 8
GUESSED = 3  # guesses that are searched for, of those that stand somewhere


@dataclass(frozen=True)
class Results:
    """`until`: what later pages must ask for. `is_more`: `total` at least. `meant`: what was searched for in the place
    of what was asked, which is nowhere. `maybe`: what may have been meant. `in_reserve`: the engine that answers only
    stands by. `is_out`: none answers just now."""

    asked: Asked
    query: Query
    until: datetime
    pages: int = 1
    total: int = 0
    is_more: bool = False
    took_ms: int = 0
    hits: list[Hit] = field(default_factory=list)
    facets: dict[str, Facet] = field(default_factory=dict)
    meant: str = ""
    maybe: str = ""
    in_reserve: bool = False
    is_out: bool = False

    @property
    def shown(self) -> Asked:
        """What is searched for in the end: what narrows or turns pages goes on from here."""
        return replace(self.asked, text=self.meant or self.asked.text)


@dataclass(frozen=True)
class Answer:
    request: Request
    found: Found
    moments: dict[int, list[Window]] = field(default_factory=dict)
    meant: str = ""
    maybe: str = ""
    maybe_ids: list[int] = field(default_factory=list)  # the first lectures that the latter finds


def search(member: Member | AnonymousUser, asked: Asked, *, now: datetime) -> Results:
    """Beside the engine's at most four queries, for however many hits. A page beyond the last is empty, as `total`
    tells."""
    started = time.perf_counter()
    until = asked.until or now
    known = synonyms.known_for(member, now)
    query = normalise_query(asked.text, known.synonyms)
    query = left_open(query) if asked.is_typing else query
    if not query:
        return Results(asked, query, until)
    request = Request(
        query,
        visibility_clause(member, now),
        chosen=facets.for_engine(asked.chosen, known.topics),
        order=asked.order,
        until=until,
        offset=(asked.page - 1) * FULL_PAGE,
    )
    try:
        answer, in_reserve = answering.ask(lambda engine: look(engine, request, asked, known))
    except SearchError:
        logger.exception("search is out")
        return Results(asked, query, until, is_out=True)
    found = answer.found
    loaded = hits.load(found.ids, answer.moments, answer.request.query, member, now)
    return Results(
        asked,
        query,
        until,
        pages=min(max(-(-found.total // FULL_PAGE), 1), FURTHEST_PAGE),
        total=found.total - (len(found.ids) - len(loaded)),
        is_more=found.is_more,
        took_ms=round((time.perf_counter() - started) * 1000),
        hits=loaded,
        facets=facets.described(found.facets, asked, known.topics),
        meant=answer.meant if loaded else "",
        maybe=answer.maybe if _are_visible(answer.maybe_ids, member, now) else "",
        in_reserve=in_reserve,
    )


def look(engine: SearchEngine, request: Request, asked: Asked, known: Known) -> Answer:
    """All that is asked of one engine for one page."""
    answer = Answer(request, engine.search(request))
    # What is still being typed is not wrong yet.
    if not answer.found.full and not (asked.exactly or asked.is_typing) and asked.page == 1:
        answer = _loosen(engine, answer, known) if request.query.phrases else _guess(engine, answer, known)
    # One more than is shown: windows overlap, so that two of them may mean the same place.
    ids, query = answer.found.ids, answer.request.query
    return replace(answer, moments=engine.moments(query, ids, hits.MOMENTS + 1) if ids else {})


def _loosen(engine: SearchEngine, answer: Answer, known: Known) -> Answer:
    """When what was quoted stands nowhere: its words."""
    if answer.found.ids:
        return answer
    text = unquoted(answer.request.query.text)
    request = replace(answer.request, query=normalise_query(text, known.synonyms))
    return Answer(request, engine.search(request), meant=text)


def _guess(engine: SearchEngine, answer: Answer, known: Known) -> Answer:
    """When nothing holds all that was asked: something that sounds or looks like it, and can be found by who asks.

    Shown in the place of nothing at all, offered beside what holds a part.
    """
    query = answer.request.query
    if query.excluded or len(query.words) != 1:
        return answer
    rests = corrections.rests(query.text)
    standing = {" ", *engine.standing(list(rests.values()))}
    places = [at for at, rest in rests.items() if rest in standing]
    for guess in engine.standing(corrections.guesses(query.text, places))[:GUESSED]:
        request = replace(answer.request, query=normalise_query(guess, known.synonyms), is_full=True)
        found = engine.search(request)
        if not found.full:
            continue
        if answer.found.ids:
            return replace(answer, maybe=guess, maybe_ids=found.ids)
        request = replace(request, is_full=False)
        return Answer(request, engine.search(request), meant=guess)
    return answer


def _are_visible(ids: list[int], member: Member | AnonymousUser, now: datetime) -> bool:
    """Whether one of them is: the index may not know yet what happened to them."""
    return bool(ids) and Lecture.objects.visible_to(member, now).filter(pk__in=ids).exists()


@dataclass(frozen=True)
class Beginning:
    """What is there to see before anything was found: topics with how many lectures, and the newest."""

    topics: list[Counted]
    newest: list[Card]


def beginning(member: Member | AnonymousUser, now: datetime) -> Beginning:
    newest = cards.Newest(member, now)[0:NEWEST]
    return Beginning(topics.with_counts(member, now), cards.for_rows(newest, member, now))
