"""Which sessions a member may know of: those they are invited to and those they lead. Others are not there (404)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from itertools import chain
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from members import roles
from members.models import Member, Membership, Organisation
from study_sessions.models import StudySession
from ui.prepared import prepared


def visible_to(member: Member | AnonymousUser, now: datetime) -> QuerySet[StudySession]:
    """Invited are the members of the organisation, and of all below it, on the day of the session; whoever leads the
    organisation today sees it too."""
    if not isinstance(member, Member):
        return StudySession.objects.none()
    led = roles.paths_led(member, timezone.localdate(now))
    return StudySession.objects.filter(_known(led, [_invitation(*facts) for facts in _memberships(member.pk)]))


def coming_to(member: Member, now: datetime, until: datetime, *, most: int) -> list[StudySession]:
    """Planned ones that `member` may know of and that begin before `until`, the next first, with their organisation."""
    led = roles.paths_led(member, timezone.localdate(now))
    invitations = chain.from_iterable(_invitation(*facts) for facts in _memberships(member.pk))
    return _coming(now, until, led, *invitations, most=most)


# Paths of the organisations whose sessions these are, and from when until when they begin.
Invitation = tuple[list[str], datetime, datetime | None]


def _invitation(path: str, starts_on: date, ends_on: date | None) -> Invitation:
    """What a membership invites to."""
    above = [path[:end] for end in range(Organisation.steplen, len(path) + 1, Organisation.steplen)]
    return above, _midnight(starts_on), None if ends_on is None else _midnight(ends_on)


def _known(led: list[str], invitations: Iterable[Invitation]) -> Q:
    known = Q(pk__in=[])
    for path in led:
        known |= Q(organisation__path__startswith=path)
    for above, since, until in invitations:
        invited = Q(organisation__path__in=above, starts_at__gte=since)
        known |= invited if until is None else invited & Q(starts_at__lt=until)
    return known


@prepared
def _memberships(member: int) -> QuerySet[Membership, tuple[Any, ...]]:
    own = Membership.objects.filter(member=member).order_by("pk")
    return own.values_list("organisation__path", "starts_on", "ends_on")


@prepared
def _coming(
    now: datetime, until: datetime, led: list[str], *invitations: Any, most: int
) -> QuerySet[StudySession, StudySession]:
    known = _known(led, [invitations[at : at + 3] for at in range(0, len(invitations), 3)])
    planned = StudySession.objects.filter(known, state=StudySession.State.PLANNED, ends_at__gt=now, starts_at__lt=until)
    return planned.select_related("organisation").order_by("starts_at")[:most]


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
