"""Who is on the roster and in which organisation: what operators change about a member."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit import trail
from members import signals, tokens
from members.models import Member, Membership, Organisation
from ui.sentences import Refused


@transaction.atomic
def keep(
    member: Member,
    *,
    organisation: Organisation | None,
    password: str = "",
    changed: Collection[str] = (),
    by: Member | None,
    now: datetime,
) -> Member:
    """Save a new or changed member, who from today is in `organisation`. An empty password changes none."""
    verb = "member.added" if member._state.adding else "member.changed"
    if password:
        member.set_password(password)
    elif member._state.adding:
        member.set_unusable_password()
    member.save()
    trail.record(verb, member, by=by, now=now, changed=sorted(changed))
    if verb == "member.changed":
        signals.member_changed.send(Member, member=member)
    if verb == "member.changed" and (password or not member.is_active):
        tokens.revoke_all(member, by=by, now=now)
    move(member, organisation, on=timezone.localdate(now), by=by, now=now)
    return member


def check_move(member: Member, organisation: Organisation | None, *, on: date) -> Membership | None:
    """The membership that would end; refuses `membership_too_early` if one begins after `on`."""
    later = Membership.objects.filter(member=member, starts_on__gt=on).order_by("starts_on").first()
    if later is not None:
        raise Refused("membership_too_early", field="organisation", since=str(later.starts_on))
    ends_later = Q(ends_on__isnull=True) | Q(ends_on__gt=on)
    current: Membership | None = Membership.objects.filter(ends_later, member=member).first()
    return current


@transaction.atomic
def move(
    member: Member, organisation: Organisation | None, *, on: date, by: Member | None, now: datetime
) -> Membership | None:
    """Let `member` belong to `organisation` from `on`, and to the present one until then."""
    current = check_move(member, organisation, on=on)
    if current is not None and current.organisation == organisation and current.ends_on is None:
        return current
    if current is not None:
        _end(current, on)
    if organisation is None and current is None:
        return None
    moved = {"from": current and current.organisation_id, "to": organisation and organisation.pk, "on": str(on)}
    trail.record("member.moved", member, by=by, now=now, **moved)
    if organisation is None:
        return None
    membership: Membership = Membership.objects.create(member=member, organisation=organisation, starts_on=on)
    return membership


def _end(membership: Membership, on: date) -> None:
    if membership.starts_on == on:  # it would have lasted no day
        membership.delete()
    else:
        membership.ends_on = on
        membership.save(update_fields=["ends_on"])
