"""`lectures`: what one may see, one's own drafts, and the moves of the editors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from courses import access, history, lectures, posters
from courses.api.people import member_of, workable
from courses.models import Lecture, Topic
from media_pipeline import downloads
from members.models import Member
from ui.sentences import Refused

router = Router()
PAGE_SIZE = 24


class TopicOut(Schema):
    slug: str
    name: str


class AuthorOut(Schema):
    name: str
    organisation: str


class LectureOut(Schema):
    """`download_url`: one MP4 where its author allows that, signed for some hours; else empty. `reason` is why it was
    last returned, `asset` its recording: for its author and for editors, else null."""

    id: str
    kind: str
    title: str
    summary: str
    topic: TopicOut | None
    state: str
    author: AuthorOut
    speaker: str
    visibility: str
    duration_ms: int | None
    poster_url: str
    download_url: str = ""
    url: str
    published_at: datetime | None
    reason: str | None
    asset: str | None


class LecturePage(Schema):
    items: list[LectureOut]
    count: int
    page: int
    pages: int


class LectureFilter(Schema):
    """`author=me` shows one's own in every state, and only then does `state` say more than `published`."""

    topic: str = ""
    author: str = ""
    state: str = ""
    page: int = 1


class LectureChange(Schema):
    """What is left out stays. `topic` is a slug; the last three are for editors."""

    title: str | None = None
    summary: str | None = None
    topic: str | None = None
    visibility: str | None = None
    speaker_name: str | None = None
    is_downloadable: bool | None = None
    publish_at: datetime | None = None
    unpublish_at: datetime | None = None
    is_pick: bool | None = None


class LectureIn(LectureChange):
    asset: str


class Reason(Schema):
    reason: str = ""


@router.get("lectures", response=LecturePage, summary="Lectures one may watch, or one's own")
def list_lectures(request: HttpRequest, wanted: Query[LectureFilter]) -> dict[str, Any]:
    member = member_of(request)
    found = Lecture.objects.filter(author=member) if wanted.author == "me" else Lecture.objects.visible_to(member)
    if wanted.state:
        if wanted.state not in Lecture.State.values:
            raise Refused("lecture_state_unknown", field="state")
        found = found.filter(state=wanted.state)
    if wanted.topic:
        found = found.filter(topic__slug=wanted.topic)
    page = Paginator(found.with_card().order_by("-published_at", "-pk"), PAGE_SIZE).get_page(wanted.page)
    return {
        "items": _described(list(page), member),
        "count": page.paginator.count,
        "page": page.number,
        "pages": page.paginator.num_pages,
    }


@router.post("lectures", response={201: LectureOut}, summary="Describe the draft made of an upload")
def create_lecture(request: HttpRequest, payload: LectureIn) -> dict[str, Any]:
    member = member_of(request)
    lecture = Lecture.objects.with_card().filter(author=member, asset__public_id=payload.asset).first()
    if lecture is None:
        raise Refused("lecture_no_such_asset", status=404, field="asset")
    if fields := _fields(payload):
        lectures.edit(lecture, by=member, now=timezone.now(), **fields)
    return _one(lecture, member)


@router.get("lectures/{public_id}", response=LectureOut, summary="One lecture")
def get_lecture(request: HttpRequest, public_id: str) -> dict[str, Any]:
    member = member_of(request)
    return _one(access.playable_for(member, public_id), member)


@router.patch("lectures/{public_id}", response=LectureOut, summary="Change what it says of itself")
def change_lecture(request: HttpRequest, public_id: str, payload: LectureChange) -> dict[str, Any]:
    member = member_of(request)
    lecture = workable(member, public_id)
    lectures.edit(lecture, by=member, now=timezone.now(), **_fields(payload))
    return _one(lecture, member)


@router.post("lectures/{public_id}/submit", response=LectureOut, summary="Hand it to the editors")
def submit_lecture(request: HttpRequest, public_id: str) -> dict[str, Any]:
    member = member_of(request)
    lecture = access.own_lecture(member, public_id)
    lectures.submit(lecture, by=member, now=timezone.now())
    return _one(lecture, member)


@router.post("lectures/{public_id}/approve", response=LectureOut, summary="Approve it (editors)")
def approve_lecture(request: HttpRequest, public_id: str) -> dict[str, Any]:
    member = member_of(request)
    lecture = _reviewed(member, public_id)
    lectures.approve(lecture, by=member, now=timezone.now())
    return _one(lecture, member)


@router.post("lectures/{public_id}/return", response=LectureOut, summary="Return it with a reason (editors)")
def return_lecture(request: HttpRequest, public_id: str, payload: Reason) -> dict[str, Any]:
    member = member_of(request)
    lecture = _reviewed(member, public_id)
    lectures.send_back(lecture, by=member, reason=payload.reason, now=timezone.now())
    return _one(lecture, member)


@router.post("lectures/{public_id}/withdraw", response=LectureOut, summary="Take it back")
def withdraw_lecture(request: HttpRequest, public_id: str, payload: Reason) -> dict[str, Any]:
    member = member_of(request)
    lecture = workable(member, public_id)
    lectures.withdraw(lecture, by=member, reason=payload.reason, now=timezone.now())
    return _one(lecture, member)


def _reviewed(member: Member, public_id: str) -> Lecture:
    lecture = access.playable_for(member, public_id)
    if not access.is_editor(member):
        raise Refused("lecture_only_editors", status=403)
    return lecture


def _fields(payload: LectureChange) -> dict[str, Any]:
    """Only what was sent; null empties a topic or a time, and is left out elsewhere."""
    sent = payload.dict(exclude_unset=True, exclude={"asset"})
    emptied = {"topic", "publish_at", "unpublish_at"}
    fields = {name: value for name, value in sent.items() if value is not None or name in emptied}
    if fields.get("topic") is not None:
        fields["topic"] = _topic(fields["topic"])
    return fields


def _topic(slug: str) -> Topic | None:
    if not slug:
        return None
    topic = Topic.objects.filter(slug=slug).first()
    if topic is None:
        raise Refused("lecture_topic_unknown", field="topic")
    return topic


def _one(lecture: Lecture, member: Member) -> dict[str, Any]:
    return _described([lecture], member)[0]


def _described(found: list[Lecture], member: Member) -> list[dict[str, Any]]:
    now = timezone.now()
    is_editor = access.is_editor(member, now)
    inside = {one.pk for one in found if is_editor or one.author_id == member.pk}
    reasons = history.returns(one for one in found if one.pk in inside)
    return [_as_json(one, now, inside=one.pk in inside, reason=reasons.get(one.pk)) for one in found]


def _as_json(lecture: Lecture, now: datetime, *, inside: bool, reason: str | None) -> dict[str, Any]:
    topic, organisation = lecture.topic, lecture.organisation
    return {
        "id": lecture.public_id,
        "kind": lecture.kind,
        "title": lecture.title,
        "summary": lecture.summary,
        "topic": {"slug": topic.slug, "name": topic.name} if topic else None,
        "state": lecture.state,
        "author": {"name": lecture.author.name, "organisation": organisation.name if organisation else ""},
        "speaker": lecture.speaker,
        "visibility": lecture.visibility,
        "duration_ms": lecture.asset.duration_ms,
        "poster_url": posters.url(lecture, now=now),
        "download_url": downloads.link(lecture.asset, lecture.title, now=now) if lecture.is_downloadable else "",
        "url": lecture.get_absolute_url(),
        "published_at": lecture.published_at,
        "reason": reason,
        "asset": lecture.asset.public_id if inside else None,
    }
