"""GET search: what a member finds, with the places of the hits in each text."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from courses.api import AuthorOut, LectureOut, TopicOut
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


class FoundLecture(LectureOut):
    """`label`: `seal` (featured), `pick` (editors' pick) or empty."""

    label: str
    highlights: Highlights


class Found(Schema):
    query: str
    total: int
    page: int
    pages: int
    took_ms: int
    results: list[FoundLecture]


class Asked(Schema):
    """`q`: words, "exact words", -words to leave out. `topic`: a slug."""

    q: str = ""
    topic: str = ""
    featured: bool = False
    page: int = Field(1, ge=1, le=queries.FURTHEST_PAGE)


@router.get("search", response=Found, summary="Search lectures")
def search(request: HttpRequest, asked: Query[Asked]) -> Found:
    results = queries.search(
        request.auth,  # type: ignore[attr-defined]  # the member, put there by members.api_auth
        asked.q,
        topic=asked.topic,
        featured=asked.featured,
        page=asked.page,
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
    topic, organisation = lecture.topic, lecture.organisation
    return FoundLecture(
        id=lecture.public_id,
        kind=lecture.kind,
        title=lecture.title,
        summary=lecture.summary,
        topic=TopicOut(slug=topic.slug, name=topic.name) if topic else None,
        state=lecture.state,
        author=AuthorOut(name=lecture.author.name, organisation=organisation.name if organisation else ""),
        speaker=lecture.speaker,
        visibility=lecture.visibility,
        duration_ms=card.length_ms,
        poster_url=card.poster,
        url=card.url,
        published_at=lecture.published_at,
        reason=None,  # what only its author and editors see is not for a list of hits
        asset=None,
        label=card.label,
        highlights=Highlights(
            title=hit.title,
            summary=hit.summary,
            speaker=hit.speaker,
            topic=hit.topic,
            organisation=hit.organisation,
        ),
    )
