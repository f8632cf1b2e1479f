"""Which sessions a member may know of: those they are invited to and those they lead. Others are not there (404)."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from members import roles
from members.models import Member, Membership, Organisation
from study_sessions.models import StudySession


def visible_to(member: Member | AnonymousUser, now: datetime) -> QuerySet[StudySession]:
    """Invited are the members of the organisation, and of all below it, on the day of the session; whoever leads the
    organisation today sees it too."""
    if not isinstance(member, Member):
        return StudySession.objects.none()
    known = Q(organisation__in=roles.organisations_led(member, timezone.localdate(now)))
    for membership in Membership.objects.filter(member=member).select_related("organisation"):
        known |= _invited_by(membership)
    return StudySession.objects.filter(known)


def _invited_by(membership: Any) -> Q:
    path, step = membership.organisation.path, Organisation.steplen
    above = [path[:end] for end in range(step, len(path) + 1, step)]
    invited = Q(organisation__path__in=above, starts_at__gte=_midnight(membership.starts_on))
    return invited if membership.ends_on is None else invited & Q(starts_at__lt=_midnight(membership.ends_on))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def session_for(member: Member | AnonymousUser, public_id: str, now: datetime) -> StudySession:
    """A session `member` is invited to or leads."""
    sessions = visible_to(member, now).select_related("organisation", "lecture", "created_by")
    return get_object_or_404(sessions, public_id=public_id)


def session_to_lead(member: Member | AnonymousUser, public_id: str, now: datetime) -> StudySession:
    """A session `member` may change and cancel."""
    session = session_for(member, public_id, now)
    if not roles.is_secretary_of(member, session.organisation, timezone.localdate(now)):
        raise Http404
    return session
