"""What the home page shows to one member: where to go on, what is featured, what is new, what is coming."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, QuerySet

from courses import topics
from courses.models import Lecture, Topic
from courses.models.lectures import LectureQuerySet
from engagement import cards, marks
from engagement.models import FeaturedMark
from livestreams.models import LivestreamPage
from media_pipeline.models import Asset
from members.models import Member
from study_sessions import access as sessions
from study_sessions.models import StudySession
from ui.cards import Card

UNFINISHED, FEATURED, NEWEST = 4, 5, 8
COMING = timedelta(days=14)


@dataclass
class Home:
    """Cards are ready to draw; `go_on` is the lecture left half-way, with the moment to go on from."""

    go_on: Card | None = None
    go_on_ms: int = 0
    unfinished: list[Card] = field(default_factory=list)
    featured: list[Card] = field(default_factory=list)
    newest: list[Card] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)
    sessions: list[StudySession] = field(default_factory=list)
    livestreams: list[LivestreamPage] = field(default_factory=list)
    preparing: int = 0


def compose(member: Member | AnonymousUser, now: datetime) -> Home:
    visible = cards.listed(Lecture.objects.visible_to(member, now))
    left = _unfinished(member, visible)
    featured = list(visible.filter(pk__in=_marked()).order_by("is_pick", "-published_at")[:FEATURED])
    newest = list(visible.order_by("-published_at")[:NEWEST])
    # One call for all shelves: what was watched then costs one query, not one a shelf.
    drawn = cards.for_lectures([*left, *featured, *newest], member, now)
    shelves = iter(drawn)
    unfinished, featured_cards, newest_cards = ([next(shelves) for _ in group] for group in (left, featured, newest))
    if featured:
        featured_cards[0] = replace(featured_cards[0], note=marks.evidence_of(featured[0]) or featured_cards[0].note)
    return Home(
        go_on=unfinished[0] if unfinished else None,
        go_on_ms=left[0].position_ms if left else 0,  # type: ignore[attr-defined]  # by _unfinished
        unfinished=unfinished[1:],
        featured=featured_cards,
        newest=cards.dated(newest_cards, newest, now),
        topics=topics.with_counts(member, now),
        sessions=_coming_sessions(member, now),
        livestreams=list(LivestreamPage.objects.live().select_related("presenter").order_by("-starts_at")[:3]),
        preparing=_preparing(member),
    )


def _unfinished(member: Member | AnonymousUser, visible: LectureQuerySet) -> list[Lecture]:
    """Begun and not finished, the last watched first, each with its `position_ms`."""
    if not isinstance(member, Member):
        return []
    begun = visible.filter(viewings__member=member, viewings__completed_at__isnull=True, viewings__covered_ms__gt=0)
    return list(begun.annotate(position_ms=F("viewings__position_ms")).order_by("-viewings__last_at")[:UNFINISHED])


def _marked() -> QuerySet[Lecture, Any]:
    """Keys of what is featured or picked. Two small sets, found by an index each; an OR would read every lecture."""
    featured = Lecture.objects.filter(featured_marks__state=FeaturedMark.State.CONFIRMED).values("pk")
    return featured.union(Lecture.objects.filter(is_pick=True).values("pk"))


def _preparing(member: Member | AnonymousUser) -> int:
    """How many of the member's own uploads are still on their way to playable."""
    if not isinstance(member, Member):
        return 0
    return Asset.objects.filter(uploaded_by=member, state__in=(Asset.State.RECEIVED, Asset.State.PREPARING)).count()


def _coming_sessions(member: Member | AnonymousUser, now: datetime) -> list[StudySession]:
    if not isinstance(member, Member):
        return []
    coming = sessions.visible_to(member, now).filter(
        state=StudySession.State.PLANNED, ends_at__gt=now, starts_at__lt=now + COMING
    )
    return list(coming.select_related("organisation", "lecture").order_by("starts_at")[:3])
