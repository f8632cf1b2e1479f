"""GET search: what a member finds, with the places of the hits in each text and in time."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime

from courses.api import AuthorOut, LectureOut, TopicOut
from search import queries
from search.asked import FURTHEST_PAGE, Asked, chosen_of
from search.facets import Facet
from search.hits import Hit, HitMoment
from ui.sentences import Refused, say_in_all

router = Router(tags=["search"])
Text = list[tuple[str, bool]]


class Highlights(Schema):
    """Each text in pieces, with whether a piece is a hit. The summary is cut to the words around the first one."""

    title: Text
    summary: Text
    speaker: Text
    topic: Text
    organisation: Text


class MomentOut(Schema):
    """What is said or shown (`source`: `speech` or `slide`) at a place in the lecture; `url` opens it there."""

    start_ms: int
    source: str
    url: str
    text: Text


class FoundLecture(LectureOut):
    """`label`: `seal` (featured), `pick` (editors' pick) or empty."""

    label: str
    highlights: Highlights
    moments: list[MomentOut]


class FacetValueOut(Schema):
    """`value` is what a later search takes for this facet."""

    value: str
    label: str
    count: int
    chosen: bool


class Notice(Schema):
    """`search_in_reserve`: the server is out, and the engine standing by answers."""

    code: str
    message: dict[str, str]


class Found(Schema):
    """`more`: `total` is at least that many. `until`: give it with later pages, and they do not shift. `facets`: how
    many lectures each value holds, under what is chosen of the other facets."""

    query: str
    total: int
    more: bool
    page: int
    pages: int
    until: datetime
    took_ms: int
    facets: dict[str, list[FacetValueOut]]
    notice: Notice | None
    results: list[FoundLecture]


class AskedOf(Schema):
    """`q`: words, "exact words", -words to leave out. All facets may be given more than once: any of one, all facets.

    `topic`: slugs. `length`: minutes, as `5-10`. `place`: where it is found: `title`, `speech`, `slide`.
    """

    q: str = ""
    topic: list[str] = []
    speaker: list[str] = []
    organisation: list[str] = []
    course: list[str] = []
    length: list[str] = []
    year: list[str] = []
    language: list[str] = []
    kind: list[str] = []
    place: list[str] = []
    captioned: bool = False
    featured: bool = False
    order: Literal["best", "new", "watched", "featured"] = "best"
    page: int = Field(1, ge=1, le=FURTHEST_PAGE)
    until: AwareDatetime | None = None


@router.get("search", response=Found, summary="Search lectures")
def search(request: HttpRequest, given: Query[AskedOf]) -> Found:
    member = request.auth  # type: ignore[attr-defined]  # put there by members.api_auth
    results = queries.search(member, _asked(given), now=timezone.now())
    if results.is_out:
        raise Refused("search_out", status=503)
    return Found(
        query=results.query.text,
        total=results.total,
        more=results.is_more,
        page=given.page,
        pages=results.pages,
        until=results.until,
        took_ms=results.took_ms,
        facets={name: _values(facet) for name, facet in results.facets.items() if facet.values},
        notice=_notice("search_in_reserve") if results.in_reserve else None,
        results=[_found(hit) for hit in results.hits],
    )


def _notice(code: str) -> Notice:
    return Notice(code=code, message=say_in_all(code))


def _asked(given: AskedOf) -> Asked:
    facets = ("topic", "speaker", "organisation", "course", "length", "year", "language", "kind", "place")
    chosen = {name: getattr(given, name) for name in facets}
    chosen |= {name: ["1"] for name in ("captioned", "featured") if getattr(given, name)}
    return Asked(given.q, chosen=chosen_of(chosen), order=given.order, page=given.page, until=given.until)


def _values(facet: Facet) -> list[FacetValueOut]:
    return [
        FacetValueOut(value=one.key, label=one.label, count=one.count, chosen=one.is_chosen) for one in facet.values
    ]


def _moment(moment: HitMoment) -> MomentOut:
    return MomentOut(start_ms=moment.start_ms, source=moment.source, url=moment.url, text=moment.parts)


def _found(hit: Hit) -> FoundLecture:
    lecture = hit.lecture
    return FoundLecture(
        id=lecture.public_id,
        kind=lecture.kind,
        title=lecture.title,
        summary=lecture.summary,
        topic=TopicOut(slug=lecture.topic_slug or "", name=lecture.topic) if lecture.topic else None,
        state=lecture.state,
        author=AuthorOut(name=lecture.author, organisation=lecture.organisation_name or ""),
        speaker=lecture.speaker,
        visibility=lecture.visibility,
        duration_ms=lecture.duration_ms,
        poster_url=hit.poster,
        url=hit.url,
        published_at=lecture.published_at,
        reason=None,  # what only its author and editors see is not for a list of hits
        asset=None,
        label=hit.label,
        highlights=Highlights(
            title=hit.title,
            summary=hit.summary,
            speaker=hit.speaker,
            topic=hit.topic,
            organisation=hit.organisation,
        ),
        moments=[_moment(one) for one in hit.moments],
    )
