"""What a completed viewing may earn, as facts: a view for the author, a share for whoever's link brought the viewer.

Facts know no caps and no amounts; the ledger judges them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from courses.models import Lecture
from engagement import periods
from engagement.models import PointEvent, ShareVisit
from members import organisations
from members.models import Member, Organisation


@dataclass(frozen=True)
class Completion:
    """Somebody finished a lecture: who, belonging where at that time, when."""

    lecture: Lecture
    viewer: Member
    organisation: Organisation | None
    at: datetime


def of_completion(lecture: Lecture, viewer_id: int, at: datetime) -> list[PointEvent]:
    """Written once for ever, whatever is completed again. Authors earn nothing by watching their own work, nor by
    watching a dub of it, nor by passing their own link around (those viewers give them view points already)."""
    viewer = Member.objects.get(pk=viewer_id)
    if viewer_id in authors_of(lecture) or not viewer.is_active:
        return []
    done = Completion(lecture, viewer, organisations.of(viewer, on=periods.day_of(at)), at)
    found = [_once(PointEvent.Kind.VIEW, done, lecture.author_id)]
    touch = ShareVisit.objects.filter(member=viewer, lecture=lecture, was_new=True).select_related("share").first()
    if touch and touch.at <= at and touch.share.member_id not in {lecture.author_id, viewer_id}:
        found.append(_once(PointEvent.Kind.SHARE, done, touch.share.member_id, visited_at=touch.at))
    return found


def authors_of(lecture: Lecture) -> set[int]:
    """Of the lecture, and of what it dubs."""
    original = lecture.derived_from
    return {lecture.author_id} | ({original.author_id} if original else set())


def _once(kind: str, done: Completion, member_id: int, *, visited_at: datetime | None = None) -> PointEvent:
    event, _ = PointEvent.objects.get_or_create(
        key=f"{kind}:{done.lecture.pk}:{done.viewer.pk}",
        defaults={
            "kind": kind,
            "member_id": member_id,
            "viewer": done.viewer,
            "viewer_organisation": done.organisation,
            "lecture": done.lecture,
            "visited_at": visited_at,
            "occurred_at": done.at,
        },
    )
    return event
