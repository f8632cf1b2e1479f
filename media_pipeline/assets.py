"""Assets from the outside: how one comes to be without a browser, how far it is, how it goes away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Model, ProtectedError
from django.http import Http404

from audit import trail
from jobs import queue
from media_pipeline import admission, estimates, paths, refusals, signals, storage
from media_pipeline.asset_progress import INSPECT, AssetProgress, Step, failed_job, progress, subject
from media_pipeline.models import Asset, Inspection
from media_pipeline.refusals import Remark
from media_pipeline.storage.base import Part
from push import channels
from ui.public_id import new_public_id
from ui.sentences import Refused

__all__ = ["AssetProgress", "Step", "progress", "subject"]
_BLOCK = 1024 * 1024


def for_owner(member: AbstractBaseUser, public_id: str) -> Asset:
    """The member's own asset, with what its paths need; Http404 for anything else."""
    assets = Asset.objects.select_related("cut__package")
    asset = assets.filter(uploaded_by_id=member.pk, public_id=public_id).first()
    if asset is None:
        raise Http404
    return asset


def source_key(public_id: str) -> str:
    return f"sources/{public_id}"


def packages_prefix(public_id: str) -> str:
    return f"packages/{public_id}"


def identity(parts: Sequence[Part]) -> str:
    """What tells one file from another without reading it again: the hash of its parts' hashes."""
    return hashlib.sha256("".join(part.etag for part in parts).encode()).hexdigest()


def receive_file(member: AbstractBaseUser, path: Path, *, name: str, purpose: str = "lecture", now: datetime) -> Asset:
    """An asset from a file of this machine, prepared in the same way as one from a browser. Keeps `path` as it is."""
    admission.check_size(path.stat().st_size)
    asset = Asset(
        public_id=new_public_id(), uploaded_by_id=member.pk, name=admission.name(name), created_at=now,
        purpose=admission.purpose(purpose), source_bytes=path.stat().st_size, identity=identity(list(_parts(path))),
    )  # fmt: skip
    asset.source_key = source_key(asset.public_id)
    storage.default().put_file(asset.source_key, path)
    with transaction.atomic():
        asset.save()
        begin(asset, now=now)
    return asset


def begin(asset: Asset, *, now: datetime) -> None:
    """Queue the preparation and tell those above. Part of the caller's transaction; the source must be stored."""
    enqueue(INSPECT, asset, by=asset.uploaded_by, now=now)
    signals.asset_received.send(Asset, asset=asset)
    announce(asset)


def enqueue(kind: str, asset: Asset, *, by: Model | None, part: str = "", now: datetime | None = None) -> None:
    """One stage of the asset's preparation, or of one `part` of it. Part of the caller's transaction."""
    about = f"{subject(asset)}/{part}" if part else subject(asset)
    queue.enqueue(
        kind, subject=about, channel=channels.for_member(asset.uploaded_by_id), requested_by=by,
        cost=estimates.seconds(kind, asset), room=estimates.room(kind, asset), now=now,
    )  # fmt: skip


def remarks(found: Iterable[Asset]) -> dict[int, list[Remark]]:
    """What is to be known of recordings that were taken all the same, by key. One query."""
    rows = Inspection.objects.filter(asset__in=[one.pk for one in found])
    facts = rows.values_list("asset", "info__missing_ms", "info__projection", "info__video__dolby_vision")
    told = {
        asset: refusals.remarked(missing or 0, projection or "", dolby or 0)
        for asset, missing, projection, dolby in facts
    }
    return {asset: remarks for asset, remarks in told.items() if remarks}


def announce(asset: Asset) -> None:
    """Tell the uploader's open pages that the asset's state changed. Part of the caller's transaction."""
    payload = {
        "asset": asset.public_id,
        "state": asset.state,
        "playable": paths.is_playable(asset),
        "refusal": asset.refusal,
    }
    channels.publish(channels.for_member(asset.uploaded_by_id), "asset", payload)


@transaction.atomic
def retry(asset: Asset, by: AbstractBaseUser) -> None:
    """Go on with a failed asset at the stage that failed. A refused one stays refused: the file would be the same."""
    held = Asset.objects.select_for_update().get(pk=asset.pk)  # of two who ask at once, one does it
    if held.state != Asset.State.FAILED:
        raise Refused("asset_not_failed", status=409)
    job = failed_job(held)
    if job is None or not queue.retry(job, by=by):
        enqueue(INSPECT, held, by=by)
    asset.refresh_from_db()
    revive(asset)  # unless the job's kind has done so
    trail.record("asset retried", asset, by=by)


def revive(asset: Asset) -> bool:
    """A failed asset is worked on again; false if it is not failed. In the caller's transaction."""
    to = Asset.State.PREPARING if asset.inspected_at else Asset.State.RECEIVED
    if asset.state != Asset.State.FAILED or not Asset.objects.advance(asset, to, refusal="", refusal_params={}):
        return False
    announce(asset)
    return True


@transaction.atomic
def delete(asset: Asset) -> None:
    """Remove an asset, its preparation and its bytes. Refused while a lecture is made of it."""
    queue.cancel(subject(asset))
    source, packages = asset.source_key, packages_prefix(asset.public_id)
    try:
        asset.delete()
    except ProtectedError as error:
        raise Refused("asset_in_use", status=409) from error
    # After the commit; should we be killed in between, the sweep finds bytes that no row knows.
    transaction.on_commit(lambda: _remove(source, packages))


def _remove(source: str, packages: str) -> None:
    engine = storage.default()
    engine.delete(source)
    engine.delete_prefix(packages)


def _parts(path: Path) -> Iterator[Part]:
    """The file as an upload in parts would have brought it, so that both have one identity."""
    with path.open("rb") as file:
        number, left = 1, path.stat().st_size
        while left > 0:
            size, digest = min(left, settings.UPLOAD_PART_SIZE), hashlib.sha256()
            for start in range(0, size, _BLOCK):
                digest.update(file.read(min(_BLOCK, size - start)))
            yield Part(number, size, digest.hexdigest(), datetime.fromtimestamp(path.stat().st_mtime).astimezone())
            number, left = number + 1, left - size
