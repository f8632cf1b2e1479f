"""What a completed viewing may earn, as facts: a view for the author, a share for whoever's link brought the viewer.

Facts know no caps and no amounts; the ledger judges them.
"""

from __future__ import annotations

from datetime import datetime

from courses.models import Lecture
from engagement import periods
from engagement.models import PointEvent, ShareVisit
from members import organisations
from members.models import Member


def of_completion(lecture: Lecture, viewer_id: int, at: datetime) -> list[PointEvent]:
    """Written once for ever, whatever is completed again. Authors earn nothing by watching their own work, nor by
    watching a dub of it, nor by passing their own link around (those viewers give them view points already)."""
    viewer = Member.objects.get(pk=viewer_id)
    if viewer_id in authors_of(lecture) or not viewer.is_active:
        return []
    facts = {"viewer": viewer, "viewer_organisation": organisations.of(viewer, on=periods.day_of(at)), "at": at}
    found = [_once(PointEvent.Kind.VIEW, lecture, lecture.author_id, **facts)]
    touch = ShareVisit.objects.filter(member=viewer, lecture=lecture, was_new=True).select_related("share").first()
    if touch and touch.at <= at and touch.share.member_id not in {lecture.author_id, viewer_id}:
        found.append(_once(PointEvent.Kind.SHARE, lecture, touch.share.member_id, visited_at=touch.at, **facts))
    return found


def authors_of(lecture: Lecture) -> set[int]:
    """Of the lecture, and of what it dubs."""
    original = lecture.derived_from
    return {lecture.author_id} | ({original.author_id} if original else set())


def _once(
    kind: str,
    lecture: Lecture,
    member_id: int,
    *,
    viewer: Member,
    viewer_organisation: object,
    at: datetime,
    visited_at: datetime | None = None,
) -> PointEvent:
    event, _ = PointEvent.objects.get_or_create(
        key=f"{kind}:{lecture.pk}:{viewer.pk}",
        defaults={
            "kind": kind,
            "member_id": member_id,
            "viewer": viewer,
            "viewer_organisation": viewer_organisation,
            "lecture": lecture,
            "visited_at": visited_at,
            "occurred_at": at,
        },
    )
    return event
