"""Bytes that nothing points at any more: a crash came between them and their row, or a newer package took over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F

from media_pipeline import storage
from media_pipeline.models import Asset, Package, TextTrack


def sweep(now: datetime) -> None:
    """Remove what is older than UPLOAD_KEEP_HOURS; younger bytes may belong to a job that is at work."""
    before = now - timedelta(hours=settings.UPLOAD_KEEP_HOURS)
    _drop_superseded(before)
    assets = set(Asset.objects.values_list("public_id", flat=True))
    _remove_unknown("sources", assets, before)
    _remove_unknown("packages", assets, before)
    packages = set(Package.objects.values_list("public_id", flat=True))
    packages |= set(TextTrack.objects.exclude(folder="").values_list("folder", flat=True))  # captions lie beside them
    packages |= set(Asset.objects.exclude(picture="").values_list("picture", flat=True))  # and so do own pictures
    for asset in list(storage.default().folders("packages")):
        _remove_unknown(f"packages/{asset}", packages, before)
    storage.default().discard_leftovers(before)


def _drop_superseded(before: datetime) -> None:
    """Packages whose successor is older than any address to them can be."""
    old = Package.objects.filter(cut__package__created_at__lt=before).exclude(pk=F("cut__package"))
    for package in old.select_related("cut__asset"):
        prefix = f"packages/{package.cut.asset.public_id}/{package.public_id}"
        package.delete()
        storage.default().delete_prefix(prefix)


def _remove_unknown(prefix: str, known: set[str], before: datetime) -> None:
    engine = storage.default()
    for name in list(engine.folders(prefix)):
        place = f"{prefix}/{name}"
        changed_at = None if name in known else engine.changed_at(place)
        if changed_at is None or changed_at >= before:
            continue
        if engine.exists(place):
            engine.delete(place)
        else:
            engine.delete_prefix(place)
