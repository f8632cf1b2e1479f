"""Cuts of an asset: asked for, made beside the one that is served, taken, given up. The source is never touched."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Model

from jobs import queue
from media_pipeline import assets, carrying, estimates, generations, kept_ranges, signals, storage
from media_pipeline.asset_progress import ENCODE, subject_of_cut
from media_pipeline.models import Asset, Cut, Inspection, Package
from push import channels
from ui.sentences import Refused


def source_ms(asset: Asset) -> int:
    """How long the source is, whatever is cut out of it now."""
    known = known_source_ms(asset)
    if not known:
        raise Refused("cut_not_inspected", status=409)
    return known


def known_source_ms(asset: Asset) -> int:
    """The same; 0 as long as nobody has looked."""
    return int(Inspection.objects.filter(asset=asset).values_list("info__duration_ms", flat=True).first() or 0)


@transaction.atomic
def keeping(asset: Asset, ranges: Iterable[Any], *, by: Model, now: datetime) -> Cut:
    """The cut that keeps these ranges: one that is there already, or a new one, which is then being made.

    Refuses what `kept_ranges.chosen` refuses. What is served does not change; see `take`.
    """
    kept = [list(one) for one in kept_ranges.chosen(ranges, source_ms(asset))]
    Asset.objects.select_for_update().get(pk=asset.pk)  # one after the other: numbers are not given twice
    cut = next(
        (one for one in asset.cuts.select_related("asset", "package").order_by("number") if one.kept == kept), None
    )
    if cut is None:
        number = (asset.cuts.aggregate(last=Max("number"))["last"] or 0) + 1
        length = kept_ranges.length(kept_ranges.from_rows(kept))
        cut = Cut.objects.create(asset=asset, number=number, kept=kept, duration_ms=length)
    make(cut, by=by, now=now)
    return cut


def make(cut: Cut, *, by: Model | None, now: datetime) -> None:
    """Have it made, unless it is, or is being made as the asset's own. Part of the caller's transaction."""
    if generations.is_made(cut) or (cut.pk == cut.asset.cut_id and cut.asset.state != Asset.State.READY):
        return
    queue.enqueue(
        ENCODE, subject=subject_of_cut(cut), payload={"cut": cut.number}, requested_by=by, now=now,
        channel=channels.for_member(cut.asset.uploaded_by_id), cost=estimates.seconds(ENCODE, cut.asset),
        room=estimates.room(ENCODE, cut.asset),
    )  # fmt: skip


@transaction.atomic
def take(cut: Cut, *, now: datetime) -> None:
    """Serve this cut from now on. It must be made; an asset that was still being prepared is ready with it."""
    asset = Asset.objects.select_for_update().get(pk=cut.asset_id)
    if not generations.is_made(cut) or asset.state not in {
        Asset.State.PREPARING,
        Asset.State.READY,
        Asset.State.FAILED,
    }:
        raise Refused("cut_not_made", status=409)
    before = asset.cut
    facts: dict[str, Any] = {"cut": cut, "duration_ms": cut.duration_ms}
    if asset.state == Asset.State.READY:
        Asset.objects.filter(pk=asset.pk).update(**facts)
    else:
        _ready(asset, facts, now)
    if before is not None:
        carrying.carry(before, Cut.objects.select_related("package").get(pk=cut.pk), now=now)
    assets.announce(Asset.objects.select_related("cut__package").get(pk=asset.pk))


def _ready(asset: Asset, facts: dict[str, Any], now: datetime) -> None:
    """What was being made of all of it is no longer waited for."""
    if asset.state == Asset.State.FAILED:
        Asset.objects.advance(asset, Asset.State.PREPARING, refusal="", refusal_params={})
    Asset.objects.advance(asset, Asset.State.READY, ready_at=now, **facts)
    signals.asset_ready.send(Asset, asset=asset)


@transaction.atomic
def give_up(cut: Cut) -> None:
    """Stop making it and remove what was made; its ranges stay on record, and it can be made again."""
    if cut.pk == Asset.objects.values_list("cut", flat=True).get(pk=cut.asset_id):
        return
    queue.cancel(subject_of_cut(cut))
    Cut.objects.filter(pk=cut.pk).update(package=None)
    prefixes = [one.prefix for one in Package.objects.filter(cut=cut).select_related("cut__asset")]
    Package.objects.filter(cut=cut).delete()
    transaction.on_commit(lambda: _remove(prefixes))


def _remove(prefixes: Iterable[str]) -> None:
    for prefix in prefixes:
        storage.default().delete_prefix(prefix)
