"""A long source is encoded in parts, by as many workers as there are; what was killed costs one part.

Where parts prove not to fit together the source goes the whole way in one process after all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from jobs import queue
from jobs.errors import JobError
from jobs.models import Job
from jobs.runner import JobHandle
from media_pipeline import (
    assets,
    commands,
    encoding,
    estimates,
    generations,
    ladder,
    packaging,
    stretches,
    tools,
    verdicts,
)  # fmt: skip
from media_pipeline.asset_progress import ENCODE, ENCODE_PART, JOIN, subject
from media_pipeline.ladder import Ladder
from media_pipeline.media_info import MediaInfo
from media_pipeline.models import Asset, EncodedStretch, Package
from media_pipeline.stretch_growth import Others, StretchGrowth, Told
from media_pipeline.workpiece import asset_of, info_of, known_info, loudness_of, source_of
from push import channels

# Faults of what we made: as a whole it may come out right. All else would befall the whole as well.
MENDED_AS_A_WHOLE = {"encoder_failed", "output_unsound"}


def enqueue_ladder(asset: Asset, *, by: Model | None) -> None:
    """What comes after inspection and first play: one job, or one for each part. In the caller's transaction."""
    parts = _plan(asset)
    if not parts:
        assets.enqueue(ENCODE, asset, by=by)
        return
    package, _ = Package.objects.get_or_create(
        cut=asset.cut, stage=Package.Stage.LADDER, verified_at=None, defaults={"created_at": timezone.now()}
    )
    if not package.stretches.exists():
        EncodedStretch.objects.bulk_create(
            EncodedStretch(package=package, number=one.number, start_ms=one.start_ms, end_ms=one.end_ms)
            for one in parts
        )
    enqueue_open(asset, package, by=by)


def enqueue_open(asset: Asset, package: Package, *, by: Model | None) -> None:
    """Jobs for what is not made yet; if all is, for joining it. In the caller's transaction."""
    rows = list(package.stretches.order_by("number"))
    seconds = [_length_ms(row, asset.duration_ms or 0) / 1000 for row in rows]
    # A part comes when all before it can be done, so that a long film does not pass for many short ones.
    for row, film_s, until_s in zip(rows, seconds, accumulate(seconds), strict=True):
        if row.done_at is None:
            queue.enqueue(
                ENCODE_PART, subject=f"{subject(asset)}/{row.number}", payload={"stretch": row.pk}, requested_by=by,
                channel=channels.for_member(asset.uploaded_by_id), cost=estimates.encoding_seconds(until_s),
                room=estimates.source_room(asset) + estimates.ladder_bytes(asset, film_s),
            )  # fmt: skip
    if all(row.done_at for row in rows):
        assets.enqueue(JOIN, asset, by=by)


def _plan(asset: Asset) -> Sequence[stretches.Stretch]:
    if (asset.duration_ms or 0) <= settings.ENCODE_PARTS_ABOVE_SECONDS * 1000 or asset.cut is None:
        return ()
    info = known_info(asset)
    if info is None:
        return ()
    rungs = ladder.plan(info, copying=generations.verified_first_play(asset.cut) is not None)
    return stretches.plan(info, rungs, every_ms=settings.ENCODE_PART_SECONDS * 1000)


# ---- one part ----


def encode_part(job: JobHandle) -> None:
    """All rungs of one stretch; with the first one all of the sound, unless first play made it. Raises JobError,
    LeaseLost."""
    asset = asset_of(job.job)
    found = EncodedStretch.objects.select_related("package__cut__asset").filter(pk=job.payload["stretch"])
    row = found.first()
    if asset is None or row is None or row.done_at or asset.state != Asset.State.PREPARING:
        return  # deleted meanwhile, or done by an attempt that was killed right after
    info, package = info_of(asset, job), row.package
    first = generations.verified_first_play(package.cut)
    rungs = ladder.plan(info, copying=first is not None)
    growth = _growth(job, row, rungs, with_sound=bool(row.number == 1 and info.audio and not first), shown=not first)
    with source_of(asset, job) as source:
        job.progress(0, "encode")
        refusal = encoding.run(
            commands.encode(
                source, info, rungs, growth.out, threads=settings.ENCODE_THREADS, stretch=row.stretch,
                can_tone_map=tools.capabilities().can_tone_map, loudness=loudness_of(asset),
                with_sound=any(version.is_audio for version in growth.versions),
            ),
            growth, length_ms=_length_ms(row, info.duration_ms), begins_ms=0 if rungs.fps else row.start_ms,
            on_part=lambda part: job.progress(round(part * 1000), "encode"),
            on_begun=lambda: generations.show(job, package),
        )  # fmt: skip
        if refusal:
            raise JobError("encoder_failed", permanent=True, words=refusal.code)
        _check(growth, info, rungs)
        growth.finish()
        _settle(job, row, growth.told, now=timezone.now())


