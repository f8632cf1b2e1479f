"""Files on their way in, by a protocol with semantics of S3 multipart: create, sign parts, list, complete, abort."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import Http404

from media_pipeline import admission, assets, storage
from media_pipeline.models import Asset, Upload
from media_pipeline.storage.base import MultipartGone, Part, PartsChanged
from ui.public_id import new_public_id
from ui.sentences import Refused

OPEN_AT_MOST = 20  # files one member has on the way at a time
SIGNED_AT_MOST = 100  # parts in one call
PARTS_AT_MOST = 10_000  # what S3 allows
PART_LINK_LASTS = timedelta(hours=6)  # a slow phone needs minutes for one part; a new link is one call away
_MIB = 1024 * 1024


def create(
    member: AbstractBaseUser, *, name: str, size: int, content_type: str = "", purpose: str = "lecture", now: datetime
) -> Upload:
    """Begin an upload. Its part size never changes afterwards, whatever the settings become."""
    facts = {"name": admission.name(name), "purpose": admission.purpose(purpose), "content_type": content_type[:100]}
    admission.check_size(size)
    if open_of(member).count() >= OPEN_AT_MOST:
        raise Refused("upload_too_many_open", status=409, limit=OPEN_AT_MOST)
    engine = storage.default()
    upload = Upload(public_id=new_public_id(), member_id=member.pk, size=size, part_size=part_size_for(size), **facts)
    upload.created_at, upload.expires_at = now, now + _keep()
    # The storage first: rows without a place to put parts would be a broken promise; a place without a row is swept.
    upload.storage_id = engine.create_multipart(source_key(upload), size=size, part_size=upload.part_size)
    upload.save()
    return upload


def source_key(upload: Upload) -> str:
    return assets.source_key(upload.public_id)


def part_size_for(size: int) -> int:
    """The usual part size, or whole MiB more where the file would need too many parts."""
    usual: int = settings.UPLOAD_PART_SIZE
    least = -(-size // PARTS_AT_MOST)
    return usual if least <= usual else -(-least // _MIB) * _MIB


def part_length(upload: Upload, number: int) -> int:
    return min(upload.part_size, upload.size - (number - 1) * upload.part_size)


def open_of(member: AbstractBaseUser) -> Any:
    """The member's uploads that can be continued, newest first."""
    return Upload.objects.filter(member_id=member.pk, state=Upload.State.OPEN).order_by("-created_at", "-pk")


def for_owner(member: AbstractBaseUser, public_id: str) -> Upload:
    """The member's own upload; Http404 for anything else."""
    upload = Upload.objects.select_related("asset").filter(member_id=member.pk, public_id=public_id).first()
    if upload is None:
        raise Http404
    return upload


def sign(upload: Upload, numbers: Iterable[int], *, now: datetime) -> dict[int, str]:
    """Addresses for these parts, and more time for the upload: whoever asks for them is still there."""
    _check_open(upload)
    wanted = sorted(set(numbers))
    if len(wanted) > SIGNED_AT_MOST:
        raise Refused("upload_sign_too_many", field="numbers", limit=SIGNED_AT_MOST)
    if wanted and (wanted[0] < 1 or wanted[-1] > upload.part_count):
        raise Refused("upload_no_such_part", field="numbers", count=upload.part_count)
    _extend(upload, now)
    engine, key, until = storage.default(), source_key(upload), now + PART_LINK_LASTS
    if not engine.holds_multipart(upload.storage_id, key):
        _begin_again(upload, engine)
    return {
        number: engine.sign_part(upload.storage_id, key, number, size=part_length(upload, number), expires_at=until)
        for number in wanted
    }


def parts(upload: Upload) -> Sequence[Part]:
    """The parts received in full, by number. Of a complete upload the storage knows none any more."""
    return storage.default().list_parts(upload.storage_id, source_key(upload))


def missing(upload: Upload, received: Sequence[Part]) -> list[int]:
    """Numbers of the parts that have still to be sent (again)."""
    whole = {part.number for part in received if part.size == part_length(upload, part.number)}
    return [number for number in range(1, upload.part_count + 1) if number not in whole]


def complete(upload: Upload, *, now: datetime) -> Asset:
    """Turn a full upload into an asset that is being prepared. The same asset when called again, from anywhere.

    Three steps, each of which the next call (or the sweep) can continue from: the asset's row, the storage's rename,
    and the move to *complete* with which the preparation is queued.
    """
    upload.refresh_from_db()
    if upload.state == Upload.State.ABORTED:
        raise Refused("upload_closed", status=409)
    if upload.state == Upload.State.COMPLETE:
        return _asset_of(upload)
    received = parts(upload)
    if upload.asset is None or (received and assets.identity(received) != upload.asset.identity):
        if lacking := missing(upload, received):
            if _has_moved_on(upload):  # another call completed it while we looked: there was nothing left to list
                return complete(upload, now=now)
            raise incomplete(lacking)
        _begin_asset(upload, assets.identity(received), now)
    _take_over(upload, received)
    _close(upload, now)
    return _asset_of(upload)


