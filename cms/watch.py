"""What the watch page shows of one lecture to one member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet, Subquery
from django.http import Http404
from django.utils import timezone
from wagtail.models import Page

from courses import chapters
from courses.models import CourseItem, Lecture
from courses.models.lectures import LectureQuerySet, address_of
from courses.visibility import places_of
from engagement import cards, marks, periods, sharing, viewings
from engagement.models import FeaturedMark
from engagement.viewings import Progress
from media_pipeline import downloads, paths
from members import roles
from members.models import Member
from search import inside
from ui.cards import Card
from ui.prepared import prepared

RELATED = 3
# Of ninety columns, those that the page says; another one would cost a query of its own.
_SHOWN = (
    *("public_id", "kind", "title", "summary", "speaker_name", "is_pick", "is_downloadable", "published_at", "topic"),
    *("author", "author__name", "organisation", "organisation__short_name"),
    *("asset", "asset__public_id", "asset__duration_ms", "asset__picture", "asset__projection"),
    *("asset__cut", "asset__cut__duration_ms", "asset__cut__package", "asset__cut__package__public_id"),
    *("asset__cut__package__sprite", "asset__cut__package__poster", "asset__cut__package__download_bytes"),
)


class Beside(NamedTuple):
    """A lecture of a course, with the course's title and its path in the tree of pages."""

    pk: int
    public_id: str
    title: str
    course: str
    path: str

    @property
    def url(self) -> str:
        return address_of(self.public_id)


@dataclass
class Place:
    """Where a lecture stands in a course: the course, its number there, and what comes next."""

    course: str
    url: str
    number: int
    count: int
    next: Beside | None


@dataclass
class Watch:
    lecture: Lecture
    master_url: str
    poster_url: str
    sprite_url: str
    progress: Progress | None
    mark: FeaturedMark | None
    place: Place | None
    share_code: str  # of the member's own link; empty while there is none
    brought: int
    may_plan: bool
    related: list[Card]
    chapters: list[chapters.Row]
    download_url: str  # empty where it may not be saved, or there is no file yet
    player_id: str  # the lecture's address for the player to report to; empty where nothing is counted

    @property
    def chapters_url(self) -> str:
        return chapters.url_of(self.lecture) if self.chapters else ""

    @property
    def download_bytes(self) -> int:
        cut = self.lecture.asset.cut
        return cut.package.download_bytes if cut and cut.package else 0

    @property
    def share_path(self) -> str:
        return f"/s/{self.share_code}" if self.share_code else ""

    @property
    def qr_url(self) -> str:
        return f"/s/{self.share_code}/qr.svg" if self.share_code else ""

    @property
    def sign_in_url(self) -> str:
        return f"/sign-in/?next={self.lecture.get_absolute_url()}"

    @property
    def mark_period(self) -> str:
        return periods.name_of(self.mark.period) if self.mark else ""


def lecture_for(member: Member | AnonymousUser, public_id: str, now: datetime) -> Lecture:
    """The lecture of a watch page, if `member` may find it. One query."""
    found = _visible(places_of(member, now), now, member.pk, public_id)
    if not found:
        raise Http404
    return found[0]


def replay_for(member: Member | AnonymousUser, key: int, now: datetime) -> Lecture | None:
    return lectures(member.pk).visible_to(member, now).filter(pk=key).first()


@prepared
def _visible(places: list[int] | None, now: datetime, member: int | None, public_id: str) -> QuerySet[Lecture, Lecture]:
    return lectures(member).seen_from(places, now).filter(public_id=public_id)


def lectures(member: int | None) -> LectureQuerySet:
    """With what the page says of a lecture itself, in the query of the lecture: seal, own link, something to search."""
    shown = Lecture.objects.select_related("author", "organisation", "asset__cut__package").only(*_SHOWN)
    return sharing.with_link(inside.with_texts(marks.with_seals(shown)), member)


def compose(lecture: Lecture, member: Member | AnonymousUser, now: datetime) -> Watch:
    """Of one of `lectures`. At most ten queries with those of the request, however much there is to show."""
    known = member if isinstance(member, Member) else None
    # One more than is shown: this lecture may be among them.
    newest = cards.Newest(member, now, lecture.topic_id)[0 : RELATED + 1]
    related = [one for one in newest if one.pk != lecture.pk][:RELATED]
    # One query for this lecture and the related ones together: of what was watched.
    progress = viewings.progress_of(known, [lecture, *related]) if known else {}
    return Watch(
        lecture=lecture,
        master_url=paths.signed(lecture.asset, "master.m3u8", now=now),
        poster_url=paths.poster(lecture.asset, small=False, now=now),
        sprite_url=paths.sprite(lecture.asset, now=now),
        progress=progress.get(lecture.pk),
        mark=marks.of(lecture) if lecture.is_featured else None,  # type: ignore[attr-defined]  # by `lectures`
        place=place_of(lecture),
        share_code=lecture.share_code,  # type: ignore[attr-defined]  # by `lectures`
        brought=lecture.brought,  # type: ignore[attr-defined]  # by `lectures`
        may_plan=roles.leads(member, timezone.localdate(now)),
        related=[cards.card(one, progress.get(one.pk), now) for one in related],
        chapters=chapters.rows(lecture),
        download_url=downloads.link(lecture.asset, lecture.title, now=now) if lecture.is_downloadable else "",
        player_id=lecture.public_id if known else "",
    )


def place_of(lecture: Lecture) -> Place | None:
    """The first live course that holds `lecture`."""
    items = [Beside(*facts) for facts in _beside(lecture.pk)]
    if not items:
        return None
    at = next(number for number, one in enumerate(items) if one.pk == lecture.pk)
    following = items[at + 1] if at + 1 < len(items) else None
    url = Page(url_path=items[0].path).url or ""
    return Place(course=items[0].course, url=url, number=at + 1, count=len(items), next=following)


@prepared
def _beside(lecture: int) -> QuerySet[CourseItem, tuple[Any, ...]]:
    """All items of that course."""
    holding = CourseItem.objects.filter(lecture=lecture, page__live=True).order_by("page_id").values("page_id")[:1]
    items = CourseItem.objects.filter(page=Subquery(holding)).order_by("sort_order")
    facts = ("lecture", "lecture__public_id", "lecture__title", "page__title", "page__url_path")
    return items.values_list(*facts)  # type: ignore[no-any-return]
