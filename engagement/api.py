"""`POST lectures/{id}/play`, `POST lectures/{id}/shares`, `GET points`. Beats have a door of their own (beats)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from courses import access
from courses.models import Lecture
from engagement import account, periods, sharing, viewings
from engagement.account import Entry
from media_pipeline import paths
from members.models import Member
from ui.paging import page_of
from ui.sentences import say_in_all

router = Router(tags=["engagement"])


class PlayIn(Schema):
    session: str = Field("", max_length=10, description="A play session of yours whose token runs out; else empty")


class PlayOut(Schema):
    token: str = Field(description="For `POST beats`; empty in a preview, where nothing is counted")
    session: str
    position_ms: int = Field(description="Where to go on")
    segments: list[tuple[int, int]] = Field(description="What was watched, in milliseconds")
    duration_ms: int
    missing_ms: int = Field(description="How much more to watch until it counts as finished")
    completed: bool
    completed_at: datetime | None
    master_url: str = Field(description="HLS; holds for some hours")


class ShareOut(Schema):
    code: str
    url: str
    qr_url: str


class LectureRef(Schema):
    id: str
    title: str


class EntryOut(Schema):
    kind: Literal["view", "share"]
    is_correction: bool
    amount: int
    reason: str = Field(description="Why it is not counted, or why corrected; empty for a point")
    message: dict[str, str] | None
    lecture: LectureRef
    period: str
    occurred_at: datetime
    visited_at: datetime | None


class PointsOut(Schema):
    balance: int
    period: str
    this_period: int
    entries: list[EntryOut]
    page: int
    pages: int
    total: int


@router.post("lectures/{public_id}/play", response=PlayOut, summary="Open a lecture to watch it")
def play(request: HttpRequest, public_id: str, payload: PlayIn | None = None) -> dict[str, Any]:
    """Takes the playback over from any other device of yours. With `session`: a fresh token for that one instead."""
    now, member = timezone.now(), _member(request)
    lecture = access.playable_for(member, public_id)
    if Lecture.objects.visible_to(member, now).filter(pk=lecture.pk).exists():
        opened = viewings.open_play(member, lecture, now, session=payload.session if payload else "")
    else:
        opened = viewings.preview(lecture)
    progress = opened.progress
    return {
        "token": opened.token,
        "session": opened.session,
        "position_ms": progress.position_ms,
        "segments": progress.segments,
        "duration_ms": progress.duration_ms,
        "missing_ms": progress.missing_ms,
        "completed": progress.is_done,
        "completed_at": progress.completed_at,
        "master_url": paths.signed(lecture.asset, "master.m3u8", now=now),
    }


@router.post("lectures/{public_id}/shares", response={201: ShareOut}, summary="Your own link to a lecture")
def create_share(request: HttpRequest, public_id: str) -> Status[dict[str, str]]:
    """Always the same one for the same lecture."""
    lecture = access.lecture_for(_member(request), public_id)
    share = sharing.link_for(_member(request), lecture, timezone.now())
    said = {
        "code": share.code,
        "url": request.build_absolute_uri(sharing.path_of(share)),
        "qr_url": request.build_absolute_uri(reverse("engagement:share-qr", args=[share.code])),
    }
    return Status(201, said)


@router.get("points", response=PointsOut, summary="Your points, entry by entry")
def points(request: HttpRequest, kind: Literal["", "view", "share", "correction"] = "") -> dict[str, Any]:
    """Newest first, `?page=` by 24."""
    member = _member(request)
    period = periods.quarter_of(timezone.now())
    page = page_of(account.Entries(member, kind), request, size=account.PAGE, counted=None)
    return {
        "balance": account.balance(member),
        "period": period,
        "this_period": account.balance(member, period),
        "entries": [_entry(entry) for entry in page],
        "page": page.number,
        "pages": page.pages,
        "total": page.total,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "is_correction": entry.corrects is not None,
        "amount": entry.amount,
        "reason": entry.reason,
        "message": say_in_all(entry.reason) if entry.reason else None,
        "lecture": {"id": entry.lecture, "title": entry.title},
        "period": entry.period,
        "occurred_at": entry.occurred_at,
        "visited_at": entry.visited_at,
    }


def _member(request: HttpRequest) -> Member:
    member: Member = request.auth  # type: ignore[attr-defined]  # set by ninja
    return member