def _has_moved_on(upload: Upload) -> bool:
    before = (upload.state, upload.asset_id)
    upload.refresh_from_db()
    return (upload.state, upload.asset_id) != before


def incomplete(lacking: Sequence[int]) -> Refused:
    shown = ", ".join(str(number) for number in lacking[:10]) + (" …" if len(lacking) > 10 else "")
    return Refused("upload_incomplete", status=409, missing=shown, count=len(lacking))


def abort(upload: Upload) -> None:
    """Forget an upload and what came of it so far. Harmless when repeated; a complete one is not touched."""
    if not Upload.objects.filter(pk=upload.pk, state=Upload.State.OPEN, asset=None).update(state=Upload.State.ABORTED):
        upload.refresh_from_db()
        if upload.state != Upload.State.ABORTED:
            raise Refused("upload_complete", status=409)
    upload.state = Upload.State.ABORTED
    storage.default().abort_multipart(upload.storage_id, source_key(upload))


def sweep(now: datetime) -> None:
    """Finish what a crash left between two steps of `complete`; forget what nobody continued for UPLOAD_KEEP_HOURS."""
    for upload in Upload.objects.filter(state=Upload.State.OPEN, asset__isnull=False).select_related("asset"):
        try:
            complete(upload, now=now)
        except Refused:
            continue  # a part was being sent again: the upload is open as before and its owner told what is missing
    for upload in Upload.objects.filter(state=Upload.State.OPEN, asset=None, expires_at__lte=now):
        last = max((part.at for part in parts(upload)), default=upload.created_at)
        if last + _keep() > now:
            _extend(upload, last)
        else:
            abort(upload)
    _sweep_unknown(now)


def _check_open(upload: Upload) -> None:
    if upload.state != Upload.State.OPEN or upload.asset_id is not None:
        raise Refused("upload_complete" if upload.asset_id else "upload_closed", status=409)


def _keep() -> timedelta:
    return timedelta(hours=settings.UPLOAD_KEEP_HOURS)


def _begin_again(upload: Upload, engine: storage.Storage) -> None:
    """The storage has lost it (a rule of its bucket; the site moved to another storage): its parts come once more."""
    lost, key = upload.storage_id, source_key(upload)
    upload.refresh_from_db()
    _check_open(upload)
    if upload.storage_id != lost:  # another call was faster
        return
    begun = engine.create_multipart(key, size=upload.size, part_size=upload.part_size)
    mine = Upload.objects.filter(pk=upload.pk, state=Upload.State.OPEN, asset=None, storage_id=lost)
    if not mine.update(storage_id=begun):
        engine.abort_multipart(begun, key)
    upload.refresh_from_db()
    _check_open(upload)


def _extend(upload: Upload, active_at: datetime) -> None:
    upload.expires_at = max(upload.expires_at, active_at + _keep())
    Upload.objects.filter(pk=upload.pk, state=Upload.State.OPEN).update(expires_at=upload.expires_at)


@transaction.atomic
def _begin_asset(upload: Upload, identity: str, now: datetime) -> None:
    """The asset's row, once, for the parts as they are now. From here the upload can no longer be aborted."""
    locked = Upload.objects.select_for_update().get(pk=upload.pk)
    if locked.state == Upload.State.ABORTED:
        raise Refused("upload_closed", status=409)
    if locked.state == Upload.State.OPEN:
        locked.asset, _ = Asset.objects.update_or_create(
            public_id=upload.public_id,
            defaults={
                "uploaded_by_id": upload.member_id,
                "name": upload.name,
                "purpose": upload.purpose,
                "source_key": source_key(upload),
                "source_bytes": upload.size,
                "identity": identity,
                "created_at": now,
            },
        )
        locked.save(update_fields=["asset"])
    upload.refresh_from_db()


def _take_over(upload: Upload, received: Sequence[Part]) -> None:
    """The storage's rename. If a part was sent again since we listed them, the upload is open as before."""
    try:
        storage.default().complete_multipart(upload.storage_id, source_key(upload), received, size=upload.size)
    except (PartsChanged, MultipartGone) as error:
        upload.refresh_from_db()
        if upload.state != Upload.State.COMPLETE:  # else another call was faster in all
            raise incomplete(missing(upload, parts(upload))) from error


@transaction.atomic
def _close(upload: Upload, now: datetime) -> None:
    if Upload.objects.filter(pk=upload.pk, state=Upload.State.OPEN).update(state=Upload.State.COMPLETE):
        assets.begin(_asset_of(upload), now=now)
    upload.state = Upload.State.COMPLETE


def _asset_of(upload: Upload) -> Asset:
    if upload.asset_id is None:  # its owner deleted it after completing
        raise Refused("upload_closed", status=409)
    return Asset.objects.select_related("cut__package").get(pk=upload.asset_id)


def _sweep_unknown(now: datetime) -> None:
    """Places in the storage that no open upload owns: a crash came between the place and its row."""
    engine = storage.default()
    known = set(Upload.objects.filter(state=Upload.State.OPEN).values_list("storage_id", flat=True))
    for found in engine.list_multiparts():
        if found.storage_id not in known and found.at + _keep() < now:
            engine.abort_multipart(found.storage_id, found.key)
