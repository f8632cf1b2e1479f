"""The jobs that turn a received asset into a ready one, or refuse it with a reason (docs/decisions/0007).

Every stage may be killed at any moment and run again: rows change in short transactions that insist on the lease, files
lie under a package's prefix that no pointer names before it can be played.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jobs import kinds
from jobs.errors import JobError
from jobs.models import Job
from jobs.runner import JobHandle
from media_pipeline import (
    assets,
    bundled_sound,
    commands,
    encoding,
    finishing,
    generations,
    inspection,
    joining,
    kept_ranges,
    ladder,
    loudness,
    packaging,
    pieces,
    refusals,
    sounds,
    splitting,
    tools,
    verdicts,
    verification,
)  # fmt: skip
from media_pipeline.asset_progress import ENCODE, ENCODE_PART, FIRST_PLAY, INSPECT, JOIN
from media_pipeline.finishing import Finished
from media_pipeline.growth import Growth
from media_pipeline.loudness import Heard
from media_pipeline.media_info import MediaInfo
from media_pipeline.models import Asset, Cut, Inspection, Package, Rendition
from media_pipeline.refusals import Refusal
from media_pipeline.workpiece import asset_of, cut_of, info_of, loudness_of, remove_bytes, source_of

ENCODED = 900  # progress of 1000 within a job that encodes: it is nearly all of its time


def register() -> None:
    fast, slow = Job.Queue.FAST, Job.Queue.ENCODE
    fail, revive = verdicts.fail, verdicts.revive
    kinds.register(INSPECT, inspect, queue=fast, on_failed=fail, on_retry=revive)
    kinds.register(FIRST_PLAY, first_play, queue=fast, on_failed=do_without_first_play, on_retry=revive)
    kinds.register(ENCODE, encode, queue=slow, on_failed=fail, on_retry=revive)
    go_whole, revive_parts = splitting.go_whole_or_fail, splitting.revive
    kinds.register(ENCODE_PART, splitting.encode_part, queue=slow, on_failed=go_whole, on_retry=revive_parts)
    kinds.register(JOIN, joining.join, queue=fast, on_failed=go_whole, on_retry=revive_parts)
    kinds.take_over("media.prepare", INSPECT)  # which did all of it, in versions before the stages


# ---- inspection ----


def inspect(job: JobHandle) -> None:
    """What is in the file: refuse it, or plan what comes next. Raises JobError, LeaseLost."""
    asset = asset_of(job.job)
    if asset is not None and asset.state == Asset.State.REFUSED:
        remove_bytes(asset)  # an attempt was killed between the refusal and this
    if asset is None or asset.state not in {Asset.State.RECEIVED, Asset.State.PREPARING}:
        return  # deleted meanwhile, or further than this
    if _is_planned(asset, since=job.job.created_at):
        return  # an attempt was killed between its last transaction and its job's: what comes next may be done already
    job.progress(0, "inspect")
    with source_of(asset, job) as source:
        info = _look_into(source)
        if isinstance(info, Refusal):
            verdicts.refuse(job, asset, info)
            return
        job.progress(300, "inspect")
        heard = sounds.hear(bundled_sound.readable(source, info, job.scratch), info)
    _note_inspected(job, asset, info, heard)


def _is_planned(asset: Asset, *, since: datetime) -> bool:
    """Whether what comes after inspection was asked for."""
    next_ones = Job.objects.about(assets.subject(asset)).filter(kind__in=[FIRST_PLAY, ENCODE, ENCODE_PART])
    return next_ones.filter(created_at__gte=since).exists()


def _look_into(source: Path) -> MediaInfo | Refusal:
    if source.stat().st_size == 0:
        return Refusal("upload_empty")
    try:
        info = inspection.inspect(source)
    except inspection.NotMedia as error:
        return Refusal(error.code)
    return refusals.refuse(info) or info


@transaction.atomic
def _note_inspected(job: JobHandle, asset: Asset, info: MediaInfo, heard: Heard | None) -> None:
    job.insist()
    found = {"info": info.as_json(), "loudness": {}, "waveform": {}}
    if heard:
        found["loudness"] = heard.loudness.as_json()
        found["waveform"] = loudness.waveform(heard, info.duration_ms).as_json()
    Inspection.objects.update_or_create(asset=asset, defaults=found)
    cut, _ = Cut.objects.get_or_create(asset=asset, number=1, defaults={"duration_ms": info.duration_ms})
    facts = {"duration_ms": info.duration_ms, "width": info.picture.width,
             "height": info.picture.height, "inspected_at": timezone.now(), "cut": cut,
             "projection": info.projection[:32]}  # fmt: skip
    if asset.state == Asset.State.RECEIVED:
        Asset.objects.advance(asset, Asset.State.PREPARING, **facts)
    else:
        Asset.objects.filter(pk=asset.pk).update(**facts)
    asset.refresh_from_db()
    assets.announce(asset)
    if ladder.copyable(info):
        assets.enqueue(FIRST_PLAY, asset, by=asset.uploaded_by)
    else:
        splitting.enqueue_ladder(asset, by=asset.uploaded_by)


# ---- first play ----


def first_play(job: JobHandle) -> None:
    """The source's own picture in pieces and its sound, levelled: to be seen within seconds. Then the ladder."""
    asset = asset_of(job.job)
    if asset is None or asset.cut is None or asset.state != Asset.State.PREPARING:
        return
    if generations.verified_first_play(asset.cut):
        return  # as in `inspect`
    info = info_of(asset, job)
    package = generations.begin(job, asset.cut, Package.Stage.FIRST_PLAY, now=timezone.now())
    rung = ladder.own(info)
    versions = packaging.of_source(rung, with_sound=info.audio is not None)
    growth = Growth(package.prefix, job.scratch / "out", versions, target=ladder.longest_piece_s(info))
    with source_of(asset, job) as source:
        job.progress(0, "first_play")
        refusal = encoding.run(
            commands.copy(source, info, rung.name, growth.out, loudness=loudness_of(asset)), growth,
            length_ms=info.duration_ms,
            on_part=lambda part: job.progress(round(part * ENCODED), "first_play"),
            on_begun=lambda: generations.show(job, package),
        )  # fmt: skip
        if refusal:
            raise JobError("encoder_failed", permanent=True, words=refusal.code)
        made = encoding.finish(growth.out, versions, info)
        verification.verify(made, info, job.scratch)
        finishing.write_master(growth.out, [one.version for one in made])
        size = growth.complete(lambda done, of: job.progress(round(960 + done / of * 30), "first_play"))
        with transaction.atomic():
            generations.settle_first_play(job, package, made, size=size, now=timezone.now())
            splitting.enqueue_ladder(asset, by=asset.uploaded_by)


