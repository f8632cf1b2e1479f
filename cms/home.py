"""What the home page shows to one member: where to go on, what is featured, what is new, what is coming."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from courses import topics
from courses.models import Lecture
from courses.topics import Counted
from courses.visibility import places_of
from engagement import cards, marks, viewings
from engagement.cards import Facts, Row
from engagement.models import FeaturedMark
from livestreams.models import LivestreamPage
from media_pipeline.models import Asset
from members.models import Member
from study_sessions import access as sessions
from study_sessions.models import StudySession
from ui.cards import Card
from ui.prepared import prepared

UNFINISHED, FEATURED, NEWEST, SESSIONS, LIVESTREAMS = 4, 5, 8, 3, 3
COMING = timedelta(days=14)


@dataclass
class Home:
    """Cards are ready to draw; `go_on` is the lecture left half-way, with the moment to go on from."""

    go_on: Card | None = None
    go_on_ms: int = 0
    unfinished: list[Card] = field(default_factory=list)
    featured: list[Card] = field(default_factory=list)
    newest: list[Card] = field(default_factory=list)
    topics: list[Counted] = field(default_factory=list)
    sessions: list[StudySession] = field(default_factory=list)
    livestreams: list[LivestreamPage] = field(default_factory=list)
    preparing: int = 0


def compose(member: Member | AnonymousUser, now: datetime) -> Home:
    known = member if isinstance(member, Member) else None
    places = places_of(member, now)
    left = cards.rows(_unfinished(places, now, known.pk)) if known else []
    featured, evidence = _with_evidence(_featured(places, now))
    newest = cards.Newest(member, now)[0:NEWEST]
    # One call for all shelves: what was watched then costs one query, not one a shelf.
    progress = viewings.progress_of(known, [*left, *featured, *newest]) if known else {}

    def drawn(rows: list[Row]) -> list[Card]:
        return [cards.card(row, progress.get(row.pk), now) for row in rows]

    unfinished, featured_cards = drawn(left), drawn(featured)
    if featured:
        featured_cards[0] = replace(featured_cards[0], note=evidence or featured_cards[0].note)
    return Home(
        go_on=unfinished[0] if unfinished else None,
        go_on_ms=progress[left[0].pk].position_ms if left else 0,
        unfinished=unfinished[1:],
        featured=featured_cards,
        newest=[cards.card(row, progress.get(row.pk), now, is_dated=True) for row in newest],
        topics=topics.with_counts(member, now),
        sessions=sessions.coming_to(known, now, now + COMING, most=SESSIONS) if known else [],
        livestreams=_livestreams(),
        preparing=_preparing.count(known.pk) if known else 0,
    )


@prepared
def _unfinished(places: list[int] | None, now: datetime, member: int) -> QuerySet[Lecture, Facts]:
    """Begun and not finished, the last watched first."""
    begun = Lecture.objects.seen_from(places, now).filter(
        viewings__member=member, viewings__completed_at__isnull=True, viewings__covered_ms__gt=0
    )
    return cards.listed(begun).order_by("-viewings__last_at")[:UNFINISHED]


@prepared
def _featured(places: list[int] | None, now: datetime) -> QuerySet[Lecture, Facts]:
    visible = Lecture.objects.seen_from(places, now).filter(pk__in=_marked())
    return cards.listed(visible, marks.evidence()).order_by("is_pick", "-published_at")[:FEATURED]


def _with_evidence(found: list[Facts]) -> tuple[list[Row], str]:
    """The rows, and what the first of them was marked for."""
    return cards.rows(facts[:-1] for facts in found), marks.say(found[0][-1]) if found else ""


def _marked() -> QuerySet[Lecture, Any]:
    """Keys of what is featured or picked. Two small sets, found by an index each; an OR would read every lecture."""
    featured = Lecture.objects.filter(featured_marks__state=FeaturedMark.State.CONFIRMED).values("pk")
    return featured.union(Lecture.objects.filter(is_pick=True).values("pk"))


@prepared
def _preparing(member: int) -> QuerySet[Asset, tuple[int]]:
    """The member's own uploads that are still on their way to playable."""
    own = Asset.objects.filter(uploaded_by=member, state__in=(Asset.State.RECEIVED, Asset.State.PREPARING))
    return own.values_list("pk")


@prepared
def _livestreams() -> QuerySet[LivestreamPage, LivestreamPage]:
    return LivestreamPage.objects.live().select_related("presenter").order_by("-starts_at")[:LIVESTREAMS]  # type: ignore[no-any-return]  # Wagtail is untyped
