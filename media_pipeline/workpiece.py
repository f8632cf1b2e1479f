"""What a stage works on: its asset, what was found in it, and the bytes, for as long as it needs them."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.exceptions import ObjectDoesNotExist

from jobs.errors import JobError, LeaseLost
from jobs.models import Job
from jobs.runner import JobHandle
from media_pipeline import assets, bundled_sound, inspection, media_info, runner, storage
from media_pipeline.loudness import Loudness
from media_pipeline.media_info import MediaInfo
from media_pipeline.models import Asset, Cut, Inspection


def asset_of(job: Job) -> Asset | None:
    pk = int(job.subject.removeprefix("asset:").split("/")[0])
    return Asset.objects.select_related("cut__asset", "uploaded_by").filter(pk=pk).first()


def cut_of(job: Job, asset: Asset) -> Cut | None:
    """The cut that a job is about: the one its payload names, else the asset's own."""
    if number := job.payload.get("cut"):
        return asset.cuts.select_related("asset").filter(number=number).first()
    return asset.cut


def known_info(asset: Asset) -> MediaInfo | None:
    """As inspected; None if an older version of this code wrote it."""
    try:
        return media_info.from_json(asset.inspection.info)
    except (TypeError, KeyError, Inspection.DoesNotExist):
        return None


def info_of(asset: Asset, job: JobHandle) -> MediaInfo:
    """As inspected; looked at again if need be."""
    if known := known_info(asset):
        return known
    with source_of(asset, job) as source:
        return inspection.inspect(source)


def loudness_of(asset: Asset) -> Loudness | None:
    facts = Inspection.objects.filter(asset=asset).values_list("loudness", flat=True).first()
    return Loudness.from_json(facts) if facts else None


@contextmanager
def source_of(asset: Asset, job: JobHandle) -> Iterator[Path]:
    """The source on this machine, for all the work that is done with it. Raises JobError, LeaseLost."""
    with at_work_on(asset, job), storage.default().local_copy(asset.source_key) as path:
        yield bundled_sound.readable(path, known_info(asset), job.scratch)


@contextmanager
def at_work_on(asset: Asset, job: JobHandle) -> Iterator[None]:
    """What goes wrong with files inside is said as what it is. Raises JobError, LeaseLost.

    Programs that run meanwhile are ended when the job is taken from us, as it is when the asset is deleted; and what
    was put after the asset's bytes were removed is removed too.
    """
    try:
        with runner.wanted_while(job.still_mine):
            yield
    except (LeaseLost, JobError, OSError, ObjectDoesNotExist, runner.Killed) as error:
        if not Asset.objects.filter(pk=asset.pk).exists():
            remove_bytes(asset)
            raise LeaseLost from error
        if named := _named(error):
            raise named from error
        raise


def _named(error: Exception) -> JobError | None:
    """A disk that is full and a storage that is away are waited for; a file that is not there never comes."""
    if isinstance(error, runner.Killed):
        return JobError("encoder_killed", killed=True)
    if not isinstance(error, OSError) or isinstance(error, FileNotFoundError):
        return None
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return JobError("disk_full", patient=True)
    return JobError("storage_away", patient=True, words=str(error)[:200])


def remove_bytes(asset: Asset) -> None:
    storage.default().delete(asset.source_key)
    storage.default().delete_prefix(assets.packages_prefix(asset.public_id))
