"""Personal links: who gave which, who came by them, and what came of it."""

from __future__ import annotations

import io
from datetime import datetime

import segno
from django.db.models import Count, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404
from django.urls import reverse

from courses.models import Lecture
from courses.models.lectures import LectureQuerySet
from engagement.models import PointEvent, Share, ShareVisit, Viewing
from members.models import Member


def link_for(member: Member, lecture: Lecture, now: datetime) -> Share:
    """The member's own link to this lecture, made when first asked for."""
    share, _ = Share.objects.get_or_create(member=member, lecture=lecture, defaults={"created_at": now})
    return share


def with_link(lectures: LectureQuerySet, member: int | None) -> LectureQuerySet:
    """Each with the `share_code` of the own link of the member with this key, empty if there is none, and with
    `brought`: how many colleagues saw the lecture for the first time, and to its end, by it."""
    link = Share.objects.filter(member=member, lecture=OuterRef("pk")).values("code")
    by_it = PointEvent.objects.filter(kind=PointEvent.Kind.SHARE, member=member, lecture=OuterRef("pk"))
    count = by_it.order_by().values("member").annotate(count=Count("pk")).values("count")
    return lectures.annotate(share_code=Coalesce(Subquery(link), Value("")), brought=Coalesce(Subquery(count), 0))


def path_of(share: Share) -> str:
    return reverse("engagement:share", args=[share.code])


def find(code: str) -> Share:
    """404 for a code nobody was given."""
    share = (
        Share.objects.filter(code=code)
        .select_related(
            "member", "lecture__author", "lecture__topic", "lecture__organisation", "lecture__asset__cut__package"
        )
        .first()
    )
    if share is None:
        raise Http404
    return share


def visit(code: str, member: Member, now: datetime) -> ShareVisit | None:
    """`member` came by this link. The first link a member opens to a lecture is the one that counts.

    Nothing is kept when people open their own link. 404 for a code nobody was given.
    """
    share = find(code)
    if share.member_id == member.pk:
        return None
    seen = Viewing.objects.filter(member=member, lecture_id=share.lecture_id).exists()
    touch, _ = ShareVisit.objects.get_or_create(
        member=member, lecture_id=share.lecture_id, defaults={"share": share, "at": now, "was_new": not seen}
    )
    return touch


def qr_svg(address: str) -> bytes:
    """Black on white whatever the theme, with the quiet border that cameras need."""
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        picture, kind="svg", scale=8, border=2, dark="#000", light="#fff", xmldecl=False
    )
    return picture.getvalue()
