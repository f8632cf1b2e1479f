"""The picture that stands for a lecture: one of its recording's own, or another that somebody chose for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from courses import editing
from courses.models import Lecture
from media_pipeline import own_pictures, paths
from media_pipeline.models import Asset, Package
from members.models import Member
from ui.sentences import Refused

MOST_BYTES = own_pictures.MOST_BYTES


@dataclass(frozen=True)
class Candidate:
    name: str
    url: str
    at_ms: int
    is_chosen: bool


def url(lecture: Lecture, *, small: bool = True, now: datetime | None = None) -> str:
    """Its signed address; empty while nothing is made yet. Wants `asset__cut__package` joined (`with_card`)."""
    return paths.poster(lecture.asset, small=small, now=now or timezone.now())


def candidates(lecture: Lecture, *, now: datetime) -> list[Candidate]:
    """Of the recording, the best first; none before they are made."""
    package = lecture.asset.cut.package if lecture.asset.cut else None
    if package is None:
        return []
    moments = {one["name"]: one["at_ms"] for one in package.posters}
    chosen = "" if lecture.asset.picture else package.poster
    found = paths.candidates(lecture.asset, now=now)
    return [Candidate(name, url, moments[name], name == chosen) for name, url in found.items()]


@transaction.atomic
def choose(lecture: Lecture, name: str, *, by: Member, now: datetime) -> None:
    """One of the recording's own pictures; another that was sent is given up."""
    editing.check_may(lecture, "poster", by, now)
    package = lecture.asset.cut.package if lecture.asset.cut else None
    if package is None or name not in {one["name"] for one in package.posters}:
        raise Refused("poster_unknown", field="name")
    Package.objects.filter(pk=package.pk).update(poster=name)
    package.poster = name
    _note(lecture, "", by=by, now=now)


def send(lecture: Lecture, data: bytes, *, by: Member, now: datetime) -> None:
    """A picture of one's own. Once approved it is for editors: nobody else has looked at it."""
    editing.check_may(lecture, "picture", by, now)
    folder = own_pictures.take(lecture.asset, data)
    with transaction.atomic():
        _note(lecture, folder, by=by, now=now)


def _note(lecture: Lecture, picture: str, *, by: Member, now: datetime) -> None:
    Asset.objects.filter(pk=lecture.asset_id).update(picture=picture)
    lecture.asset.picture = picture
    editing.note(lecture, "poster_changed", by=by, now=now, own=bool(picture))