def do_without_first_play(job: Job) -> None:
    """Its picture could not be taken as it is after all: the ladder will show it. In the transaction that fails it."""
    asset = asset_of(job)
    if asset is None or asset.state != Asset.State.PREPARING:
        return
    Package.objects.filter(cut=asset.cut, stage=Package.Stage.FIRST_PLAY, verified_at=None).delete()  # swept later
    splitting.enqueue_ladder(asset, by=asset.uploaded_by)
    assets.announce(Asset.objects.select_related("cut__package").get(pk=asset.pk))


# ---- the ladder ----


def encode(job: JobHandle) -> None:
    """All rungs in one process, and all that is made of them; verified, then published. Raises JobError, LeaseLost."""
    asset = asset_of(job.job)
    cut = cut_of(job.job, asset) if asset else None
    if asset is None or cut is None or generations.is_made(cut):
        return  # deleted meanwhile; or an attempt was killed between its last transaction and its job's
    if cut.kept:
        encode_cut(job, asset, cut)
    elif asset.cut_id == cut.pk or "cut" in job.payload:
        encode_whole(job, asset, cut)


def encode_whole(job: JobHandle, asset: Asset, cut: Cut) -> None:
    info = info_of(asset, job)
    first = generations.verified_first_play(cut)
    rungs = ladder.plan(info, copying=first is not None)
    package = generations.begin(job, cut, Package.Stage.LADDER, now=timezone.now())
    with source_of(asset, job) as source:
        taken = generations.take_over(package, first, with_picture=rungs.copied is not None)
        with_sound = info.audio is not None and not any(one.kind == "audio" for one in taken)
        growth = Growth(
            package.prefix, job.scratch / "out", packaging.of_ladder(rungs, with_sound=with_sound),
            target=commands.SEGMENT_S, beside=[generations.version(one) for one in taken],
        )  # fmt: skip
        job.progress(0, "encode")
        refusal = encoding.run(
            commands.encode(
                source, info, rungs, growth.out, threads=settings.ENCODE_THREADS,
                can_tone_map=tools.capabilities().can_tone_map, with_sound=with_sound, loudness=loudness_of(asset),
            ),
            growth, length_ms=info.duration_ms,
            on_part=lambda part: job.progress(round(part * ENCODED), "encode"),
            on_begun=lambda: generations.show(job, package),
        )  # fmt: skip
        if refusal and "cut" in job.payload:
            raise JobError("encoder_failed", permanent=True, words=refusal.code)
        if refusal:
            verdicts.refuse(job, asset, refusal)
            return
        _finish(job, growth, package, taken, info)


def encode_cut(job: JobHandle, asset: Asset, cut: Cut) -> None:
    """The kept ranges of the source, picture and sound cut together, still in one process. Nothing is copied."""
    kept, whole = kept_ranges.from_rows(cut.kept), info_of(asset, job)
    with source_of(asset, job) as source:
        job.progress(0, "encode")
        frames = inspection.frame_times(source, whole)
        info, parts = pieces.info_of_cut(whole, kept, frames), pieces.of(kept, frames)
        rungs, with_sound = ladder.plan(info), bool(info.audio and info.audio.end_ms)
        package = generations.begin(job, cut, Package.Stage.LADDER, now=timezone.now())
        versions = packaging.of_ladder(rungs, with_sound=with_sound)
        growth = Growth(package.prefix, job.scratch / "out", versions, target=commands.SEGMENT_S)
        refusal = encoding.run(
            commands.encode(
                source, info, rungs, growth.out, threads=settings.ENCODE_THREADS, pieces=parts,
                can_tone_map=tools.capabilities().can_tone_map, with_sound=with_sound, loudness=loudness_of(asset),
            ),
            growth, length_ms=info.duration_ms, skipped_ms=kept[-1][1] - info.duration_ms,
            on_part=lambda part: job.progress(round(part * ENCODED), "encode"),
            on_begun=lambda: generations.show(job, package),
        )  # fmt: skip
        if refusal:
            raise JobError("encoder_failed", permanent=True, words=refusal.code)
        _finish(job, growth, package, [], info)


def _finish(job: JobHandle, growth: Growth, package: Package, taken: Sequence[Rendition], info: MediaInfo) -> None:
    job.progress(ENCODED, "pictures")
    made = encoding.finish(growth.out, growth.versions, info)
    finishing.finish(job, package, Finished(made, taken, growth.out, growth.complete), info)
