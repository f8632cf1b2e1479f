"""Opening a lecture to watch it, and how far a member is."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from courses.models import Lecture
from courses.models.lectures import LectureQuerySet
from engagement import coverage, gathering, tokens
from engagement.coverage import Covered
from engagement.fold import fold_member, fold_or_log
from engagement.models import Beat, Coverage, PlaySession, Viewing
from members.models import Member
from ui import progress
from ui.prepared import prepared
from ui.sentences import Refused


class HasKey(Protocol):
    """A lecture, or the row of one."""

    @property
    def pk(self) -> int: ...


AT_THE_END_MS = 3_000  # who stopped this close to the end goes on from the start
BEAT_MS = 10_000


@dataclass(frozen=True)
class Progress:
    """How far one member is with one lecture's current cut."""

    covered_ms: int = 0
    duration_ms: int = 0
    position_ms: int = 0  # where to go on
    completed_at: datetime | None = None
    segments: Covered = field(default_factory=list)  # what was played, in ms

    @property
    def covered(self) -> float:
        """The part seen, 0…1."""
        return self.covered_ms / self.duration_ms if self.duration_ms else 0.0

    @property
    def percent(self) -> int:
        """Rounded down: 100 only when nothing is missing."""
        return int(self.covered * 100)

    @property
    def line(self) -> list[tuple[float, float]]:
        return coverage.per_cent(self.segments, self.duration_ms)

    @property
    def label(self) -> str:
        """The line in words."""
        return progress.line_label(self.segments, self.duration_ms)

    @property
    def in_short(self) -> str:
        return progress.in_short(self.segments, missing_ms=self.missing_ms, duration_ms=self.duration_ms)

    @property
    def gaps(self) -> Covered:
        return coverage.gaps(self.segments, self.duration_ms)

    @property
    def missing_ms(self) -> int:
        """How much more to play until it counts as seen."""
        return 0 if self.completed_at else coverage.missing_ms(self.covered_ms, self.duration_ms)

    @property
    def is_done(self) -> bool:
        return self.completed_at is not None


@dataclass(frozen=True)
class Play:
    """An opened play session and what a player needs to begin."""

    session: str
    token: str
    progress: Progress

    @property
    def duration_ms(self) -> int:
        return self.progress.duration_ms


def open_play(member: Member, lecture: Lecture, now: datetime, *, session: str = "") -> Play:
    """Open `lecture` in a player: a new play session that takes the playback over from any other device.

    With the id of one of the member's own `session`s of the same cut, that one gets a fresh token instead.
    """
    cut = lecture.asset.cut
    if cut is None or cut.package_id is None:
        raise Refused("not_playable_yet", status=409)
    known = PlaySession.objects.filter(public_id=session, member=member, lecture=lecture, cut=cut).first()
    playing = known or PlaySession.objects.create(member=member, lecture=lecture, cut=cut, started_at=now)
    fold_or_log(member.pk, now)  # what has just been sent is already part of where they are
    so_far = progress_of(member, [lecture]).get(lecture.pk) or Progress(duration_ms=cut.duration_ms)
    if known is None:
        at = so_far.position_ms
        gathering.record([_beat(playing, Beat.Kind.PLAY, at, at, now=now)])
        fold_or_log(member.pk, now)
    token = tokens.issue(
        playing.public_id, member=member.pk, lecture=lecture.pk, cut=cut.pk, duration_ms=cut.duration_ms, now=now
    )
    return Play(playing.public_id, token, so_far)


def preview(lecture: Lecture) -> Play:
    """For authors and editors before publication: it plays, nothing is counted, so there is no token."""
    cut = lecture.asset.cut
    if cut is None or cut.package_id is None:
        raise Refused("not_playable_yet", status=409)
    return Play("", "", Progress(duration_ms=cut.duration_ms))


def progress_of(member: Member, lectures: Iterable[HasKey]) -> dict[int, Progress]:
    """By lecture key, of those begun. One query, however many lectures.

    Only what was covered of the current cut is shown; completion outlives cuts.
    """
    keys = list({lecture.pk for lecture in lectures})
    return {lecture: _progress(*facts) for lecture, *facts in _begun(member.pk, keys)}


@prepared
def _begun(member: int, lectures: list[int]) -> QuerySet[Viewing, tuple[Any, ...]]:
    seen = Coverage.objects.filter(viewing=OuterRef("pk"), cut=OuterRef("lecture__asset__cut")).values("intervals")
    viewings = Viewing.objects.filter(member=member, lecture__id__in=lectures, lecture__asset__cut__isnull=False)
    facts = ("lecture_id", "lecture__asset__cut__duration_ms", "position_ms", "completed_at")
    return viewings.values_list(*facts, Subquery(seen))


def with_done(lectures: LectureQuerySet, member: int | None) -> LectureQuerySet:
    """The same, each with `is_done`: whether the member with this key finished it, without a query of its own."""
    finished = Viewing.objects.filter(member=member, completed_at__isnull=False, lecture=OuterRef("pk"))
    return lectures.annotate(is_done=Exists(finished))


def _progress(duration_ms: int, position_ms: int, completed_at: datetime | None, seen: Covered | None) -> Progress:
    segments = coverage.union(seen or [], duration_ms)
    near_end = position_ms >= duration_ms - AT_THE_END_MS
    return Progress(
        covered_ms=coverage.covered_ms(segments),
        duration_ms=duration_ms,
        position_ms=0 if near_end else position_ms,
        completed_at=completed_at,
        segments=segments,
    )


def watch(member: Member, lecture: Lecture, intervals: Iterable[tuple[int, int]], now: datetime) -> datetime:
    """Play `intervals` through the same rules as any player, in their real time from `now` on; says when it ended.

    For demo content, which walks through past days, and for tests.
    """
    play = open_play(member, lecture, now)
    playing = PlaySession.objects.get(public_id=play.session)
    beats: list[Beat] = []
    for start, end in intervals:
        for at in range(start, end, BEAT_MS):
            until = min(at + BEAT_MS, end)
            now += timedelta(milliseconds=until - at)
            beats.append(_beat(playing, Beat.Kind.INTERVAL, at, until, now=now, seq=len(beats) + 1))
    gathering.record(beats)
    fold_member(member.pk, now)
    return now


def _beat(playing: PlaySession, kind: str, start_ms: int, end_ms: int, *, now: datetime, seq: int = 0) -> Beat:
    return Beat(
        uuid=uuid.uuid4(),
        member_id=playing.member_id,
        lecture_id=playing.lecture_id,
        cut_id=playing.cut_id,
        session=playing.public_id,
        kind=kind,
        seq=seq,
        start_ms=start_ms,
        end_ms=end_ms,
        received_at=now,
    )
