"""`livestreams/{id}/recording`: what an editor's upload becomes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from livestreams import access, recordings
from media_pipeline.models import Asset
from members.models import Member
from ui.sentences import Refused

router = Router(tags=["livestreams"])


class RecordingIn(Schema):
    asset: str


class RecordingOut(Schema):
    lecture: str
    state: str
    url: str


@router.post("livestreams/{page_id}/recording", response={201: RecordingOut}, summary="Attach a recording (editors)")
def attach_recording(request: HttpRequest, page_id: int, payload: RecordingIn) -> dict[str, Any]:
    member = _member(request)
    page = access.page_to_edit(member, page_id)
    asset = Asset.objects.filter(public_id=payload.asset, purpose="replay").first()
    if asset is None:
        raise Refused("recording_unknown", status=404, field="asset")
    replay = recordings.attach(page, asset, by=member, now=timezone.now())
    return {"lecture": replay.public_id, "state": replay.state, "url": page.url or ""}


@router.delete("livestreams/{page_id}/recording", response={204: None}, summary="Take it off again (editors)")
def detach_recording(request: HttpRequest, page_id: int) -> None:
    member = _member(request)
    recordings.detach(access.page_to_edit(member, page_id), by=member, now=timezone.now())


def _member(request: HttpRequest) -> Member:
    return request.auth  # type: ignore[attr-defined, no-any-return]  # set by ninja
