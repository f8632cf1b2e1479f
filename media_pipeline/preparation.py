"""The job `media.prepare`: a received asset becomes ready, or is refused with a reason. Idempotent at every step.

A killed attempt leaves a scratch folder (swept) and files under a package prefix of its own that no row names (removed
by the next attempt). The package pointer is switched in one short transaction that looks at the lease once more.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jobs import kinds
from jobs.errors import JobError, LeaseLost
from jobs.models import Job
from jobs.runner import JobHandle
from media_pipeline import (
    assets,
    commands,
    inspection,
    ladder,
    packaging,
    refusals,
    runner,
    signals,
    sprites,
    storage,
    tools,
    verification,
)  # fmt: skip
from media_pipeline.asset_progress import KIND
from media_pipeline.ladder import Ladder
from media_pipeline.media_info import MediaInfo
from media_pipeline.models import Asset, Cut, Package, Rendition
from media_pipeline.packaging import Made
from media_pipeline.playlists import BadPlaylist
from media_pipeline.refusals import Refusal
from media_pipeline.sprites import Layout
from ui.public_id import new_public_id

# Progress of 1000: where each stage ends. Encoding is nearly all of the time.
INSPECTED, ENCODED, PICTURED, VERIFIED, STORED = 30, 860, 900, 940, 990


@dataclass(frozen=True)
class Prepared:
    """All that publishing needs to know of the files in the scratch folder."""

    out: Path
    made: list[Made]
    tiles: Layout


def register() -> None:
    kinds.register(KIND, prepare, queue=Job.Queue.ENCODE, on_failed=fail)


def prepare(job: JobHandle) -> None:
    """The handler. Raises JobError, LeaseLost."""
    asset = Asset.objects.filter(pk=int(job.job.subject.removeprefix("asset:"))).first()
    if asset is None or asset.state == Asset.State.READY:
        return  # deleted meanwhile; or an attempt was killed between its last transaction and its job's
    if asset.state == Asset.State.REFUSED:
        storage.default().delete(asset.source_key)
        return
    _remove_strays(asset)
    try:
        with storage.default().local_copy(asset.source_key) as source:
            _prepare(job, asset, source)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise JobError("disk_full") from error
        raise


def _prepare(job: JobHandle, asset: Asset, source: Path) -> None:
    job.progress(0, "inspect")
    info = _inspect(source)
    refusal = info if isinstance(info, Refusal) else refusals.refuse(info)
    if isinstance(info, Refusal) or refusal:
        refuse(job, asset, refusal or Refusal("not_media"))
        return
    _note_inspected(job, asset, info)
    rungs = ladder.plan(info)
    job.progress(INSPECTED, "encode")
    out = job.scratch / "out"
    if refusal := _encode(job, source, info, rungs, out):
        refuse(job, asset, refusal)
        return
    job.progress(ENCODED, "pictures")
    made = _finish(out, rungs, info)
    tiles = _pictures(out, made, job.scratch)
    job.progress(PICTURED, "verify")
    verification.verify(made, info, job.scratch)
    job.progress(VERIFIED, "publish")
    store_and_publish(job, asset, Prepared(out, made, tiles))


def _inspect(source: Path) -> MediaInfo | Refusal:
    if source.stat().st_size == 0:
        return Refusal("upload_empty")
    try:
        return inspection.inspect(source)
    except inspection.NotMedia as error:
        return Refusal("no_header" if error.lost_header else "not_media")


def _note_inspected(job: JobHandle, asset: Asset, info: MediaInfo) -> None:
    facts = {"info": info.as_json(), "duration_ms": info.duration_ms, "width": info.picture.width,
             "height": info.picture.height, "inspected_at": timezone.now()}  # fmt: skip
    with transaction.atomic():
        job.insist()
        if asset.state == Asset.State.RECEIVED:
            Asset.objects.advance(asset, Asset.State.PREPARING, **facts)
        else:
            Asset.objects.filter(pk=asset.pk).update(**facts)
        asset.refresh_from_db()
        assets.announce(asset)


def _encode(job: JobHandle, source: Path, info: MediaInfo, rungs: Ladder, out: Path) -> Refusal | None:
    """Run the ladder. A source of which not one segment comes out is the source's fault; all else is ours."""
    for name in [*(rung.name for rung in rungs.rungs), commands.AUDIO]:
        (out / name).mkdir(parents=True, exist_ok=True)
    can = tools.capabilities().can_tone_map
    args = commands.encode(source, info, rungs, out, threads=settings.ENCODE_THREADS, can_tone_map=can)

    def listen(reached_ms: int) -> None:
        done = min(reached_ms / max(info.duration_ms, 1), 1.0)
        job.progress(round(INSPECTED + done * (ENCODED - INSPECTED)), "encode")

    try:
        finished = runner.run(
            [tools.ffmpeg(), *args], timeout=max(120.0, info.duration_ms / 1000 * 8), on_progress=listen
        )
    except runner.TimedOut as error:
        raise JobError("encoder_too_slow") from error
    if finished.returncode == 0:
        return None
    if "No space left" in finished.stderr:
        raise JobError("disk_full")
    ours = finished.returncode < 0 or "Cannot allocate memory" in finished.stderr
    if not ours and not any((out / rungs.rungs[-1].name).glob("*.m4s")):
        return Refusal("cannot_decode")
    raise JobError("encoder_failed", words=finished.stderr[-300:])


