"""What the watch page shows of one lecture to one member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from courses.models import CourseItem, CoursePage, Lecture
from engagement import cards, periods, sharing, viewings
from engagement.models import FeaturedMark, Share
from engagement.viewings import Progress
from media_pipeline import paths
from members import roles
from members.models import Member
from ui.cards import Card

RELATED = 3


@dataclass
class Place:
    """Where a lecture stands in a course: the course, its number there, and what comes next."""

    page: CoursePage
    number: int
    count: int
    next: Lecture | None


@dataclass
class Watch:
    lecture: Lecture
    master_url: str
    poster_url: str
    sprite_url: str
    progress: Progress | None
    mark: FeaturedMark | None
    place: Place | None
    share: Share | None
    brought: int
    may_plan: bool
    related: list[Card]
    player_id: str  # the lecture's address for the player to report to; empty where nothing is counted

    @property
    def share_path(self) -> str:
        return f"/s/{self.share.code}" if self.share else ""

    @property
    def qr_url(self) -> str:
        return f"/s/{self.share.code}/qr.svg" if self.share else ""

    @property
    def sign_in_url(self) -> str:
        return f"/sign-in/?next={self.lecture.get_absolute_url()}"

    @property
    def mark_period(self) -> str:
        return periods.name_of(self.mark.period) if self.mark else ""


def compose(lecture: Lecture, member: Member | AnonymousUser, now: datetime) -> Watch:
    known = member if isinstance(member, Member) else None
    share = Share.objects.filter(member=known, lecture=lecture).first() if known else None
    related = (
        Lecture.objects.visible_to(member, now)
        .filter(topic=lecture.topic)
        .exclude(pk=lecture.pk)
        .with_card()
        .order_by("-published_at")[:RELATED]
    )
    return Watch(
        lecture=lecture,
        master_url=paths.signed(lecture.asset, "master.m3u8", now=now),
        poster_url=paths.poster(lecture.asset, small=False, now=now),
        sprite_url=paths.sprite(lecture.asset, now=now),
        progress=viewings.progress_of(known, [lecture]).get(lecture.pk) if known else None,
        mark=lecture.featured_marks.filter(state=FeaturedMark.State.CONFIRMED)
        .select_related("decided_by", "rules")
        .order_by("-period")
        .first(),
        place=place_of(lecture),
        share=share,
        brought=sharing.brought_by(share) if share else 0,
        may_plan=known is not None and roles.organisations_led(known, timezone.localdate(now)).exists(),
        related=cards.for_lectures(list(related), member, now),
        player_id=lecture.public_id if known else "",
    )


def place_of(lecture: Lecture) -> Place | None:
    """The first live course that holds `lecture`."""
    item = (
        CourseItem.objects.filter(lecture=lecture, page__live=True).select_related("page").order_by("page_id").first()
    )
    if item is None:
        return None
    items = list(CourseItem.objects.filter(page=item.page).select_related("lecture").order_by("sort_order"))
    at = next(number for number, one in enumerate(items) if one.lecture_id == lecture.pk)
    following = items[at + 1].lecture if at + 1 < len(items) else None
    return Place(page=item.page, number=at + 1, count=len(items), next=following)
