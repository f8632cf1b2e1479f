"""The life of a lecture: draft, submitted, approved, published, withdrawn. Every move is one transaction, one
compare-and-swap, one event, one audit line and one signal. What may be edited, and how, is in `editing`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from audit import trail
from courses import signals, versions
from courses.editing import TITLE_MOST, check_title, edit
from courses.models import Lecture, LectureEvent, Topic
from media_pipeline import assets
from media_pipeline.models import Asset
from members import organisations
from members.models import Member
from push import channels
from ui.sentences import Refused

__all__ = [
    "approve", "delete", "draft_for", "edit", "publish", "publish_due", "publish_if_due", "refuse_file", "reopen",
    "replay_for", "send_back", "submit", "withdraw",
]  # fmt: skip
State = Lecture.State


@transaction.atomic
def draft_for(asset: Asset, *, now: datetime) -> Lecture:
    """The draft for an uploaded file, titled after it; the one there is already, if asked again."""
    known = Lecture.objects.filter(asset=asset).first()
    if known:
        return known
    author = Member.objects.get(pk=asset.uploaded_by_id)
    lecture = Lecture.objects.create(
        title=PurePath(asset.name).stem.strip()[:TITLE_MOST],
        author=author,
        uploaded_by=author,
        organisation=organisations.of(author, on=timezone.localdate(now)),
        asset=asset,
        created_at=now,
    )
    _note(lecture, "created", by=author, now=now, from_state="")
    return lecture


@transaction.atomic
def replay_for(
    asset: Asset, *, title: str, summary: str, topic: Topic, author: Member, by: Member, now: datetime
) -> Lecture:
    """The replay of a broadcast, credited to its presenter. An editor makes it, so it is approved from the start."""
    check_title(title)
    lecture = Lecture.objects.create(
        kind=Lecture.Kind.REPLAY,
        title=title,
        summary=summary,
        topic=topic,
        state=State.APPROVED,
        author=author,
        uploaded_by=by,
        organisation=organisations.of(author, on=timezone.localdate(now)),
        asset=asset,
        created_at=now,
        submitted_at=now,
    )
    _note(lecture, "approved", by=by, now=now, from_state="")
    publish_if_due(lecture, now=now)
    return lecture


@transaction.atomic
def submit(lecture: Lecture, *, by: Member, now: datetime) -> None:
    """Hand a draft to the editors. Refuses `lecture_title_length`, `lecture_topic_missing`, `lecture_asset_*`."""
    _must_go(lecture, State.SUBMITTED)
    check_title(lecture.title)
    if lecture.topic_id is None:
        raise Refused("lecture_topic_missing", field="topic")
    _check_file(lecture)
    _move(lecture, State.SUBMITTED, "submitted", by=by, now=now, submitted_at=now)


@transaction.atomic
def approve(lecture: Lecture, *, by: Member, now: datetime) -> None:
    """Let it come out: at once if the recording is ready and its hour has come, else when both are so."""
    _check_file(lecture)
    _move(lecture, State.APPROVED, "approved", by=by, now=now)
    if not publish_if_due(lecture, now=now):
        _tell(lecture, "approved")


@transaction.atomic
def send_back(lecture: Lecture, *, by: Member, reason: str, now: datetime) -> None:
    """Return a submitted lecture to its author, who reads why."""
    reason = _given(reason)
    _must_go(lecture, State.DRAFT, only_from=State.SUBMITTED)
    _move(lecture, State.DRAFT, "returned", by=by, now=now, reason=reason)
    _tell(lecture, "returned")


@transaction.atomic
def publish(lecture: Lecture, *, by: Member | None, now: datetime) -> None:
    """Bring out an approved or withdrawn lecture. The first time is kept. `by` None: the platform itself."""
    if not _is_ready(lecture):
        raise Refused("lecture_not_ready", status=409, field="asset")
    published_at = lecture.published_at or now
    _move(lecture, State.PUBLISHED, "published", by=by, now=now, published_at=published_at)
    signals.lecture_published.send(Lecture, lecture=lecture)
    _tell(lecture, "published")


@transaction.atomic
def withdraw(lecture: Lecture, *, by: Member, now: datetime, reason: str = "") -> None:
    """Take it away from everyone. An author may do so without a word, an editor says why."""
    reason = reason.strip() if by.pk == lecture.author_id else _given(reason)
    _move(lecture, State.WITHDRAWN, "withdrawn", by=by, now=now, reason=reason)
    signals.lecture_withdrawn.send(Lecture, lecture=lecture)
    _tell(lecture, "withdrawn")


@transaction.atomic
def reopen(lecture: Lecture, *, by: Member, now: datetime) -> None:
    """Make a withdrawn lecture a draft again, to be corrected and submitted anew."""
    _must_go(lecture, State.DRAFT, only_from=State.WITHDRAWN)
    _move(lecture, State.DRAFT, "reopened", by=by, now=now)


@transaction.atomic
def delete(lecture: Lecture, *, by: Member, now: datetime) -> None:
    """Remove a draft that has never been out, with its recording. Its events stay in the history."""
    if lecture.state != State.DRAFT:
        raise Refused("lecture_only_drafts_deleted", status=409)
    if lecture.published_at:
        raise Refused("lecture_was_published", status=409)
    trail.record("lecture.deleted", lecture, by=by, now=now, public_id=lecture.public_id, title=lecture.title)
    recordings = versions.assets_of(lecture)
    try:
        gone, _ = Lecture.objects.filter(pk=lecture.pk, state=State.DRAFT).delete()
    except ProtectedError as error:
        raise Refused("lecture_in_use", status=409) from error
    if not gone:
        raise Refused("lecture_moved_on", status=409)
    signals.lecture_deleted.send(Lecture, lecture=lecture)
    for asset in recordings:
        assets.delete(asset)


@transaction.atomic
def refuse_file(lecture: Lecture, *, refusal: str, now: datetime) -> None:
    """The file turned out unusable after the lecture was handed in: back to its author, who can mend it."""
    if lecture.state in {State.SUBMITTED, State.APPROVED}:
        _move(lecture, State.DRAFT, "returned", by=None, now=now, changes={"refusal": refusal})
        _tell(lecture, "returned")


def publish_if_due(lecture: Lecture, *, now: datetime) -> bool:
    """Publish an approved lecture whose recording is ready and whose hour has come; say whether it did."""
    due = lecture.state == State.APPROVED and (lecture.publish_at is None or lecture.publish_at <= now)
    if not (due and _is_ready(lecture)):
        return False
    publish(lecture, by=None, now=now)
    return True


def publish_due(*, now: datetime) -> int:
    """Publish all that waited for their hour, or whose recording became ready just while they were approved."""
    waiting = Lecture.objects.filter(state=State.APPROVED, asset__state=Asset.State.READY)
    published = 0
    for lecture in waiting.exclude(publish_at__gt=now).select_related("author", "asset"):
        try:
            published += publish_if_due(lecture, now=now)
        except Refused:  # someone moved it in this very moment: theirs counts
            continue
    return published


def _is_ready(lecture: Lecture) -> bool:
    return Asset.objects.filter(pk=lecture.asset_id, state=Asset.State.READY).exists()


def _check_file(lecture: Lecture) -> None:
    state = Asset.objects.values_list("state", flat=True).get(pk=lecture.asset_id)
    if state in {Asset.State.REFUSED, Asset.State.FAILED}:
        raise Refused(f"lecture_asset_{state}", field="asset", status=409)


def _given(reason: str) -> str:
    if not reason.strip():
        raise Refused("lecture_reason_missing", field="reason")
    return reason.strip()


def _must_go(lecture: Lecture, to: str, *, only_from: str = "") -> None:
    if to not in Lecture.NEXT[lecture.state] or (only_from and lecture.state != only_from):
        raise Refused("lecture_moved_on", status=409)


def _move(
    lecture: Lecture,
    to: str,
    verb: str,
    *,
    by: Member | None,
    now: datetime,
    reason: str = "",
    changes: dict[str, Any] | None = None,
    **facts: Any,
) -> None:
    came_from = lecture.state
    _must_go(lecture, to)
    if not Lecture.objects.advance(lecture, to, **facts):
        raise Refused("lecture_moved_on", status=409)
    _note(lecture, verb, by=by, now=now, from_state=came_from, reason=reason, changes=changes)


def _note(
    lecture: Lecture,
    verb: str,
    *,
    by: Member | None,
    now: datetime,
    from_state: str,
    reason: str = "",
    changes: dict[str, Any] | None = None,
) -> None:
    LectureEvent.objects.create(
        lecture=lecture, at=now, by=by, verb=verb, from_state=from_state, to_state=lecture.state, reason=reason,
        changes=changes or {},
    )  # fmt: skip
    trail.record(f"lecture.{verb}", lecture, by=by, now=now)
    signals.lecture_changed.send(Lecture, lecture=lecture)


def _tell(lecture: Lecture, verb: str) -> None:
    """Let the author's open pages know. Codes only; the words are theirs."""
    payload = {"lecture": lecture.public_id, "verb": verb, "state": lecture.state}
    channels.publish(channels.for_member(lecture.author_id), "lecture", payload)
