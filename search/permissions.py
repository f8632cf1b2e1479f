"""Who may see a found lecture, said once for all engines. The same condition as `courses.visibility`, without rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from members import organisations

if TYPE_CHECKING:
    from members.models import Member


@dataclass(frozen=True)
class Clause:
    """Published, out at `now`, and either of one of the `visibilities` or meant for one of the `organisation_ids`."""

    now: datetime
    visibilities: frozenset[str]
    organisation_ids: frozenset[int] = frozenset()


def visibility_clause(member: Member | AnonymousUser, now: datetime) -> Clause:
    if not member.is_authenticated:
        return Clause(now, frozenset({"public"}))
    mine = organisations.with_ancestors(member, on=timezone.localdate(now))
    return Clause(now, frozenset({"public", "members"}), frozenset(mine))
