"""Recordings that a lecture showed before another took their place: kept, and put back as any new version comes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.http import Http404

from courses import versions
from courses.models import Lecture, Version
from media_pipeline.models import Asset
from members.models import Member


@dataclass(frozen=True)
class Earlier:
    """`until`: when another took its place, the last time."""

    asset: Asset
    until: datetime | None


def recordings(lecture: Lecture) -> list[Earlier]:
    """The last one first. One query."""
    taken = lecture.versions.filter(state=Version.State.TAKEN, replaced__isnull=False)
    rows = taken.exclude(replaced=lecture.asset_id).select_related("replaced__cut__package").order_by("-number")
    found: dict[int, Earlier] = {}
    for row in rows:
        if row.replaced is not None:
            found.setdefault(row.replaced.pk, Earlier(row.replaced, row.decided_at))
    return list(found.values())


def one(lecture: Lecture, public_id: str) -> Asset:
    """Http404 for what the lecture never showed, and for what it shows."""
    for earlier in recordings(lecture):
        if earlier.asset.public_id == public_id:
            return earlier.asset
    raise Http404


@transaction.atomic
def put_back(lecture: Lecture, asset: Asset, *, by: Member, now: datetime) -> Version:
    """Propose to show it again, cut as it last was; a draft shows it at once. Its captions and chapters are its own."""
    versions.check_may(lecture, by, now)
    if (known := versions.open_of(lecture)) and known.asset_id == asset.pk:
        return known
    return versions.propose(lecture, asset, asset.cut, by=by, now=now)
