"""A recording that is deleted while the real ffmpeg encodes it: the work stops, and nothing of it is left."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from courses.models import Lecture
from jobs import runner
from jobs.models import Job
from media_pipeline import assets
from media_pipeline.models import Asset, Package
from tests import cast
from tests.media_pipeline import footage, packages
from tests.media_pipeline.test_killed_worker import processes_of, within


def test_deleting_it_stops_the_encoder_and_leaves_no_file(
    committed_db: None, engine: Any, tmp_path: Path, settings: Any
) -> None:
    settings.SCRATCH_DIR, settings.ENCODE_THREADS = tmp_path / "scratch", 1
    film = footage.film(tmp_path / "a.mp4", picture="testsrc2=size=1280x720:rate=10", seconds=40)
    asset = assets.receive_file(cast.member(), film, name="课.mp4", now=timezone.now())
    while not Job.objects.filter(kind="media.encode").exists():
        assert runner.run_next("fast")
    done = threading.Event()

    def work() -> None:
        try:
            runner.run_next("encode")
        finally:
            connection.close()
            done.set()

    worker = threading.Thread(target=work)
    worker.start()
    ladder = Package.objects.filter(stage="ladder")
    assert within(
        60, lambda: any("/240/00001.m4s" in key for one in ladder.all() for key in packages.stored(one.prefix))
    )
    assert processes_of(settings.SCRATCH_DIR)

    Lecture.objects.all().delete()  # the draft that came with it
    assets.delete(asset)

    assert done.wait(60)
    worker.join()
    assert processes_of(settings.SCRATCH_DIR) == []
    assert packages.stored() == {}
    assert list(settings.SCRATCH_DIR.iterdir()) == []
    assert not Asset.objects.exists()
    job = Job.objects.get(kind="media.encode")
    assert (job.state, job.failures, job.losses) == ("cancelled", 0, 0)
