"""Cards of lectures as one member sees them: with the seal and with what they watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from courses.models import Lecture
from courses.models.lectures import LectureQuerySet
from engagement import marks, viewings
from engagement.viewings import Progress
from media_pipeline import paths
from members.models import Member
from ui import lengths
from ui.cards import Card, Label

# What a card shows, and search's hits; a third of the columns, and lists cost that much less.
_SHOWN = (
    *("public_id", "kind", "title", "summary", "speaker_name", "is_pick", "published_at"),
    *("author", "author__name", "topic", "topic__name", "topic__slug", "organisation", "organisation__short_name"),
    *("asset", "asset__public_id", "asset__duration_ms", "asset__picture", "asset__cut", "asset__cut__package"),
    *("asset__cut__package__public_id", "asset__cut__package__sprite", "asset__cut__package__poster"),
)


def listed(lectures: LectureQuerySet, *more: str) -> LectureQuerySet:
    """With everything a card shows of a lecture, and `more` columns, in the query of the lectures themselves."""
    return marks.with_seals(lectures.with_card().only(*_SHOWN, *more))


def for_lectures(lectures: Sequence[Lecture], member: Member | AnonymousUser, now: datetime) -> list[Card]:
    """In the same order, of lectures that come `listed`. One query, for what `member` watched of them."""
    progress = viewings.progress_of(member, lectures) if isinstance(member, Member) and lectures else {}
    return [card(one, one.is_featured, progress.get(one.pk), now) for one in lectures]  # type: ignore[attr-defined]  # by `listed`


def card(lecture: Lecture, is_featured: bool, progress: Progress | None, now: datetime) -> Card:
    return Card(
        url=lecture.get_absolute_url(),
        title=lecture.title,
        poster=paths.poster(lecture.asset, small=True, now=now),
        length_ms=lecture.asset.duration_ms,
        meta=[lecture.speaker, *([lecture.organisation.short_name] if lecture.organisation else [])],
        label=_label(lecture, is_featured),
        line=progress.line if progress else [],
        line_label=progress.label if progress else "",
        is_done=bool(progress and progress.is_done),
        note=progress.in_short if progress and not progress.is_done else "",
    )


def dated(drawn: Sequence[Card], lectures: Sequence[Lecture], now: datetime) -> list[Card]:
    """The same cards with the day they came out, for lists of what is new."""
    here = timezone.localtime(now)
    return [
        replace(one, meta=[*one.meta, lengths.spoken_moment(timezone.localtime(lecture.published_at), now=here)])
        if lecture.published_at
        else one
        for one, lecture in zip(drawn, lectures, strict=True)
    ]


def _label(lecture: Lecture, is_featured: bool) -> Label:
    """The seal wins: it is earned, the pick is given."""
    if is_featured:
        return "seal"
    return "pick" if lecture.is_pick else ""
