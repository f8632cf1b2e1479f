"""The rows of packages: begun, shown while they grow, published when verified. Each step insists on its job's lease."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from jobs.errors import LeaseLost
from jobs.runner import JobHandle
from media_pipeline import afterwork, assets, signals, storage
from media_pipeline.media_info import MediaInfo
from media_pipeline.models import Asset, Cut, Package, Rendition
from media_pipeline.packaging import Made
from media_pipeline.pictures import Pictures
from media_pipeline.playlists import Version


@transaction.atomic
def begin(job: JobHandle, cut: Cut, stage: str, *, now: datetime) -> Package:
    """The package this stage lets grow: the one an earlier attempt left, or a new one."""
    job.insist()
    package, _ = Package.objects.select_related("cut__asset").get_or_create(
        cut=cut, stage=stage, verified_at=None, defaults={"created_at": now}
    )
    return package


@transaction.atomic
def show(job: JobHandle, package: Package) -> None:
    """Let author and editors see it grow, unless the cut has something to show already."""
    job.insist()
    if Cut.objects.filter(pk=package.cut_id, package=None).update(package=package):
        assets.announce(Asset.objects.select_related("cut__package").get(pk=package.cut.asset_id))


def is_made(cut: Cut) -> bool:
    """Whether all that is ever made of it is there."""
    return cut.packages.filter(stage=Package.Stage.LADDER, verified_at__isnull=False).exists()


def current(cut: Cut) -> Package | None:
    """What is served of it and whole; one that still grows gets its tracks when it is."""
    if cut.package_id is None:
        return None
    found = Package.objects.select_related("cut__asset").filter(pk=cut.package_id, verified_at__isnull=False)
    return found.first()


def verified_first_play(cut: Cut) -> Package | None:
    found = cut.packages.filter(stage=Package.Stage.FIRST_PLAY, verified_at__isnull=False)
    return found.select_related("cut__asset").order_by("-pk").first()


def take_over(package: Package, first: Package | None, *, with_picture: bool) -> list[Rendition]:
    """What the first play made and the ladder need not make again: copied inside the storage."""
    if first is None:
        return []
    taken = [one for one in first.renditions.order_by("pk") if with_picture or one.kind == "audio"]
    engine = storage.default()
    for one in taken:
        for key, _ in list(engine.list(f"{first.prefix}/{one.name}")):
            engine.copy(key, package.prefix + key.removeprefix(first.prefix))
    return taken


def record(
    package: Package, made: Sequence[Made], taken: Sequence[Rendition], *, size: int, now: datetime, **facts: Any
) -> None:
    """Note what a package holds. Part of the caller's transaction, after `insist`."""
    versions = [*(row(package, one) for one in made), *(_again(package, one) for one in taken)]
    Rendition.objects.filter(package=package).delete()
    Rendition.objects.bulk_create(versions)
    facts |= {"has_audio": any(one.kind == "audio" for one in versions)}
    Package.objects.filter(pk=package.pk).update(verified_at=now, bytes=size, **facts)
    package.refresh_from_db()


def row(package: Package, one: Made) -> Rendition:
    told = one.version
    size = {} if one.is_audio else {"width": told.width, "height": told.height}
    return Rendition(
        package=package, kind="audio" if one.is_audio else "video", name=told.name, codecs=told.codecs,
        bandwidth=told.peak, average=told.average, fps=told.fps, language=told.language, label=told.label,
        bytes=one.bytes, duration_ms=one.playlist.duration_ms, **size,
    )  # fmt: skip


def version(one: Rendition) -> Version:
    """What the master says of it."""
    return Version(
        one.name, one.width or 0, one.height or 0, one.codecs, one.bandwidth, one.average, one.fps, one.language,
        one.label,
    )  # fmt: skip


def _again(package: Package, one: Rendition) -> Rendition:
    one.pk, one.package = None, package
    one._state.adding = True
    return one


@transaction.atomic
def settle_first_play(job: JobHandle, package: Package, made: Sequence[Made], *, size: int, now: datetime) -> None:
    """The first play is whole and was looked at. Viewers wait for the ladder all the same."""
    job.insist()
    record(package, made, [], size=size, now=now)
    Cut.objects.filter(pk=package.cut_id, package=None).update(package=package)
    asset = Asset.objects.select_related("cut__package").get(pk=package.cut.asset_id)
    assets.announce(asset)


@transaction.atomic
def publish(
    job: JobHandle,
    package: Package,
    made: Sequence[Made],
    taken: Sequence[Rendition],
    *,
    size: int,
    pictures: Pictures,
    info: MediaInfo,
    extras: frozenset[str],
    now: datetime,
) -> None:
    """The pointer switch, and what begins with it. Raises LeaseLost if the job is no longer ours or the asset went
    elsewhere."""
    job.insist()
    asset = Asset.objects.select_for_update().get(pk=package.cut.asset_id)
    duration_ms = max(one.playlist.duration_ms for one in made)
    record(package, made, taken, size=size, now=now, **pictures.facts())
    package.stretches.all().delete()  # they said what is left to be made
    Cut.objects.filter(pk=package.cut_id).update(package=package, duration_ms=duration_ms)
    if asset.cut_id != package.cut_id:  # another cut: what becomes of it is decided above
        signals.cut_ready.send(Cut, cut=Cut.objects.select_related("asset", "package").get(pk=package.cut_id))
        return
    facts: dict[str, Any] = {"ready_at": now, "duration_ms": duration_ms}
    if asset.state == Asset.State.READY:  # made again
        Asset.objects.filter(pk=asset.pk).update(duration_ms=duration_ms)
        assets.announce(asset)
        return
    if not Asset.objects.advance(asset, Asset.State.READY, **facts):
        raise LeaseLost
    asset.refresh_from_db()
    afterwork.begin(package, info, extras, now=now)
    signals.asset_ready.send(Asset, asset=asset)
    assets.announce(asset)


def discard(package: Package) -> None:
    """Remove a package that came to nothing: the row first, then what it named."""
    prefix = package.prefix
    package.delete()
    storage.default().delete_prefix(prefix)
