"""Planning, changing and cancelling a study session. Each is one transaction, one event and one audit line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit import trail
from courses.models import Lecture
from members import organisations, roles
from members.models import Member, Organisation
from study_sessions.models import StudySession, StudySessionEvent
from ui.sentences import Refused

LONGEST = timedelta(hours=6)
TITLE_MOST, NOTE_MOST, REASON_MOST = 80, 500, 200
State = StudySession.State


@transaction.atomic
def plan(
    *,
    by: Member,
    organisation: Organisation,
    lecture: Lecture,
    title: str = "",
    note: str = "",
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
) -> StudySession:
    """Invite an organisation and all below it to study `lecture`. Without a title it is named after the lecture."""
    _must_lead(by, organisation, now)
    facts = _described(lecture, title, note) | {"starts_at": starts_at, "ends_at": ends_at}
    _check_future(starts_at, now)
    _check(organisation, facts)
    same = {"organisation": organisation, "lecture": lecture, "starts_at": starts_at, "state": State.PLANNED}
    if StudySession.objects.filter(**same).exists():
        raise Refused("session_twice", status=409, field="starts_at")
    session = StudySession.objects.create(organisation=organisation, created_by=by, created_at=now, **facts)
    _note(session, "planned", by=by, now=now, changes={name: _plain(value) for name, value in facts.items()})
    return session


@transaction.atomic
def edit(
    session: StudySession,
    *,
    by: Member,
    lecture: Lecture,
    title: str,
    note: str,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
) -> None:
    """Change what is planned. A session that has begun may be changed until it ends, but not be moved into the past."""
    _must_lead(by, session.organisation, now)
    _must_be_ahead(session, now)
    facts = _described(lecture, title, note) | {"starts_at": starts_at, "ends_at": ends_at}
    before = {name: getattr(session, name) for name in facts}
    changed = {name: value for name, value in facts.items() if value != before[name]}
    if not changed:
        return
    if "starts_at" in changed:
        _check_future(starts_at, now)
    if "ends_at" in changed:
        _check_future(ends_at, now, field="ends_at")
    _check(session.organisation, facts)
    # Compare and swap on all that was seen: two who edit at once do not overwrite each other unseen.
    if not StudySession.objects.filter(pk=session.pk, state=State.PLANNED, **before).update(**changed):
        raise Refused("session_changed_meanwhile", status=409)
    session.refresh_from_db()
    changes = {name: [_plain(before[name]), _plain(value)] for name, value in changed.items()}
    _note(session, "edited", by=by, now=now, changes=changes)


@transaction.atomic
def cancel(session: StudySession, *, by: Member, reason: str, now: datetime) -> None:
    """Call it off. It stays in the list of the invited, with the reason."""
    _must_lead(by, session.organisation, now)
    _must_be_ahead(session, now)
    reason = reason.strip()
    if not reason:
        raise Refused("session_reason_missing", field="reason")
    _check_length(reason, REASON_MOST, "session_reason_length", "reason")
    if not StudySession.objects.advance(session, State.CANCELLED, cancelled_why=reason):
        raise Refused("session_changed_meanwhile", status=409)
    _note(session, "cancelled", by=by, now=now, changes={"reason": reason})


def watchable_by(organisation: Organisation, starts_at: datetime, ends_at: datetime) -> QuerySet[Lecture]:
    """Lectures that all members of `organisation` may watch from the first to the last minute."""
    step, path = Organisation.steplen, organisation.path
    above = [path[:end] for end in range(step, len(path) + 1, step)]
    return Lecture.objects.filter(
        Q(publish_at__isnull=True) | Q(publish_at__lte=starts_at),
        Q(unpublish_at__isnull=True) | Q(unpublish_at__gte=ends_at),
        Q(visibility__in=("public", "members")) | Q(visibility="organisation", organisation__path__in=above),
        state=Lecture.State.PUBLISHED,
    )


def invited(session: StudySession) -> list[int]:
    """Keys of the members who are expected: those of the organisation, and all below it, on the day."""
    return organisations.members_of(session.organisation, on=timezone.localdate(session.starts_at))


def _must_lead(by: Member, organisation: Organisation, now: datetime) -> None:
    if not roles.is_secretary_of(by, organisation, timezone.localdate(now)):
        raise Refused("session_not_yours", status=403, field="organisation")


def _must_be_ahead(session: StudySession, now: datetime) -> None:
    if session.state == State.CANCELLED:
        raise Refused("session_is_cancelled", status=409)
    if now >= session.ends_at:
        raise Refused("session_over", status=409)


def _described(lecture: Lecture, title: str, note: str) -> dict[str, Any]:
    return {"lecture": lecture, "title": title.strip() or lecture.title, "note": note.strip()}


def _check(organisation: Organisation, facts: dict[str, Any]) -> None:
    _check_length(facts["title"], TITLE_MOST, "session_title_length", "title")
    _check_length(facts["note"], NOTE_MOST, "session_note_length", "note")
    starts_at, ends_at = facts["starts_at"], facts["ends_at"]
    if ends_at <= starts_at:
        raise Refused("session_ends_too_early", field="ends_at")
    if ends_at - starts_at > LONGEST:
        raise Refused("session_too_long", field="ends_at", hours=LONGEST // timedelta(hours=1))
    if not watchable_by(organisation, starts_at, ends_at).filter(pk=facts["lecture"].pk).exists():
        raise Refused("session_lecture_not_theirs", field="lecture")


def _check_future(moment: datetime, now: datetime, *, field: str = "starts_at") -> None:
    if moment <= now:
        raise Refused("session_in_the_past", field=field)


def _check_length(text: str, most: int, code: str, field: str) -> None:
    if len(text) > most:
        raise Refused(code, field=field, most=most)


def _note(session: StudySession, verb: str, *, by: Member, now: datetime, changes: dict[str, Any]) -> None:
    StudySessionEvent.objects.create(session=session, at=now, by=by, verb=verb, changes=changes)
    trail.record(f"session.{verb}", session, by=by, now=now, organisation=session.organisation_id)


def _plain(value: Any) -> Any:
    if isinstance(value, Lecture):
        return value.public_id
    return value.isoformat() if isinstance(value, datetime) else value
