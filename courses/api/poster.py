"""`lectures/{id}/poster`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, File, Router, Schema, UploadedFile

from courses import posters
from courses.api.people import member_of, workable
from courses.models import Lecture

router = Router()


class CandidateOut(Schema):
    name: str
    url: str = Field(description="Signed, for some hours")
    at_ms: int
    is_chosen: bool


class PosterOut(Schema):
    url: str = Field(description="Signed, for some hours; empty before there is one")
    is_own: bool = Field(description="Sent by somebody, not of the recording")
    candidates: list[CandidateOut] = Field(description="Of the recording, the best first")


class Choice(Schema):
    name: str = Field("", description="Of a candidate")


@router.get("lectures/{public_id}/poster", response=PosterOut, summary="Its picture, and those to choose from")
def get_poster(request: HttpRequest, public_id: str) -> dict[str, Any]:
    return _as_json(workable(member_of(request), public_id))


@router.put("lectures/{public_id}/poster", response=PosterOut, summary="Choose one of the recording's own")
def choose_poster(request: HttpRequest, public_id: str, payload: Choice) -> dict[str, Any]:
    member = member_of(request)
    lecture = workable(member, public_id)
    posters.choose(lecture, payload.name, by=member, now=timezone.now())
    return _as_json(lecture)


@router.post("lectures/{public_id}/poster", response=PosterOut, summary="Send a picture")
def send_poster(
    request: HttpRequest,
    public_id: str,
    file: File[UploadedFile | None] = None,
) -> dict[str, Any]:
    """JPEG, PNG or WebP, as a form with `file`. Made anew: nothing of the file itself is served."""
    member = member_of(request)
    lecture = workable(member, public_id)
    data = file.read(posters.MOST_BYTES + 1) if file else b""
    posters.send(lecture, data, by=member, now=timezone.now())
    return _as_json(lecture)


def _as_json(lecture: Lecture) -> dict[str, Any]:
    now = timezone.now()
    return {
        "url": posters.url(lecture, small=False, now=now),
        "is_own": bool(lecture.asset.picture),
        "candidates": posters.candidates(lecture, now=now),
    }
