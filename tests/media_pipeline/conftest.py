"""A storage of the test's own, and a preparation that only notes that it was asked for.

Imports stand inside: this file is read before Django is set up.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


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


@pytest.fixture
def make_ready(committed_db: None, engine: Any, run_jobs: Any, tmp_path: Path, settings: Any) -> Any:
    """Receives a file and does all there is to do; answers the asset, which must be ready."""
    from django.utils import timezone

    from jobs.models import Job
    from media_pipeline import assets
    from tests import cast
    from tests.media_pipeline import packages

    settings.SCRATCH_DIR = tmp_path / "scratch"
    by = cast.member("王丽")

    def make_ready(path: Path) -> Any:
        asset = assets.receive_file(by, path, name=path.name, now=timezone.now())
        run_jobs()
        asset = packages.again(asset)
        assert (asset.state, asset.refusal) == ("ready", "")
        assert not Job.objects.exclude(state=Job.State.DONE).exists()
        return asset

    return make_ready


@pytest.fixture(scope="session")
def prepared(django_db_setup: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from tests.media_pipeline.prepared import Prepared

    return Prepared(tmp_path_factory.mktemp("prepared"), django_db_setup)


@pytest.fixture
def ready(make_ready: Any, prepared: Any, tmp_path: Path) -> Any:
    """An asset of five seconds."""
    from tests.media_pipeline import footage

    make = lambda: make_ready(footage.film(tmp_path / "课.mp4", seconds=5))  # noqa: E731 - named for what it is
    return prepared.give("five-seconds", tmp_path / "media", make)
