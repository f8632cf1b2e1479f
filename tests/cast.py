"""The people and things tests are played with. Rows only: no files, no queue; every fact can be given."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from django.test import Client
from django.utils import timezone

from courses.models import Lecture, Topic
from media_pipeline.models import Asset, Cut, Package, Rendition
from members import roles
from members.models import Appointment, Enterprise, Member, Membership, Organisation

PASSWORD = "xunlian-2026"
LONG_AGO = date(2020, 1, 1)
BEGINNING = datetime(2026, 9, 1, 1, tzinfo=UTC)
_numbers = count(1)


def enterprise(name: str = "", **facts: Any) -> Enterprise:
    name = name or f"第{next(_numbers)}工程公司"
    return Enterprise.objects.create(**{"name": name, "short_name": name[:24], **facts})


def organisation(
    name: str = "", kind: str = Organisation.Kind.BRANCH, parent: Organisation | None = None, **facts: Any
) -> Organisation:
    name = name or f"第{next(_numbers)}支部"
    facts = {"name": name, "short_name": name[:32], "kind": kind, **facts}
    if parent is None:
        return Organisation.add_root(**facts)
    parent.refresh_from_db()  # treebeard counts children on the object in hand
    return parent.add_child(**facts)


def member(name: str = "", organisation: Organisation | None = None, **facts: Any) -> Member:
    """A member with a phone and PASSWORD; `organisation=None` belongs nowhere."""
    number = next(_numbers)
    person = Member(**{"name": name or f"党员{number}", "phone": f"+86139{number:08d}", **facts})
    person.set_password(PASSWORD)
    person.save()
    if organisation is not None:
        Membership.objects.create(member=person, organisation=organisation, starts_on=LONG_AGO)
    return person


def appointed(role: str, place: Organisation | None = None, person: Member | None = None) -> Member:
    place = place or organisation()
    person = person or member(organisation=place)
    roles.appoint(person, role, place, starts_on=LONG_AGO, by=None, now=timezone.now())
    person.refresh_from_db()
    return person


def editor(organisation: Organisation | None = None, person: Member | None = None) -> Member:
    return appointed(Appointment.Role.EDITOR, organisation, person)


def secretary(organisation: Organisation | None = None, person: Member | None = None) -> Member:
    return appointed(Appointment.Role.SECRETARY, organisation, person)


def operator(organisation: Organisation | None = None, person: Member | None = None) -> Member:
    return appointed(Appointment.Role.OPERATOR, organisation, person)


def topic(name: str = "", **facts: Any) -> Topic:
    number = next(_numbers)
    return Topic.objects.create(**{"name": name or f"专题{number}", "slug": f"topic-{number}", **facts})


def ready_asset(member: Member, duration_ms: int = 60000, **facts: Any) -> Asset:
    """An asset with a cut and a verified package of two rungs and the sound."""
    number = next(_numbers)
    asset = Asset.objects.create(
        **{
            "uploaded_by": member,
            "name": f"党课{number}.mp4",
            "state": Asset.State.RECEIVED,
            "source_key": f"sources/test-{number}",
            "source_bytes": 1_000_000,
            "identity": f"{number:064x}",
            "duration_ms": duration_ms,
            "width": 1280,
            "height": 720,
            "created_at": BEGINNING,
            "inspected_at": BEGINNING,
            **facts,
        }
    )
    cut = Cut.objects.create(asset=asset, duration_ms=duration_ms)
    tiles = {"columns": 10, "rows": 2, "width": 160, "height": 90, "count": 15}
    package = Package.objects.create(cut=cut, created_at=BEGINNING, verified_at=BEGINNING, bytes=900_000, sprite=tiles)
    _renditions(package, duration_ms)
    cut.package = package
    cut.save(update_fields=["package"])
    asset.cut, asset.state, asset.ready_at = cut, Asset.State.READY, facts.get("ready_at", BEGINNING)
    asset.save(update_fields=["cut", "state", "ready_at"])
    return asset


def _renditions(package: Package, duration_ms: int) -> None:
    common = {"package": package, "duration_ms": duration_ms}
    for name, width, height, bandwidth in (("480", 854, 480, 1_200_000), ("720", 1280, 720, 2_400_000)):
        size = {"width": width, "height": height, "bandwidth": bandwidth, "bytes": bandwidth * duration_ms // 8000}
        Rendition.objects.create(kind="video", name=name, codecs="avc1.64001f", **size, **common)
    Rendition.objects.create(kind="audio", name="audio", codecs="mp4a.40.2", bandwidth=128_000, bytes=90_000, **common)


def lecture(author: Member | None = None, state: str = Lecture.State.PUBLISHED, **facts: Any) -> Lecture:
    """A lecture with a ready asset, in the state asked for, without the events and signals of getting there."""
    author = author or member()
    duration_ms = facts.pop("duration_ms", 60000)
    asset = facts.pop("asset", None) or ready_asset(facts.get("uploaded_by", author), duration_ms)
    membership = Membership.objects.filter(member=author, ends_on__isnull=True).select_related("organisation").first()
    beyond_draft = state != Lecture.State.DRAFT
    was_out = state in {Lecture.State.PUBLISHED, Lecture.State.WITHDRAWN}
    return Lecture.objects.create(
        **{
            "title": f"一堂党课{next(_numbers)}",
            "summary": "讲一件自己碰到过的事。",
            "topic": None if "topic" in facts else topic(),
            "state": state,
            "author": author,
            "uploaded_by": author,
            "organisation": membership.organisation if membership else None,
            "asset": asset,
            "created_at": BEGINNING,
            "submitted_at": BEGINNING if beyond_draft else None,
            "published_at": BEGINNING if was_out else None,
            **facts,
        }
    )


def signed_in(client: Client, member: Member) -> Client:
    client.force_login(member)
    return client
