"""One file of a recording to take along: the best picture and the sound in one MP4, copied out of its package.

Asked for from above, where it is known whether a lecture may be taken along; made by a job, stored in the package, and
gone with it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from django.db import transaction

from jobs import kinds, queue
from jobs.errors import JobError, LeaseLost
from jobs.models import Job
from jobs.runner import JobHandle
from media_pipeline import assets, commands, generations, media_types, paths, runner, storage, tools
from media_pipeline.asset_progress import DOWNLOAD
from media_pipeline.models import Asset, Package
from media_pipeline.workpiece import asset_of, at_work_on

NAME_AT_MOST = 80  # characters: nine bytes each in an address, if they are Chinese
_PART = "download"  # of the job's subject, so that it can be cancelled by itself
_FASTEST = 2_000_000  # bytes a second at the least that a disk copies


def register() -> None:
    kinds.register(DOWNLOAD, make, queue=Job.Queue.FAST)


def want(asset: Asset) -> None:
    """Have the file made of what is served now, if it is whole. Part of the caller's transaction."""
    package = generations.current(asset.cut) if asset.cut else None
    if package is not None and not package.download_bytes:
        assets.enqueue(DOWNLOAD, asset, by=asset.uploaded_by, part=_PART)


def give_up(asset: Asset) -> None:
    """It is not to be taken along any more. Part of the caller's transaction."""
    queue.cancel(f"{assets.subject(asset)}/{_PART}")
    packages = Package.objects.filter(cut__asset=asset, download_bytes__gt=0).select_related("cut__asset")
    keys = [f"{one.prefix}/{media_types.DOWNLOAD}" for one in packages]
    packages.update(download_bytes=0)
    transaction.on_commit(lambda: _remove(keys))


def _remove(keys: Iterable[str]) -> None:
    for key in keys:
        storage.default().delete(key)


def link(asset: Asset, title: str, *, now: datetime) -> str:
    """Signed and expiring; empty as long as there is no file. It is saved under the title."""
    package = asset.cut.package if asset.cut else None
    if package is None or not package.download_bytes:
        return ""
    name = quote(title.strip()[:NAME_AT_MOST].replace("/", " "), safe="")
    return f"{paths.signed(asset, media_types.DOWNLOAD, now=now)}?name={name}"


def make(job: JobHandle) -> None:
    """Raises JobError, LeaseLost."""
    done: set[int] = set()
    while True:  # another cut may be shown meanwhile, whose file would then be asked for of us
        asset = asset_of(job.job)
        package = generations.current(asset.cut) if asset and asset.cut else None
        if asset is None or package is None or package.download_bytes or package.pk in done:
            return
        with at_work_on(asset, job):
            _copy(job, package)
        done.add(package.pk)


def _copy(job: JobHandle, package: Package) -> None:
    job.progress(0, "download")
    versions = list(package.renditions.order_by("-height", "pk"))
    best = next(one.name for one in versions if one.kind == "video")
    sound = next((one.name for one in versions if one.name == commands.AUDIO), None)
    inputs = [_playlist(job, package, name) for name in (best, sound) if name]
    made = job.scratch / media_types.DOWNLOAD
    try:
        timeout = 60 + package.bytes / _FASTEST
        finished = runner.run([tools.ffmpeg(), *commands.download(inputs, made)], timeout=timeout)
    except runner.TimedOut as error:
        raise JobError("encoder_too_slow") from error
    if finished.returncode or not made.is_file():
        raise JobError("encoder_failed", words=finished.stderr[-300:])
    job.progress(900, "publish")
    key = f"{package.prefix}/{media_types.DOWNLOAD}"
    storage.default().put_file(key, made)
    try:
        _note(job, package, made.stat().st_size)
    except LeaseLost:
        if not Job.objects.active().filter(subject=job.job.subject).exists():  # else another attempt puts it there
            storage.default().delete(key)
        raise


@transaction.atomic
def _note(job: JobHandle, package: Package, size: int) -> None:
    job.insist()
    Package.objects.filter(pk=package.pk).update(download_bytes=size)
    assets.announce(Asset.objects.select_related("cut__package").get(pk=package.cut.asset_id))


def _playlist(job: JobHandle, package: Package, name: str) -> Path:
    """Of one version, with its pieces beside it on this machine."""
    engine, prefix = storage.default(), f"{package.prefix}/{name}"
    if there := engine.path(f"{prefix}/{commands.PLAYLIST}"):
        return there
    folder = job.scratch / package.public_id / name
    folder.mkdir(parents=True)
    for key, _ in list(engine.list(prefix)):
        job.progress(100, "download")
        with engine.open(key) as source, (folder / key.rpartition("/")[2]).open("wb") as target:
            shutil.copyfileobj(source, target)
    return folder / commands.PLAYLIST
