"""`uploads` (create, list, sign, parts, complete, drop) and `assets/{id}`, all of them one's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from media_pipeline import assets, paths, storage, uploads
from media_pipeline.models import Asset, Upload
from ui.sentences import Refused, say_in_all

router = Router(tags=["uploads"])
_ID = "7kQmRz4XwB"
_UPLOAD: dict[str, Any] = {
    "id": _ID,
    "name": "班前五分钟.mp4",
    "size": 41_943_040,
    "part_size": 8_388_608,
    "part_count": 5,
    "state": "open",
    "expires_at": "2026-11-26T09:12:00+08:00",
    "asset": None,
}


class UploadIn(Schema):
    name: str = Field(max_length=1024, description="The file's own name")
    size: int = Field(description="Bytes")
    content_type: str = Field(
        "", max_length=256, description="What the browser takes it for; only kept, never believed"
    )
    purpose: Literal["lecture", "replay", "replacement"] = Field(
        "lecture", description="`replay` is for editors; `replacement`: for `lectures/{id}/versions`"
    )


class UploadOut(Schema):
    id: str
    name: str
    size: int
    part_size: int = Field(description="Bytes of every part but the last. Never changes for an upload")
    part_count: int
    state: Literal["open", "complete", "aborted"]
    expires_at: datetime = Field(description="Parts are kept until then; each sign and each part received extends it")
    asset: str | None = Field(description="Its asset, once complete")

    model_config = {"json_schema_extra": {"examples": [_UPLOAD]}}


class UploadsOut(Schema):
    uploads: list[UploadOut]


class PartNumbers(Schema):
    numbers: list[int] = Field(min_length=1, description="Part numbers, counted from 1; at most 100")


class SignedPart(Schema):
    number: int
    url: str = Field(description="PUT exactly `size` bytes here; no cookie, no key. Of this site, or of an S3 service")
    size: int


class SignedParts(Schema):
    parts: list[SignedPart]
    check: Literal["X-Part-SHA256", "Content-MD5"] = Field(
        description="The header in which a digest of the part may come (hex, or base64 for MD5); then damage is refused"
    )

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "parts": [{"number": 1, "url": f"/parts/{_ID}/1?exp=…&size=…&sig=…", "size": 8_388_608}],
                    "check": "X-Part-SHA256",
                }
            ]
        }
    }


class PartOut(Schema):
    number: int
    size: int
    etag: str = Field(description="Opaque; the same as the PUT answered")


class PartsOut(Schema):
    parts: list[PartOut] = Field(description="Received in full")
    missing: list[int] = Field(description="Numbers to send, or to send again")

    model_config = {
        "json_schema_extra": {
            "examples": [{"parts": [{"number": 1, "size": 8_388_608, "etag": "9f86d0…"}], "missing": [2, 3, 4, 5]}]
        }
    }


class StepOut(Schema):
    code: Literal["received", "inspect", "play", "encode", "pictures"]
    state: Literal["done", "now", "waiting", "stopped"]
    at: datetime | None


class RefusalOut(Schema):
    code: str
    message: dict[str, str] = Field(description="By language: `zh-hans`, `en`")
    field: str | None


class AssetOut(Schema):
    id: str
    name: str
    subject: str = Field(
        description="Events of kind `job` with this subject, or with a slash and a part after it, are about this asset"
    )
    state: Literal["received", "preparing", "ready", "refused", "failed"]
    stage: str = Field(description="What its job is doing")
    progress: int = Field(description="Of 1000")
    queue_ahead: int | None = Field(description="Jobs before this one; null once it runs")
    seconds_left: int | None = Field(description="As the pace so far lets expect; null if it cannot be told")
    playable: bool = Field(description="True as soon as anything can be shown, before all of it is ready")
    duration_ms: int | None
    width: int | None
    height: int | None
    refusal: RefusalOut | None
    remarks: list[RefusalOut] = Field(description="What is to be known of it: that its end is missing, that it is 360°")
    steps: list[StepOut]
    master_url: str = Field(description="Signed, for some hours; empty until playable")
    poster_url: str

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "id": _ID, "name": "班前五分钟.mp4", "subject": "asset:17", "state": "preparing", "stage": "encode",
                    "progress": 620, "queue_ahead": None, "seconds_left": 41, "playable": False,
                    "duration_ms": 356_000, "width": 1080, "height": 1920, "refusal": None, "remarks": [],
                    "steps": [{"code": "received", "state": "done", "at": "2026-11-23T09:12:00+08:00"}],
                    "master_url": "", "poster_url": "",
                }
            ]
        }
    }  # fmt: skip


@router.post("uploads", response={201: UploadOut}, summary="Begin an upload")
def create_upload(request: HttpRequest, payload: UploadIn) -> Status[dict[str, Any]]:
    """Then `sign` parts, PUT each one (several at a time, in any order, again where it broke off), and `complete`."""
    member = _member(request)
    if payload.purpose == "replay" and not member.is_staff:
        raise Refused("replay_for_editors", status=403, field="purpose")
    return Status(201, described(uploads.create(member, **payload.dict(), now=timezone.now())))


@router.get("uploads", response=UploadsOut, summary="Your open uploads")
def list_uploads(request: HttpRequest) -> dict[str, Any]:
    """Newest first, never more than a few: what a browser that crashed, or another one, can go on with."""
    return {"uploads": [described(upload) for upload in uploads.open_of(_member(request))]}


@router.post("uploads/{public_id}/sign", response=SignedParts, summary="Addresses for parts")
def sign_parts(request: HttpRequest, public_id: str, payload: PartNumbers) -> dict[str, Any]:
    upload = uploads.for_owner(_member(request), public_id)
    links = uploads.sign(upload, payload.numbers, now=timezone.now())
    sizes = {number: uploads.part_length(upload, number) for number in links}
    found = [{"number": number, "url": url, "size": sizes[number]} for number, url in links.items()]
    return {"parts": found, "check": storage.default().part_check}


@router.get("uploads/{public_id}/parts", response=PartsOut, summary="Which parts have arrived")
def list_parts(request: HttpRequest, public_id: str) -> dict[str, Any]:
    upload = uploads.for_owner(_member(request), public_id)
    if upload.state != Upload.State.OPEN:
        return {"parts": [], "missing": []}
    received = uploads.parts(upload)
    found = [{"number": part.number, "size": part.size, "etag": part.etag} for part in received]
    return {"parts": found, "missing": uploads.missing(upload, received)}


@router.post("uploads/{public_id}/complete", response=AssetOut, summary="All parts are sent")
def complete_upload(request: HttpRequest, public_id: str) -> dict[str, Any]:
    """Answers the asset; the same one however often it is called. 409 `upload_incomplete` if parts are missing."""
    now = timezone.now()
    upload = uploads.for_owner(_member(request), public_id)
    return described_asset(uploads.complete(upload, now=now), now)


@router.delete("uploads/{public_id}", response={204: None}, summary="Drop an upload")
def drop_upload(request: HttpRequest, public_id: str) -> Status[None]:
    uploads.abort(uploads.for_owner(_member(request), public_id))
    return Status(204, None)


@router.get("assets/{public_id}", response=AssetOut, tags=["assets"], summary="How far an asset is")
def get_asset(request: HttpRequest, public_id: str) -> dict[str, Any]:
    """Changes are told as events: `asset` {asset, state, …} and `job` {subject, stage, progress}."""
    return described_asset(assets.for_owner(_member(request), public_id), timezone.now())


def described(upload: Upload) -> dict[str, Any]:
    complete = upload.state == Upload.State.COMPLETE and upload.asset is not None
    names = ("name", "size", "part_size", "part_count", "state", "expires_at")
    return {
        "id": upload.public_id,
        **{name: getattr(upload, name) for name in names},
        "asset": upload.asset.public_id if complete and upload.asset else None,
    }


def described_asset(asset: Asset, now: datetime) -> dict[str, Any]:
    progress = assets.progress(asset, now=now)
    names = ("state", "stage", "progress", "queue_ahead", "seconds_left", "playable")
    return {
        "id": asset.public_id,
        "name": asset.name,
        "subject": assets.subject(asset),
        **{name: getattr(progress, name) for name in names},
        "duration_ms": asset.duration_ms,
        "width": asset.width,
        "height": asset.height,
        "refusal": _said(progress.refusal, progress.refusal_params) if progress.refusal else None,
        "remarks": [_said(one.code, one.params) for one in assets.remarks([asset]).get(asset.pk, [])],
        "steps": [{"code": step.code, "state": step.state, "at": step.at} for step in progress.steps],
        "master_url": paths.signed(asset, "master.m3u8", now=now),
        "poster_url": paths.poster(asset, small=False, now=now),
    }


def _said(code: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "message": say_in_all(code, params), "field": None}


def _member(request: HttpRequest) -> Any:
    """The signed-in member, as ninja's authentication set it. Untyped: this app knows members only by key."""
    return request.auth  # type: ignore[attr-defined]
