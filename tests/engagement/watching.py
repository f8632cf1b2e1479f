"""Ways to watch, honest and not, for the tests of engagement."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from courses.models import Lecture
from engagement import gathering, sharing, viewings
from engagement.fold import fold_member
from engagement.models import Beat, PlaySession, PointEvent, Verdict
from members.models import Member
from tests import cast

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def finish(member: Member, lecture: Lecture, now: datetime = NOW) -> None:
    """Watch all of it, in real time."""
    viewings.watch(member, lecture, [(0, lecture.asset.duration_ms or 0)], now)


def open_session(member: Member, lecture: Lecture, now: datetime = NOW) -> str:
    return viewings.open_play(member, lecture, now).session


def beat(member: Member, lecture: Lecture, session: str, start: int, end: int, **facts: Any) -> Beat:
    cut = lecture.asset.cut
    assert cut is not None
    return Beat(
        **{
            "uuid": uuid.uuid4(), "member": member, "lecture": lecture, "cut": cut, "session": session, "seq": 1,
            "start_ms": start, "end_ms": end, "received_at": NOW + 60 * SECOND, **facts,
        }
    )  # fmt: skip


def send(beats: Iterable[Beat], now: datetime = NOW) -> list[str]:
    """Record and fold; answers the reasons, in order."""
    beats = list(beats)
    gathering.record(beats)
    for member in {one.member_id for one in beats}:
        fold_member(member, now)
    verdicts = {verdict.beat.uuid: verdict.reason for verdict in Verdict.objects.select_related("beat")}
    return [verdicts[one.uuid] for one in beats]


def share_and_finish(sharer: Member, viewer: Member, lecture: Lecture, now: datetime = NOW) -> None:
    sharing.visit(sharing.link_for(sharer, lecture, now).code, viewer, now)
    finish(viewer, lecture, now + SECOND)


def event(member: Member, viewer: Member, lecture: Lecture, at: datetime = NOW, **facts: Any) -> PointEvent:
    kind = facts.pop("kind", PointEvent.Kind.VIEW)
    return PointEvent.objects.create(
        **{
            "key": f"{kind}:{lecture.pk}:{viewer.pk}", "kind": kind, "member": member, "viewer": viewer,
            "lecture": lecture, "occurred_at": at, "visited_at": at if kind == "share" else None, **facts,
        }
    )  # fmt: skip


def events(count: int, *, at: datetime = NOW, author: Member | None = None) -> list[PointEvent]:
    """Views of one viewer on `count` lectures, a minute apart."""
    author, viewer = author or cast.member(), cast.member()
    lectures = [cast.lecture(author) for _ in range(count)]
    return [event(author, viewer, one, at + n * timedelta(minutes=1)) for n, one in enumerate(lectures)]


def session_of(session: str) -> PlaySession:
    return PlaySession.objects.get(public_id=session)
