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
    """Published, its hour come and not gone, and for everyone, for all members, or for an organisation `member` is in
    or below."""
    out_now = (
        Q(state="published")
        & (Q(publish_at__isnull=True) | Q(publish_at__lte=now))
        & (Q(unpublish_at__isnull=True) | Q(unpublish_at__gt=now))
    )
    if not member.is_authenticated:
        return out_now & Q(visibility="public")
    mine = organisations.with_ancestors(member, on=timezone.localdate(now))
    return out_now & (Q(visibility__in=("public", "members")) | Q(visibility="organisation", organisation_id__in=mine))
