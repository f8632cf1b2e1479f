"""Lectures with recordings whose other versions are made on the spot: rows only, nothing is encoded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from courses import versions
from courses.models import Lecture, Version
from media_pipeline import signals
from media_pipeline.models import Asset, Cut, Inspection, Package
from members.models import Member
from tests import cast
from tests.media_pipeline import tracks

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


def lecture(state: str = "draft", **facts: Any) -> Lecture:
    """Of a minute, and inspected."""
    facts.setdefault("topic", cast.topic())
    made = cast.lecture(state=state, **facts)
    inspected(made.asset)
    return made


def inspected(asset: Asset, **facts: Any) -> Asset:
    info = tracks.info(tracks.video(), **facts).as_json()
    wave = {"step_ms": 100, "heights": [40, 200, 120] * 200}
    Inspection.objects.update_or_create(asset=asset, defaults={"info": info, "waveform": wave})
    return asset


def proposed_cut(of: Lecture, *kept: list[int], by: Member | None = None) -> Version:
    return versions.cut(of, list(kept or ([5000, 50_000],)), by=by or of.author, now=NOW)


def make(version: Version) -> Version:
    """As the encoder would: its package is there, and the news is told."""
    version.refresh_from_db()
    assert version.cut
    cut = version.cut
    package = Package.objects.create(cut=cut, created_at=NOW, verified_at=NOW, sprite={"count": 1})
    Cut.objects.filter(pk=cut.pk).update(package=package)
    signals.cut_ready.send(Cut, cut=Cut.objects.select_related("asset", "package").get(pk=cut.pk))
    version.refresh_from_db()
    return version


def replacement(by: Member, **facts: Any) -> Asset:
    """Uploaded and ready."""
    return inspected(cast.ready_asset(by, 45_000, **{"purpose": "replacement", "name": "重录.mp4", **facts}))