def _finish(out: Path, rungs: Ladder, info: MediaInfo) -> list[Made]:
    try:
        return packaging.finish(out, rungs, info)
    except (BadPlaylist, FileNotFoundError) as error:
        raise JobError("output_unsound", what=str(error)[:80]) from error


def _pictures(out: Path, made: list[Made], scratch: Path) -> Layout:
    """Poster from a middling rung, about a tenth of the way in; tiles of the seek bar from the smallest."""
    pictures = [one for one in made if not one.is_audio]
    smallest = pictures[-1]
    middling = next((one for one in pictures if min(one.version.width, one.version.height) <= 720), smallest)
    tiles = sprites.layout(smallest.playlist.starts_ms, smallest.version.width, smallest.version.height)
    poster = middling.piece(len(middling.playlist.segments) // 10, scratch)
    targets = [out / "poster.jpg", out / "poster-small.jpg", out / "sprite.jpg"]
    for args in (
        commands.poster(poster, *targets[:2]),
        commands.sprite(smallest.folder / commands.PLAYLIST, tiles, targets[2]),
    ):
        finished = runner.run([tools.ffmpeg(), *args], timeout=120)
        if finished.returncode or finished.stderr.strip():
            raise JobError("encoder_failed", words=finished.stderr[-300:])
    if missing := [path.name for path in targets if not path.is_file()]:
        raise JobError("output_unsound", what=", ".join(missing))
    (out / "sprite.vtt").write_text(sprites.webvtt(tiles, max(one.playlist.duration_ms for one in made)))
    return tiles


def store_and_publish(job: JobHandle, asset: Asset, prepared: Prepared) -> None:
    package = new_public_id()
    prefix = f"{assets.packages_prefix(asset.public_id)}/{package}"
    try:
        size = _store(job, prefix, prepared.out)
        publish(job, asset, prepared, package, size, now=timezone.now())
    except LeaseLost:
        storage.default().delete_prefix(prefix)
        raise


def _store(job: JobHandle, prefix: str, out: Path) -> int:
    """Put every file, one by one; the master last. Answers their bytes."""
    engine = storage.default()
    files = sorted((path for path in out.rglob("*") if path.is_file()), key=lambda path: path.name == "master.m3u8")
    for number, path in enumerate(files):
        engine.put_file(f"{prefix}/{path.relative_to(out)}", path)
        job.progress(round(VERIFIED + (STORED - VERIFIED) * number / len(files)), "publish")
    return sum(path.stat().st_size for path in files)


@transaction.atomic
def publish(job: JobHandle, asset: Asset, prepared: Prepared, package_id: str, size: int, *, now: datetime) -> None:
    """The pointer switch. Raises LeaseLost if the job is no longer ours or the asset went elsewhere."""
    job.insist()
    duration_ms = max(one.playlist.duration_ms for one in prepared.made)
    cut, _ = Cut.objects.get_or_create(asset=asset, number=1, defaults={"duration_ms": duration_ms})
    package = Package.objects.create(
        public_id=package_id, cut=cut, verified_at=now, created_at=now, bytes=size,
        has_audio=any(one.is_audio for one in prepared.made), sprite=prepared.tiles.as_json(),
    )  # fmt: skip
    Rendition.objects.bulk_create([_rendition(package, one) for one in prepared.made])
    Cut.objects.filter(pk=cut.pk).update(package=package)
    if not Asset.objects.advance(asset, Asset.State.READY, cut=cut, ready_at=now, duration_ms=duration_ms):
        raise LeaseLost
    asset.refresh_from_db()
    signals.asset_ready.send(Asset, asset=asset)
    assets.announce(asset)


def _rendition(package: Package, one: Made) -> Rendition:
    size = {} if one.is_audio else {"width": one.version.width, "height": one.version.height}
    return Rendition(
        package=package, kind="audio" if one.is_audio else "video", name=one.name, codecs=one.version.codecs,
        bandwidth=one.version.peak, bytes=one.bytes, duration_ms=one.playlist.duration_ms, **size,
    )  # fmt: skip


def refuse(job: JobHandle, asset: Asset, refusal: Refusal) -> None:
    """The file's own fault: said once, and its bytes removed."""
    with transaction.atomic():
        job.insist()
        facts = {"refusal": refusal.code, "refusal_params": refusal.params}
        if not Asset.objects.advance(asset, Asset.State.REFUSED, **facts):
            raise LeaseLost
        asset.refresh_from_db()
        signals.asset_refused.send(Asset, asset=asset)
        assets.announce(asset)
    storage.default().delete(asset.source_key)


def fail(job: Job) -> None:
    """Our fault, for good: an editor may start it again. In the transaction that fails the job."""
    asset = Asset.objects.filter(pk=int(job.subject.removeprefix("asset:"))).first()
    if asset is None or Asset.State.FAILED not in Asset.NEXT[asset.state]:
        return
    if Asset.objects.advance(asset, Asset.State.FAILED, refusal=job.error, refusal_params=job.error_params):
        signals.asset_failed.send(Asset, asset=asset)
        assets.announce(asset)


def _remove_strays(asset: Asset) -> None:
    """Packages of this asset that no row names: an earlier attempt was killed while it stored them."""
    engine = storage.default()
    prefix = assets.packages_prefix(asset.public_id)
    known = set(Package.objects.filter(cut__asset=asset).values_list("public_id", flat=True))
    for name in list(engine.folders(prefix)):
        if name not in known:
            engine.delete_prefix(f"{prefix}/{name}")
