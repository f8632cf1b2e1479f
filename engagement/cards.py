"""Cards of lectures as one member sees them: with the seal and with what they watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from courses.models import Lecture
from engagement import marks, viewings
from engagement.viewings import Progress
from media_pipeline import paths
from members.models import Member
from ui import lengths
from ui.cards import Card, Label


def for_lectures(lectures: Sequence[Lecture], member: Member | AnonymousUser, now: datetime) -> list[Card]:
    """In the same order. At most three queries, if `lectures` come `with_card()`."""
    seals = marks.seals_of(lectures)
    progress = viewings.progress_of(member, lectures) if isinstance(member, Member) else {}
    return [card(lecture, lecture.pk in seals, progress.get(lecture.pk), now) for lecture in lectures]


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
