"""Who may do what: appointments to roles, dated, reaching down the subtree of their organisation.

Wagtail knows groups and flags, not appointments; they follow: at once when someone is appointed or dismissed, and
each night for the appointments that begin or end with the day (members.tasks.refresh).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.contrib.auth.models import AnonymousUser, Group
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit import trail
from members.models import Appointment, Member, Organisation
from ui.prepared import prepared
from ui.sentences import Refused

EDITORS = "Editors"  # Wagtail makes this group; cms says what it may do
Role = Appointment.Role
LEADS = (Role.SECRETARY, Role.EXECUTIVE_SECRETARY)


def has(member: Member | AnonymousUser, role: str, organisation: Organisation | None = None, *, on: date) -> bool:
    """Whether `member` holds `role` that day: anywhere, or in `organisation` or one above it."""
    return any(
        held == role and (organisation is None or organisation.path.startswith(path))
        for held, path in _held(member, on)
    )


def is_editor(member: Member | AnonymousUser, on: date) -> bool:
    return has(member, Role.EDITOR, on=on)


def is_operator(member: Member | AnonymousUser, on: date) -> bool:
    return has(member, Role.OPERATOR, on=on)


def is_secretary_of(member: Member | AnonymousUser, organisation: Organisation, on: date) -> bool:
    """Secretary or this month's executive secretary, of `organisation` or of one above it."""
    return any(has(member, role, organisation, on=on) for role in LEADS)


def leads(member: Member | AnonymousUser, on: date) -> bool:
    """Whether `member` is a secretary of anything that day."""
    return bool(paths_led(member, on))


def organisations_led(member: Member | AnonymousUser, on: date) -> QuerySet[Organisation]:
    """What `member` leads as a secretary, with all below it, in the order of the tree."""
    below = Q(pk__in=[])
    for path in paths_led(member, on):
        below |= Q(path__startswith=path)
    return Organisation.objects.filter(below).order_by("path")  # type: ignore[no-any-return]  # treebeard is untyped


def paths_led(member: Member | AnonymousUser, on: date) -> list[str]:
    """The paths in the tree of what `member` leads as a secretary; all below them is led, too."""
    return [path for role, path in _held(member, on) if role in LEADS]


def _held(member: Member | AnonymousUser, on: date) -> list[tuple[str, str]]:
    """Roles and paths of that day. Remembered on the member object for as long as it lives (one request)."""
    if member.pk is None:
        return []
    known: dict[date, list[tuple[str, str]]] = member.__dict__.setdefault("_roles_on", {})
    if on not in known:
        known[on] = _appointments(member.pk, on)
    return known[on]


def remember(member: Member, found: list[tuple[str, str]], *, on: date) -> None:
    """The roles and paths of `held`, in the order of its keys, that somebody asked for along with something else."""
    member.__dict__.setdefault("_roles_on", {})[on] = found


def held(member: int, on: date) -> QuerySet[Appointment]:
    """The appointments of the member with that key, on that day; in any order."""
    return Appointment.objects.on(on).filter(member=member).order_by()  # type: ignore[no-any-return]


@prepared
def _appointments(member: int, on: date) -> QuerySet[Appointment, tuple[str, str]]:
    return held(member, on).order_by("pk").values_list("role", "organisation__path")


def check_appointment(
    member: Member, role: str, organisation: Organisation, *, starts_on: date, ends_on: date | None
) -> None:
    """Refuses `appointment_ends_too_early` and `appointment_overlaps`."""
    if ends_on is not None and ends_on <= starts_on:
        raise Refused("appointment_ends_too_early", field="ends_on")
    same = Appointment.objects.filter(member=member, role=role, organisation=organisation)
    ends_later = Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on)
    if same.filter(ends_later, **({"starts_on__lt": ends_on} if ends_on else {})).exists():
        raise Refused("appointment_overlaps", status=409, field="starts_on")


@transaction.atomic
def appoint(
    member: Member,
    role: str,
    organisation: Organisation,
    *,
    starts_on: date,
    ends_on: date | None = None,
    by: Member | None,
    now: datetime,
) -> Appointment:
    """Give `member` the role from a day up to, not including, another; refuses as check_appointment does."""
    check_appointment(member, role, organisation, starts_on=starts_on, ends_on=ends_on)
    appointment: Appointment = Appointment.objects.create(
        member=member, role=role, organisation=organisation, starts_on=starts_on, ends_on=ends_on
    )
    details = {"role": role, "organisation": organisation.pk, "starts_on": str(starts_on)}
    trail.record("role.appointed", member, by=by, now=now, **details, ends_on=str(ends_on) if ends_on else None)
    refresh_groups(member, timezone.localdate(now))
    return appointment


def check_end(appointment: Appointment, *, on: date) -> None:
    """Refuses `appointment_ends_already`: to end later would be to appoint anew."""
    if appointment.ends_on is not None and on > appointment.ends_on:
        raise Refused("appointment_ends_already", field="ends_on", ends_on=str(appointment.ends_on))


@transaction.atomic
def end(appointment: Appointment, *, on: date, by: Member | None, now: datetime) -> None:
    """Let the role end with `on`, its first day without. One that has not begun by then is taken back altogether."""
    check_end(appointment, on=on)
    member = appointment.member
    trail.record(
        "role.ended",
        member,
        by=by,
        now=now,
        role=appointment.role,
        organisation=appointment.organisation_id,
        on=str(on),
    )
    if on <= appointment.starts_on:
        appointment.delete()
    else:
        appointment.ends_on = on
        appointment.save(update_fields=["ends_on"])
    refresh_groups(member, timezone.localdate(now), given=(appointment.role,))


def refresh_groups(member: Member, today: date, *, given: Collection[str] = ()) -> None:
    """Make Wagtail's group and flags say what the appointments say today.

    Only what appointments ever gave (`given`: by rows that are gone) is taken away: a superuser made at the command
    line stays one.
    """
    member.__dict__.pop("_roles_on", None)
    ever = {*given, *Appointment.objects.filter(member=member).values_list("role", flat=True)}
    editor, operator = is_editor(member, today), is_operator(member, today)
    group = Group.objects.get_or_create(name=EDITORS)[0]
    if editor:
        member.groups.add(group)
    elif Role.EDITOR in ever:
        member.groups.remove(group)
    if operator or Role.OPERATOR in ever:
        member.is_superuser = operator
    if editor or operator or ever & {Role.EDITOR, Role.OPERATOR}:
        member.is_staff = editor or operator or member.is_superuser
    member.save(update_fields=["is_superuser", "is_staff"])


def refresh(today: date) -> int:
    """`refresh_groups` for everyone who was ever appointed to a role Wagtail must know of; says how many."""
    ever = Appointment.objects.filter(role__in=(Role.EDITOR, Role.OPERATOR)).values("member")
    members = list(Member.objects.filter(pk__in=ever))
    for member in members:
        refresh_groups(member, today)
    return len(members)
