"""Who may see which lecture, as a condition on rows. The one place; search says the same in its own tongue."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone

from members import organisations

if TYPE_CHECKING:
    from members.models import Member


def visible_to(member: Member | AnonymousUser, now: datetime) -> Q:
    return seen_from(places_of(member, now), now)


def places_of(member: Member | AnonymousUser, now: datetime) -> list[int] | None:
    """Keys of the organisations `member` is in or below; None of a visitor who is not signed in."""
    return organisations.with_ancestors(member, on=timezone.localdate(now)) if member.is_authenticated else None


def seen_from(places: list[int] | None, now: datetime) -> Q:
    """Published, its hour come and not gone, and for everyone, for all members, or for one of `places`."""
    out_now = (
        Q(state="published")
        & (Q(publish_at__isnull=True) | Q(publish_at__lte=now))
        & (Q(unpublish_at__isnull=True) | Q(unpublish_at__gt=now))
    )
    if places is None:
        return out_now & Q(visibility="public")
    return out_now & (
        Q(visibility__in=("public", "members")) | Q(visibility="organisation", organisation__id__in=places)
    )
