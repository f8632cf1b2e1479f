"""A worker killed at any moment of a preparation loses nothing and doubles nothing."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from courses.models import Lecture
from jobs import runner, sweeping
from jobs.models import Job
from media_pipeline import assets
from media_pipeline.models import Asset, Cut, Package, Rendition
from push.models import Event
from tests import cast
from tests.media_pipeline import footage, packages
from tests.media_pipeline.killed_worker import MOMENTS, work

fork = multiprocessing.get_context("fork")
LADDER = "in_the_middle_of_the_ladder"
REFUSAL = "between_a_refusal_and_the_removal_of_its_bytes"
# What the switch makes true, by moment: only after its commit is the asset ready.
STATES = {"between_the_commit_and_the_end_of_the_job": "ready"}
# The stage in which the worker is killed; in all others it is the ladder's.
STAGES = {REFUSAL: "media.inspect", "when_the_first_play_begins_to_show": "media.first_play",
          "when_the_first_play_is_whole": "media.first_play"}  # fmt: skip


@pytest.fixture(autouse=True)
def one_place(committed_db: None, engine: Any, tmp_path: Path, settings: Any) -> None:
    settings.SCRATCH_DIR = tmp_path / "scratch"
    settings.ENCODE_THREADS = 1  # with more, x264 under a ceiling is not the same to the byte from run to run


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """A short film, and one whose ladder takes long enough to be killed in its middle."""
    folder = tmp_path_factory.mktemp("sources")
    return {
        False: footage.film(folder / "a.mp4", picture="testsrc2=size=320x240:rate=5", seconds=5),
        True: footage.film(folder / "b.mp4", picture="testsrc2=size=640x360:rate=15", seconds=12),
    }


@pytest.fixture(scope="module")
def unkilled() -> dict[Path, dict[str, Any]]:
    """What a run that nobody killed made of a source; each is run once."""
    return {}


def receive(path: Path) -> Asset:
    return assets.receive_file(cast.member(), path, name="课.mp4", now=timezone.now())


def stage_of(asset: Asset) -> Job:
    return Job.objects.filter(subject=f"asset:{asset.pk}").latest("pk")


def kill(moment: str, asset: Asset) -> None:
    """Come to the stage where it happens; let another worker take that job and die at `moment`."""
    while (job := stage_of(asset)).kind != STAGES.get(moment, "media.encode"):
        assert runner.run(job.pk)
    connection.close()
    worker = fork.Process(target=work, args=[moment, job.pk])
    worker.start()
    worker.join(120)
    assert worker.exitcode == -signal.SIGKILL


def sweep_and_run_again(asset: Asset) -> None:
    """The lease runs out, the sweep finds it, another worker takes over."""
    job = stage_of(asset)
    assert (job.state, job.attempt) == ("running", 1)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert sweeping.sweep(timezone.now()) == 1
    assert runner.run_due() >= 1


def processes_of(folder: Path) -> list[str]:
    """Command lines of processes that work in `folder`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(folder) in words:
            found.append(words)
    return found


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def made_of(asset: Asset) -> dict[str, Any]:
    """All that may be compared between two runs of one source: no ids, no times of the day."""
    asset = Asset.objects.select_related("cut__package").get(pk=asset.pk)
    assert asset.cut
    assert asset.cut.package
    renditions = Rendition.objects.filter(package__cut=asset.cut).order_by("package__stage", "name")
    compared = ("package__stage", "kind", "name", "width", "height", "codecs", "bandwidth", "bytes", "duration_ms")
    said = Event.objects.filter(kind="asset", payload__asset=asset.public_id)
    return {
        "asset": (asset.state, asset.refusal, asset.duration_ms, asset.width, asset.height, asset.inspection.info),
        "cut": (asset.cut.number, asset.cut.duration_ms),
        "package": (asset.cut.package.bytes, asset.cut.package.has_audio, asset.cut.package.sprite),
        "renditions": list(renditions.values_list(*compared)),
        "files": files_of(asset),
        "lectures": Lecture.objects.filter(asset=asset).count(),
        "said ready": said.filter(payload__state="ready").count(),
    }


def files_of(asset: Asset) -> dict[tuple[str, str], int]:
    """Sizes by stage and name; of what no package names, too."""
    stages = dict(Package.objects.filter(cut__asset=asset).values_list("public_id", "stage"))
    found = {}
    for key, size in packages.stored(f"packages/{asset.public_id}").items():
        _, _, package, name = key.split("/", 3)
        found[stages.get(package, "nobody's"), name] = size
    return found


@pytest.mark.parametrize("moment", [moment for moment in MOMENTS if moment != REFUSAL])
def test_what_a_killed_worker_leaves_is_finished_as_if_nothing_had_been(
    tmp_path: Path, sources: dict[bool, Path], unkilled: dict[Path, Any], moment: str
) -> None:
    source = sources[moment == LADDER]
    killed = receive(source)
    kill(moment, killed)

    killed.refresh_from_db()
    assert killed.state == STATES.get(moment, "preparing")
    ladder = Package.objects.filter(stage="ladder", verified_at__isnull=False)
    assert ladder.count() == (moment == "between_the_commit_and_the_end_of_the_job")
    if moment == LADDER:  # it was the middle: not one playlist has its end
        assert any((tmp_path / "scratch").rglob("00001.m4s"))
        assert not any("ENDLIST" in path.read_text() for path in (tmp_path / "scratch").rglob("*.m3u8"))
    assert within(60, lambda: processes_of(tmp_path / "scratch") == [])

    sweep_and_run_again(killed)

    made = made_of(killed)
    assert (Cut.objects.count(), Package.objects.count()) == (1, 2)
    assert set(Job.objects.values_list("state", "failures")) == {("done", 0)}
    assert sorted(Job.objects.values_list("attempt", flat=True)) == [1, 1, 2]
    assert sweeping.sweep(timezone.now()) == 0  # nothing to take back; folders of the dead go
    assert list((tmp_path / "scratch").iterdir()) == []
    assert processes_of(tmp_path / "scratch") == []
    assert set(packages.stored("sources")) == {killed.source_key}
    if source not in unkilled:
        untouched = receive(source)
        assert runner.run_due() == 3
        unkilled[source] = made_of(untouched)
    assert made == unkilled[source]


def test_a_worker_killed_while_it_refuses_leaves_nothing_of_the_file(tmp_path: Path) -> None:
    asset = receive(footage.film(tmp_path / "a.m4a", *footage.AAC, picture=None))
    kill(REFUSAL, asset)
    asset.refresh_from_db()
    assert (asset.state, set(packages.stored())) == ("refused", {asset.source_key})

    sweep_and_run_again(asset)

    assert packages.stored() == {}
    asset.refresh_from_db()
    assert (asset.state, asset.refusal) == ("refused", "audio_only")
    assert Event.objects.filter(kind="asset", payload__state="refused").count() == 1
