"""How a preparation ends that came to nothing: refused for the file's own fault, or failed for ours."""

from __future__ import annotations

from django.db import transaction

from jobs.errors import LeaseLost
from jobs.models import Job
from jobs.runner import JobHandle
from media_pipeline import assets, generations, signals
from media_pipeline.models import Asset, Cut
from media_pipeline.refusals import Refusal
from media_pipeline.workpiece import asset_of, cut_of, remove_bytes


def refuse(job: JobHandle, asset: Asset, refusal: Refusal) -> None:
    """The file's own fault: said once, and its bytes removed."""
    with transaction.atomic():
        job.insist()
        facts = {"refusal": refusal.code, "refusal_params": refusal.params, "cut": None}
        if not Asset.objects.advance(asset, Asset.State.REFUSED, **facts):
            raise LeaseLost
        Cut.objects.filter(asset=asset).delete()
        asset.refresh_from_db()
        signals.asset_refused.send(Asset, asset=asset)
        assets.announce(asset)
    remove_bytes(asset)


def fail(job: Job) -> None:
    """Our fault, for good: an editor may start it again. In the transaction that fails the job."""
    asset = asset_of(job)
    if asset is not None and "cut" in job.payload:
        fail_cut(job, asset)
        return
    if asset is None or Asset.State.FAILED not in Asset.NEXT[asset.state]:
        return
    if Asset.objects.advance(asset, Asset.State.FAILED, refusal=job.error, refusal_params=job.error_params):
        signals.asset_failed.send(Asset, asset=asset)
        assets.announce(asset)


def fail_cut(job: Job, asset: Asset) -> None:
    """The asset stays as it is; the cut comes to nothing until somebody asks for it again."""
    if cut := cut_of(job, asset):
        signals.cut_failed.send(Cut, cut=cut)
        assets.announce(asset)


def revive(job: Job) -> bool:
    """A failed stage is tried again. In the transaction that queues its job; false if there is nothing to try."""
    asset = asset_of(job)
    if asset is not None and "cut" in job.payload:
        cut = cut_of(job, asset)
        return cut is not None and not generations.is_made(cut)
    return asset is not None and assets.revive(asset)
