"""`lectures/{id}/captions`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, File, Form, Router, Schema, Status, UploadedFile

from courses import access, captions
from courses.api.people import member_of, workable
from courses.captions import Row

router = Router()
_EXAMPLE: dict[str, Any] = {
    "id": "7kQmRz4XwB", "language": "zh-Hans", "name": "简体中文", "source": "uploaded", "file": "班前五分钟.srt",
    "lines": 84, "shown": True, "added_at": "2026-11-23T09:12:00+08:00", "reviewed_at": None,
}  # fmt: skip


class CaptionsOut(Schema):
    id: str
    language: str = Field(description="BCP 47")
    name: str = Field(description="Of the language, in itself")
    source: Literal["uploaded", "embedded", "asr"] = Field(description="`asr`: a machine's draft")
    file: str
    lines: int
    shown: bool = Field(description="Viewers get these")
    added_at: datetime
    reviewed_at: datetime | None = Field(description="When an editor looked them through")

    model_config = {"json_schema_extra": {"examples": [_EXAMPLE]}}


class CaptionsList(Schema):
    captions: list[CaptionsOut]


class Review(Schema):
    done: bool = Field(True, description="False: they want another look")


@router.get("lectures/{public_id}/captions", response=CaptionsList, summary="Its captions")
def list_captions(request: HttpRequest, public_id: str) -> dict[str, Any]:
    """All of them for its author and for editors, else those that viewers get."""
    member = member_of(request)
    lecture = access.playable_for(member, public_id)
    is_inside = lecture.author_id == member.pk or access.is_editor(member)
    return {"captions": [_as_json(row) for row in captions.rows(lecture) if is_inside or row.is_shown]}


@router.post("lectures/{public_id}/captions", response={201: CaptionsOut}, summary="Send captions")
def add_captions(
    request: HttpRequest,
    public_id: str,
    language: Form[str] = "",
    file: File[UploadedFile | None] = None,
) -> Status[dict[str, Any]]:
    """SubRip or WebVTT, as a form with `file` and `language`. Those sent before in this language give way."""
    member = member_of(request)
    lecture = workable(member, public_id)
    data, name = (file.read(captions.MOST_BYTES + 1), file.name or "") if file else (b"", "")
    track = captions.add(lecture, data, language=language, name=name, by=member, now=timezone.now())
    return Status(201, _as_json(captions.row(track)))


@router.get("lectures/{public_id}/captions/{track}", summary="One as WebVTT")
def get_captions(request: HttpRequest, public_id: str, track: str) -> HttpResponse:
    lecture = workable(member_of(request), public_id)
    found = captions.track_of(lecture, track)
    response = HttpResponse(captions.text(found), content_type="text/vtt; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{lecture.public_id}.{found.language}.vtt"'
    return response


@router.post("lectures/{public_id}/captions/{track}/review", response=CaptionsOut, summary="Looked through (editors)")
def review_captions(request: HttpRequest, public_id: str, track: str, payload: Review) -> dict[str, Any]:
    member = member_of(request)
    lecture = workable(member, public_id)
    found = captions.track_of(lecture, track)
    captions.check(lecture, found, done=payload.done, by=member, now=timezone.now())
    return _as_json(captions.row(found))


@router.delete("lectures/{public_id}/captions/{track}", response={204: None}, summary="Take them away")
def remove_captions(request: HttpRequest, public_id: str, track: str) -> Status[None]:
    member = member_of(request)
    lecture = workable(member, public_id)
    captions.remove(lecture, captions.track_of(lecture, track), by=member, now=timezone.now())
    return Status(204, None)


def _as_json(row: Row) -> dict[str, Any]:
    track = row.track
    return {
        "id": track.public_id, "language": track.language, "name": row.name, "source": track.source,
        "file": track.name, "lines": row.lines, "shown": row.is_shown, "added_at": track.added_at,
        "reviewed_at": track.reviewed_at,
    }  # fmt: skip
