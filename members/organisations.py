"""The organisation tree: who belongs where on a day, what lies above or below, and how it grows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import CharField, F, QuerySet, Subquery, Value

from audit import trail
from members import roles, signals
from members.models import Enterprise, Member, Membership, Organisation
from ui.prepared import prepared


def of(member: Member, *, on: date) -> Organisation | None:
    """The organisation `member` belongs to on that day."""
    found = _own(member.pk, on)
    return found[0].organisation if found else None


@prepared
def _own(member: int, on: date) -> QuerySet[Membership, Membership]:
    own = Membership.objects.on(on).filter(member=member).select_related("organisation")
    return own.order_by("pk")[:1]  # type: ignore[no-any-return]  # treebeard is untyped


def with_ancestors(member: Member, *, on: date) -> list[int]:
    """Keys of the member's organisation on that day and of all above it: what is meant for any of these is for them.

    Remembered on the member object for as long as it lives (one request), as every list asks; and so are their roles.
    """
    known: dict[date, list[int]] = member.__dict__.setdefault("_organisations_on", {})
    if on not in known:
        found = _places_and_roles(member.pk, on)
        known[on] = [pk for pk, role, _ in found if not role]
        roles.remember(member, [(role, path) for _, role, path in sorted(found) if role], on=on)
    return known[on]


def remember(member: Member, found: list[int], *, on: date) -> None:
    """What `around` found in a query of somebody else's: `with_ancestors` need not ask again."""
    member.__dict__.setdefault("_organisations_on", {})[on] = found


def around(member: int, on: date) -> QuerySet[Organisation]:
    """The organisation of the member with that key, on that day, and all above it; in any order."""
    own = Membership.objects.on(on).filter(member=member).values("organisation__path")[:1]
    found = Organisation.objects.alias(own=Subquery(own)).filter(own__startswith=F("path"))
    return found.order_by()  # type: ignore[no-any-return]  # treebeard is untyped


@prepared
def _places_and_roles(member: int, on: date) -> QuerySet[Organisation, tuple[int, str, str]]:
    """Keys of organisations; and appointments, each with its role and path. Pages that ask for one want both."""
    places = around(member, on).annotate(role=Value("", CharField())).values_list("pk", "role", "path")
    held = roles.held(member, on).values_list("pk", "role", "organisation__path")
    return places.union(held, all=True)  # type: ignore[no-any-return]


def members_of(organisation: Organisation, *, on: date, below: bool = True) -> list[int]:
    """Keys of the members of `organisation` on that day, of everything below it too unless `below` is false."""
    places = Organisation.objects.filter(path__startswith=organisation.path) if below else [organisation]
    return list(Membership.objects.on(on).filter(organisation__in=places).values_list("member_id", flat=True))


@transaction.atomic
def add(
    parent: Organisation | None, *, by: Member | None, now: datetime, **facts: str | Enterprise | None
) -> Organisation:
    """A new organisation below `parent`, or at the top."""
    if parent is None:
        organisation: Organisation = Organisation.add_root(**facts)
    else:
        # treebeard counts on the object in hand, which may be old
        organisation = Organisation.objects.get(pk=parent.pk).add_child(**facts)
    trail.record("organisation.added", organisation, by=by, now=now, parent=parent and parent.pk)
    return organisation


@transaction.atomic
def change(organisation: Organisation, *, changed: Collection[str], by: Member | None, now: datetime) -> None:
    """Save an organisation that was renamed or is something else now. Its place in the tree stays."""
    organisation.save()
    trail.record("organisation.changed", organisation, by=by, now=now, changed=sorted(changed))
    signals.organisation_changed.send(Organisation, organisation=organisation)
