"""Cards of lectures as one member sees them: with the seal and with what they watched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet, Subquery
from django.utils import timezone

from courses.models import Lecture
from courses.models.lectures import LectureQuerySet, address_of
from courses.visibility import places_of
from engagement import marks, viewings
from engagement.viewings import Progress
from media_pipeline import paths
from members.models import Member
from ui import lengths
from ui.cards import Card, Label
from ui.paging import NEAR
from ui.prepared import prepared

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_PLACE = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")  # of a row: when it came out, and its key
Facts = tuple[Any, ...]
Places = list[int] | None
NEWEST_FIRST = ("-published_at", "-pk")
_FACTS = (
    *("pk", "public_id", "title", "speaker_name", "author__name", "organisation__short_name"),
    *("published_at", "is_pick", "is_featured", "asset__duration_ms", "asset__public_id", "asset__picture"),
    *("asset__cut__package__public_id", "asset__cut__package__poster", "asset__cut__package__sprite"),
)


def label_of(*, is_featured: bool, is_pick: bool) -> Label:
    """The seal wins: it is earned, the pick is given."""
    return "seal" if is_featured else "pick" if is_pick else ""


class Row(NamedTuple):
    """What a card shows of a lecture, as `listed` brings it: a tenth of what making the lecture itself would take."""

    pk: int
    public_id: str
    title: str
    speaker_name: str
    author: str
    organisation: str | None
    published_at: datetime
    is_pick: bool
    is_featured: bool
    duration_ms: int | None
    asset: str
    picture: str
    package: str | None
    poster: str | None
    sprite: dict[str, Any] | None

    @property
    def label(self) -> Label:
        return label_of(is_featured=self.is_featured, is_pick=self.is_pick)

    def poster_url(self, now: datetime) -> str:
        package = self.package if self.sprite else ""  # pictures are made last
        return paths.poster_in(self.asset, self.picture, package or "", self.poster or "", now=now)


def listed(lectures: LectureQuerySet, *more: Subquery) -> QuerySet[Lecture, Facts]:
    """Everything a card shows of a lecture, in the query of the lectures themselves: `rows` makes Rows of it. `more`:
    what else is wanted of each."""
    return marks.with_seals(lectures).values_list(*_FACTS, *more)


def rows(found: Iterable[Facts]) -> list[Row]:
    return [Row(*facts) for facts in found]


class Newest:
    """Lectures that `member` may see, the newest first, as a list that `page_of` cuts: of one topic, or of all.
    `known`: how many they are, where somebody knows."""

    def __init__(
        self, member: Member | AnonymousUser, now: datetime, topic: int | None = None, known: int | None = None
    ) -> None:
        self.given = places_of(member, now), now, topic
        self.known = known

    def count(self, most: int | None = None) -> int:
        return _seen.count(*self.given, most=most) if self.known is None else self.known

    def __getitem__(self, cut: slice) -> list[Row]:
        if cut.start < NEAR:
            return rows(_newest(*self.given, start=cut.start, stop=cut.stop))
        return rows(_by_keys([pk for (pk,) in _keys(*self.given, start=cut.start, stop=cut.stop)]))

    def place_of(self, row: Row) -> str:
        return f"{(row.published_at - _EPOCH) // _MICROSECOND}-{row.pk}"

    def beside(self, place: str, size: int, *, forwards: bool) -> list[Row]:
        found = _PLACE.fullmatch(place)
        if found is None:
            return []
        at, pk = _EPOCH + int(found[1]) * _MICROSECOND, int(found[2])
        if forwards:
            return rows(_after(*self.given, at, pk, most=size))
        return rows(_before(*self.given, at, pk, most=size))[::-1]


@prepared
def _seen(places: Places, now: datetime, topic: int | None, *, most: int | None) -> QuerySet[Lecture, tuple[int]]:
    return _of(places, now, topic).values_list("pk")[:most]


@prepared
def _newest(places: Places, now: datetime, topic: int | None, *, start: int, stop: int) -> QuerySet[Lecture, Facts]:
    return listed(_of(places, now, topic)).order_by(*NEWEST_FIRST)[start:stop]


@prepared
def _after(
    places: Places, now: datetime, topic: int | None, at: datetime, pk: int, *, most: int
) -> QuerySet[Lecture, Facts]:
    # The first condition is a range of the index, the second one takes away what is before in the same moment.
    here = _of(places, now, topic).filter(Q(published_at__lt=at) | Q(pk__lt=pk), published_at__lte=at)
    return listed(here).order_by(*NEWEST_FIRST)[:most]


@prepared
def _before(
    places: Places, now: datetime, topic: int | None, at: datetime, pk: int, *, most: int
) -> QuerySet[Lecture, Facts]:
    here = _of(places, now, topic).filter(Q(published_at__gt=at) | Q(pk__gt=pk), published_at__gte=at)
    return listed(here).order_by("published_at", "pk")[:most]


@prepared
def _keys(places: Places, now: datetime, topic: int | None, *, start: int, stop: int) -> QuerySet[Lecture, tuple[int]]:
    return _of(places, now, topic).order_by(*NEWEST_FIRST).values_list("pk")[start:stop]


@prepared
def _by_keys(keys: list[int]) -> QuerySet[Lecture, Facts]:
    return listed(Lecture.objects.filter(pk__in=keys)).order_by(*NEWEST_FIRST)


def _of(places: Places, now: datetime, topic: int | None) -> LectureQuerySet:
    lectures = Lecture.objects.seen_from(places, now)
    return lectures if topic is None else lectures.filter(topic=topic)


def for_rows(
    found: Sequence[Row], member: Member | AnonymousUser, now: datetime, *, is_dated: bool = False
) -> list[Card]:
    """In the same order. One query, for what `member` watched of them."""
    progress = viewings.progress_of(member, found) if isinstance(member, Member) and found else {}
    return [card(one, progress.get(one.pk), now, is_dated=is_dated) for one in found]


def card(row: Row, progress: Progress | None, now: datetime, *, is_dated: bool = False) -> Card:
    """`is_dated`: with the day it came out, for lists of what is new."""
    facts = (row.speaker_name or row.author, row.organisation, _day_of(row, now) if is_dated else "")
    return Card(
        url=address_of(row.public_id),
        title=row.title,
        poster=row.poster_url(now),
        length_ms=row.duration_ms,
        meta=tuple(filter(None, facts)),
        label=row.label,
        line=tuple(progress.line) if progress else (),
        line_label=progress.label if progress else "",
        is_done=bool(progress and progress.is_done),
        note=progress.in_short if progress and not progress.is_done else "",
    )


def _day_of(row: Row, now: datetime) -> str:
    return lengths.spoken_moment(timezone.localtime(row.published_at), now=timezone.localtime(now))
