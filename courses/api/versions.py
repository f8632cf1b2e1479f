"""`lectures/{id}/versions`: another cut of its recording, or another recording."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from courses import earlier, versions
from courses.api.people import member_of, workable
from courses.models import Lecture, Version
from media_pipeline.models import Asset
from members.models import Member
from ui.sentences import Refused

router = Router()


class VersionIn(Schema):
    kept: list[list[int]] | None = Field(None, description="`[[start_ms, end_ms], …]` of the source that are kept")
    asset: str = Field("", description="Or another recording: an upload of purpose `replacement`")
    put_back: str = Field("", description="Or one that it showed before: an asset of `earlier`")


class VersionOut(Schema):
    number: int
    state: Literal["preparing", "waiting", "taken", "dropped", "declined"]
    name: str
    kept: list[list[int]] | None
    duration_ms: int | None
    proposed_at: datetime
    reason: str = Field(description="Why it was declined")
    url: str


class EarlierOut(Schema):
    asset: str
    name: str
    duration_ms: int | None
    until: datetime | None


class VersionsOut(Schema):
    versions: list[VersionOut]
    earlier: list[EarlierOut] = Field(description="Recordings it showed before, the last one first")


class Reason(Schema):
    reason: str = ""


@router.get("lectures/{public_id}/versions", response=VersionsOut, summary="The last versions proposed")
def list_versions(request: HttpRequest, public_id: str) -> dict[str, Any]:
    """Newest first, fifty at most."""
    lecture = workable(member_of(request), public_id)
    found = lecture.versions.select_related("cut").order_by("-number")[:50]
    before = [
        {"asset": one.asset.public_id, "name": one.asset.name, "duration_ms": one.asset.duration_ms, "until": one.until}
        for one in earlier.recordings(lecture)
    ]
    return {"versions": [_as_json(lecture, one) for one in found], "earlier": before}


@router.post("lectures/{public_id}/versions", response={201: VersionOut}, summary="Propose a version")
def propose_version(request: HttpRequest, public_id: str, payload: VersionIn) -> Status[dict[str, Any]]:
    """A draft shows it as soon as it is ready; what is approved or out keeps what it shows until an editor approves."""
    member = member_of(request)
    lecture, now = workable(member, public_id), timezone.now()
    if payload.kept is not None:
        return Status(201, _as_json(lecture, versions.cut(lecture, payload.kept, by=member, now=now)))
    if payload.put_back:
        back = earlier.one(lecture, payload.put_back)
        return Status(201, _as_json(lecture, earlier.put_back(lecture, back, by=member, now=now)))
    asset = Asset.objects.select_related("cut").filter(uploaded_by=member, public_id=payload.asset).first()
    if asset is None:
        raise Refused("lecture_no_such_asset", status=404 if not payload.asset else 409, field="asset")
    return Status(201, _as_json(lecture, versions.recording(lecture, asset, by=member, now=now)))


@router.post("lectures/{public_id}/versions/{number}/approve", response=VersionOut, summary="Show it (editors)")
def approve_version(request: HttpRequest, public_id: str, number: int) -> dict[str, Any]:
    lecture, version, member = _one(request, public_id, number)
    versions.approve(version, by=member, now=timezone.now())
    return _fresh(lecture, version)


@router.post("lectures/{public_id}/versions/{number}/decline", response=VersionOut, summary="Decline it (editors)")
def decline_version(request: HttpRequest, public_id: str, number: int, payload: Reason) -> dict[str, Any]:
    lecture, version, member = _one(request, public_id, number)
    versions.decline(version, by=member, reason=payload.reason, now=timezone.now())
    return _fresh(lecture, version)


@router.delete("lectures/{public_id}/versions/{number}", response={204: None}, summary="Take it back")
def drop_version(request: HttpRequest, public_id: str, number: int) -> Status[None]:
    _, version, member = _one(request, public_id, number)
    versions.drop(version, by=member, now=timezone.now())
    return Status(204, None)


def _one(request: HttpRequest, public_id: str, number: int) -> tuple[Lecture, Version, Member]:
    member = member_of(request)
    lecture = workable(member, public_id)
    return lecture, get_object_or_404(Version, lecture=lecture, number=number), member


def _fresh(lecture: Lecture, version: Version) -> dict[str, Any]:
    version.refresh_from_db()
    return _as_json(lecture, version)


def _as_json(lecture: Lecture, version: Version) -> dict[str, Any]:
    cut = version.cut
    return {
        "number": version.number, "state": version.state, "name": version.name, "kept": cut.kept if cut else None,
        "duration_ms": cut.duration_ms if cut else None, "proposed_at": version.proposed_at, "reason": version.reason,
        "url": reverse("courses:recording", args=[lecture.public_id]),
    }  # fmt: skip
