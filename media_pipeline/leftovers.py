"""Bytes that nothing points at any more: a crash came between them and their row, a newer package took over, one was
never made to its end."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet

from jobs.models import Job
from media_pipeline import storage
from media_pipeline.asset_progress import subject
from media_pipeline.models import Asset, Package, TextTrack


def sweep(now: datetime) -> None:
    """Remove what is older than UPLOAD_KEEP_HOURS; younger bytes may belong to a job that is at work."""
    before = now - timedelta(hours=settings.UPLOAD_KEEP_HOURS)
    _drop_superseded(before)
    _drop_abandoned(before)
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
    _drop(Package.objects.filter(cut__package__created_at__lt=before, created_at__lt=F("cut__package__created_at")))


def _drop_abandoned(before: datetime) -> None:
    """Packages that began to grow and that nobody works on any more. What is shown of one stays."""
    left = Package.objects.filter(Q(cut__package=None) | ~Q(pk=F("cut__package")), verified_at=None)
    for package in left.filter(created_at__lt=before).select_related("cut__asset"):
        if not Job.objects.active().about(subject(package.cut.asset)).exists():
            _drop(Package.objects.filter(pk=package.pk))


def _drop(packages: QuerySet[Package]) -> None:
    for package in packages.select_related("cut__asset"):
        prefix = package.prefix
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