def _growth(job: JobHandle, row: EncodedStretch, rungs: Ladder, *, with_sound: bool, shown: bool) -> StretchGrowth:
    return StretchGrowth(
        row.package.prefix, job.scratch / "out", packaging.of_ladder(rungs, with_sound=with_sound), row.stretch,
        rungs.fps, target=commands.SEGMENT_S, others=(lambda: _others(row)) if shown else None,
    )  # fmt: skip


def _others(row: EncodedStretch) -> Others | None:
    """What lies before `row` and right after it; None while something before it is missing."""
    before: list[dict[str, Told]] = []
    after: list[dict[str, Told]] = []
    for one in EncodedStretch.objects.filter(package=row.package_id).exclude(pk=row.pk).order_by("number"):
        if one.done_at is None:
            return None if one.number < row.number else (before, after)
        (before if one.number < row.number else after).append(told_of(one))
    return before, after


def told_of(row: EncodedStretch) -> dict[str, Told]:
    return {version: Told.from_json(kept) for version, kept in row.made.items()}


def _check(growth: StretchGrowth, info: MediaInfo, rungs: Ladder) -> None:
    """All versions are there, all rungs have the same frames, and on an even grid as many as there are places."""
    pictures = [growth.told[one.name].frames for one in growth.versions if not one.is_audio and one.name in growth.told]
    wanted = set(pictures)
    if rungs.fps and growth.stretch.end_ms is not None:
        first, end = growth.stretch.frames(rungs.fps)
        wanted = {(end or 0) - first}
    if len(growth.told) < len(growth.versions) or len(wanted) != 1 or set(pictures) != wanted:
        raise JobError("output_unsound", what=f"part {growth.stretch.number}: {pictures} of {sorted(wanted)} frames")


@transaction.atomic
def _settle(job: JobHandle, row: EncodedStretch, told: dict[str, Told], *, now: datetime) -> None:
    """It is made; the last one of them asks for all to be joined."""
    job.insist()
    Package.objects.select_for_update().get(pk=row.package_id)  # of two that end together, one must see the other
    made = {version: one.as_json() for version, one in told.items()}
    EncodedStretch.objects.filter(pk=row.pk).update(made=made, done_at=now)
    if not EncodedStretch.objects.filter(package=row.package_id, done_at=None).exists():
        asset = Asset.objects.select_related("uploaded_by").get(pk=row.package.cut.asset_id)
        assets.enqueue(JOIN, asset, by=asset.uploaded_by)


def _length_ms(row: EncodedStretch, film_ms: int) -> int:
    return (film_ms if row.end_ms is None else row.end_ms) - row.start_ms


# ---- how it ends ----


def go_whole_or_fail(job: Job) -> None:
    """A part, or the joining of all, came to nothing. In the transaction that fails the job."""
    asset = asset_of(job)
    if asset is None or asset.state != Asset.State.PREPARING:
        return
    queue.cancel(subject(asset))  # the other parts
    if job.error in MENDED_AS_A_WHOLE:
        EncodedStretch.objects.filter(package__cut__asset=asset).delete()
        assets.enqueue(ENCODE, asset, by=asset.uploaded_by)
    else:
        verdicts.fail(job)


def revive(job: Job) -> bool:
    """A part that failed is tried again, and with it all that are not made yet. In the transaction that queues it."""
    asset = asset_of(job)
    if asset is None or not assets.revive(asset):
        return False
    package = Package.objects.filter(cut__asset=asset, verified_at=None, stretches__isnull=False).first()
    if package is None:
        return False  # it went the whole way in one process, which is what to try again
    enqueue_open(asset, package, by=job.requested_by)
    return True
