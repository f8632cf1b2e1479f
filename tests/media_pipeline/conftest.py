"""A storage of the test's own, and a preparation that only notes that it was asked for.

Imports stand inside: this file is read before Django is set up.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture
def engine(tmp_path: Path, settings: Any) -> Any:
    """The local storage in an empty folder, with small parts; also what `storage.default()` answers."""
    from media_pipeline import storage

    settings.STORAGE_URL = f"file://{tmp_path / 'media'}"
    settings.UPLOAD_PART_SIZE = 1024
    engine = storage.local_engine()
    assert engine is not None
    return engine


@pytest.fixture
def remote(tmp_path: Path, settings: Any) -> Iterator[Any]:
    """An empty storage on the S3 server; also what `storage.default()` answers. Skips where there is no server."""
    from media_pipeline import storage
    from tests.media_pipeline import s3_server

    with s3_server.fresh(tmp_path) as (url, _engine):
        settings.STORAGE_ACCESS_KEY, settings.STORAGE_SECRET_KEY = s3_server.KEYS.access, s3_server.KEYS.secret
        settings.STORAGE_URL, settings.SCRATCH_DIR = url, tmp_path / "scratch"
        yield storage.remote_engine()


@pytest.fixture
def idle_preparation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are queued as ever; nothing happens when one runs."""
    from jobs import kinds
    from jobs.models import Job
    from media_pipeline.asset_progress import INSPECT

    monkeypatch.setitem(kinds._kinds, INSPECT, kinds.Kind(INSPECT, lambda handle: None, Job.Queue.FAST, None))
