"""Changing what a lecture says of itself, who may change what in which state, and the record of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from audit import trail
from courses import access, signals
from courses.models import Lecture, LectureEvent, Topic
from media_pipeline import downloads
from members.models import Member
from ui.sentences import Refused

TITLE_LEAST, TITLE_MOST, SUMMARY_MOST, SPEAKER_MOST = 2, 80, 500, 64
# Captions, chapters and the choice among a recording's own pictures are texts in this sense: they show what is there.
# And whether those who may watch may also save it.
TEXTS = frozenset(
    {"title", "summary", "speaker_name", "captions", "chapters", "poster", "recording", "is_downloadable"}
)
AUTHORS = TEXTS | {"topic", "visibility", "picture"}
EDITORS = AUTHORS | {"publish_at", "unpublish_at", "is_pick"}
State = Lecture.State


def editable(lecture: Lecture, by: Member, now: datetime) -> frozenset[str]:
    """The fields `by` may change now. A draft is its author's alone; a submitted lecture is the editors'; afterwards
    the author keeps the texts, as a wider circle or another topic would need another look."""
    if lecture.state == State.DRAFT:
        return AUTHORS if by.pk == lecture.author_id else frozenset()
    if access.is_editor(by, now):
        return EDITORS
    is_out = lecture.state in {State.APPROVED, State.PUBLISHED}
    return TEXTS if is_out and by.pk == lecture.author_id else frozenset()


@transaction.atomic
def edit(lecture: Lecture, *, by: Member, now: datetime, **fields: Any) -> dict[str, list[Any]]:
    """Change `fields`; answers what really changed, as {field: [old, new]}. Beyond a draft this is an event."""
    row = Lecture.objects.select_for_update(of=("self",)).select_related("topic").get(pk=lecture.pk)
    if row.state != lecture.state:
        raise Refused("lecture_moved_on", status=409)
    fields = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
    _check_rights(row, by, now, changed)
    _check_values(row, changed)
    if not changed:
        return {}
    changes = {name: [_plain(getattr(row, name)), _plain(value)] for name, value in changed.items()}
    Lecture.objects.filter(pk=row.pk).update(**changed, row_version=F("row_version") + 1)
    lecture.refresh_from_db(fields=[*changed, "row_version"])
    if "is_downloadable" in changed:
        (downloads.want if lecture.is_downloadable else downloads.give_up)(lecture.asset)
    _record(lecture, "edited", by=by, now=now, changes=changes)
    return changes


def check_may(lecture: Lecture, name: str, by: Member, now: datetime) -> None:
    """Refuse what `editable` does not name, and say why."""
    _check_rights(lecture, by, now, {name: None})


def note(lecture: Lecture, verb: str, *, by: Member, now: datetime, **facts: Any) -> None:
    """Something that belongs to the lecture changed and is not a field of its row. Part of the caller's transaction."""
    Lecture.objects.filter(pk=lecture.pk).update(row_version=F("row_version") + 1)
    lecture.refresh_from_db(fields=["row_version"])
    _record(lecture, verb, by=by, now=now, changes=facts)


def check_title(title: str) -> None:
    if not TITLE_LEAST <= len(title.strip()) <= TITLE_MOST:
        raise Refused("lecture_title_length", field="title", least=TITLE_LEAST, most=TITLE_MOST)


def _record(lecture: Lecture, verb: str, *, by: Member, now: datetime, changes: dict[str, Any]) -> None:
    if lecture.state != State.DRAFT:
        LectureEvent.objects.create(
            lecture=lecture, at=now, by=by, verb=verb, from_state=lecture.state, to_state=lecture.state, changes=changes
        )
        trail.record(f"lecture.{verb}", lecture, by=by, now=now, changes=changes)
    signals.lecture_changed.send(Lecture, lecture=lecture)


def _check_rights(lecture: Lecture, by: Member, now: datetime, changed: dict[str, Any]) -> None:
    may = editable(lecture, by, now)
    if forbidden := sorted(set(changed) - may):
        if may or lecture.state == State.DRAFT:
            raise Refused("lecture_locked_field", status=403, field=forbidden[0])
        locked = "withdrawn" if lecture.state == State.WITHDRAWN else "submitted"
        raise Refused(f"lecture_locked_{locked}", status=409, field=forbidden[0])


def _check_values(lecture: Lecture, changed: dict[str, Any]) -> None:
    for name, value in changed.items():
        if check := _CHECKS.get(name):
            check(lecture, value)
    start = changed.get("publish_at", lecture.publish_at)
    end = changed.get("unpublish_at", lecture.unpublish_at)
    if start and end and end <= start:
        raise Refused("lecture_dates_reversed", field="unpublish_at")


def _check_title(lecture: Lecture, title: str) -> None:
    if title or lecture.state != State.DRAFT:  # a draft may be without one for a while
        check_title(title)


def _check_summary(lecture: Lecture, summary: str) -> None:
    if len(summary) > SUMMARY_MOST:
        raise Refused("lecture_summary_length", field="summary", most=SUMMARY_MOST)


def _check_speaker(lecture: Lecture, name: str) -> None:
    if len(name) > SPEAKER_MOST:
        raise Refused("lecture_speaker_length", field="speaker_name", most=SPEAKER_MOST)


def _check_topic(lecture: Lecture, topic: Topic | None) -> None:
    if topic is None and lecture.state != State.DRAFT:
        raise Refused("lecture_topic_missing", field="topic")


def _check_visibility(lecture: Lecture, visibility: str) -> None:
    if visibility not in Lecture.Visibility.values:
        raise Refused("lecture_visibility_unknown", field="visibility")
    if visibility == Lecture.Visibility.ORGANISATION and lecture.organisation_id is None:
        raise Refused("lecture_no_organisation", field="visibility")


_CHECKS: dict[str, Callable[[Lecture, Any], None]] = {
    "title": _check_title,
    "summary": _check_summary,
    "speaker_name": _check_speaker,
    "topic": _check_topic,
    "visibility": _check_visibility,
}


def _plain(value: Any) -> Any:
    """As it can stand in JSON; a topic by its name, which is what a reader of the history wants."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value.name if isinstance(value, Topic) else value
