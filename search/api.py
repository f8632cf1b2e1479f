"""GET search: what a member finds, with the places of the hits in each text."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from search import queries
from search.queries import Hit
from ui.sentences import Refused

router = Router(tags=["search"])
Text = list[tuple[str, bool]]


class Highlights(Schema):
    """Each text in pieces, with whether a piece is a hit. The summary is cut to the words around the first one."""

    title: Text
    summary: Text
    speaker: Text
    topic: Text
    organisation: Text


class FoundLecture(Schema):
    id: str
    url: str
    kind: str
    title: str
    summary: str
    topic: str
    topic_slug: str
    speaker: str
    organisation: str
    duration_ms: int | None
    poster: str
    published_at: datetime | None
    label: str
    highlights: Highlights


class Found(Schema):
    query: str
    total: int
    page: int
    pages: int
    took_ms: int
    results: list[FoundLecture]


@router.get("search", response=Found, summary="Search lectures")
def search(
    request: HttpRequest,
    q: str = Query("", description="words, “exact words”, -words to leave out"),
    topic: str = Query("", description="slug of a topic"),
    featured: bool = False,
    page: int = Query(1, ge=1, le=queries.FURTHEST_PAGE),
) -> Found:
    results = queries.search(
        request.auth,  # type: ignore[attr-defined]  # the member, put there by members.api_auth
        q,
        topic=topic,
        featured=featured,
        page=page,
        now=timezone.now(),
    )
    if results.is_out:
        raise Refused("search_out", status=503)
    return Found(
        query=results.query.text,
        total=results.total,
        page=results.page,
        pages=results.pages,
        took_ms=results.took_ms,
        results=[_found(hit) for hit in results.hits],
    )


def _found(hit: Hit) -> FoundLecture:
    lecture, card = hit.lecture, hit.card
    return FoundLecture(
        id=lecture.public_id,
        url=card.url,
        kind=lecture.kind,
        title=lecture.title,
        summary=lecture.summary,
        topic=lecture.topic.name if lecture.topic else "",
        topic_slug=lecture.topic.slug if lecture.topic else "",
        speaker=lecture.speaker,
        organisation=lecture.organisation.short_name if lecture.organisation else "",
        duration_ms=card.length_ms,
        poster=card.poster,
        published_at=lecture.published_at,
        label=card.label,
        highlights=Highlights(
            title=hit.title,
            summary=hit.summary,
            speaker=hit.speaker,
            topic=hit.topic,
            organisation=hit.organisation,
        ),
    )
