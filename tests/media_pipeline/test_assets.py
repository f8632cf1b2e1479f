"""Assets from the outside: by hand, how far they are, trying again, going away."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import Http404
from django.utils import timezone

from audit.models import AuditEvent
from courses.models import Lecture
from jobs.models import Job
from media_pipeline import asset_progress, assets, storage
from media_pipeline.asset_progress import ENCODE, INSPECT
from media_pipeline.models import Asset, Cut, Package
from push.models import Event
from tests import cast
from ui.sentences import Refused

NOW = timezone.now()
pytestmark = pytest.mark.usefixtures("engine", "idle_preparation")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"film" * 1000)
    return path


def received(file: Path, member: Any = None) -> Asset:
    return assets.receive_file(member or cast.member(), file, name="一课.mp4", now=NOW)


def job_at(asset: Asset, **facts: Any) -> Job:
    job = asset_progress.latest_job(asset)
    assert job is not None
    if facts.get("state") == Job.State.RUNNING:
        facts |= {"lease_until": NOW + timedelta(minutes=1), "started_at": NOW - timedelta(seconds=60)}
    Job.objects.filter(pk=job.pk).update(**facts)
    return job


def make_playable(asset: Asset) -> None:
    cut = Cut.objects.create(asset=asset, duration_ms=1000)
    cut.package = Package.objects.create(cut=cut, created_at=NOW)
    cut.save()
    Asset.objects.filter(pk=asset.pk).update(state="preparing", cut=cut)


def steps(asset: Asset) -> dict[str, str]:
    return {step.code: step.state for step in assets.progress(asset).steps}


@pytest.mark.django_db
def test_a_file_of_this_machine_becomes_an_asset_and_stays_where_it_was(file: Path) -> None:
    asset = received(file)

    with storage.default().open(f"sources/{asset.public_id}") as source:
        assert source.read() == file.read_bytes()
    assert (asset.name, asset.source_bytes, asset.state, asset.purpose) == ("一课.mp4", 4000, "received", "lecture")
    assert Job.objects.get().subject == f"asset:{asset.pk}"


@pytest.mark.django_db
def test_a_file_by_hand_obeys_the_same_limits(file: Path, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 3999

    with pytest.raises(Refused) as error:
        received(file)

    assert error.value.code == "upload_too_large"
    assert not Asset.objects.exists()
    assert list(storage.default().folders("sources")) == []


@pytest.mark.django_db
def test_each_change_is_told_to_the_uploaders_pages(file: Path) -> None:
    asset = received(file)

    told = Event.objects.filter(kind="asset").get()

    assert told.channel == f"member:{asset.uploaded_by_id}"
    assert told.payload == {"asset": asset.public_id, "state": "received", "playable": False, "refusal": ""}


@pytest.mark.django_db
def test_an_asset_is_found_by_its_owner_only(file: Path) -> None:
    asset = received(file)

    assert assets.for_owner(asset.uploaded_by, asset.public_id) == asset
    with pytest.raises(Http404):
        assets.for_owner(cast.editor(), asset.public_id)


# ---- progress ----


@pytest.mark.django_db
def test_a_waiting_asset_says_how_many_are_before_it(file: Path) -> None:
    received(file)
    received(file)
    asset = received(file)

    progress = assets.progress(asset, now=NOW)

    assert (progress.state, progress.stage, progress.progress, progress.queue_ahead) == ("received", "", 0, 2)
    assert progress.seconds_left is None
    assert not progress.playable
    assert steps(asset) == dict.fromkeys(("inspect", "play", "encode", "pictures"), "waiting") | {"received": "done"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("is_inspected", "is_playable", "stage", "here"),
    [
        (False, False, "inspect", "inspect"),
        (True, False, "encode", "play"),
        (True, True, "encode", "encode"),
        (True, True, "pictures", "pictures"),
        (True, True, "verify", "pictures"),
        (True, True, "publish", "pictures"),
        (True, True, "a stage of a newer worker", "encode"),
    ],
)
def test_each_stage_of_the_work_is_a_step(
    file: Path, is_inspected: bool, is_playable: bool, stage: str, here: str
) -> None:
    asset = received(file)
    job_at(asset, state=Job.State.RUNNING, stage=stage, progress=250, kind=ENCODE if is_inspected else INSPECT)
    if is_inspected:
        Asset.objects.filter(pk=asset.pk).update(inspected_at=NOW)
    if is_playable:
        make_playable(asset)

    found = steps(assets.for_owner(asset.uploaded_by, asset.public_id))

    order = list(found)
    assert found[here] == "now"
    assert {found[code] for code in order[: order.index(here)]} == {"done"}
    assert {found[code] for code in order[order.index(here) + 1 :]} <= {"waiting"}


@pytest.mark.django_db
def test_time_left_follows_from_the_pace_and_only_once_there_is_one(file: Path) -> None:
    asset = received(file)
    job_at(asset, state=Job.State.RUNNING, stage="encode", progress=250)

    assert assets.progress(asset, now=NOW).seconds_left == 180
    assert assets.progress(asset).seconds_left is None
    job_at(asset, progress=20)
    assert assets.progress(asset, now=NOW).seconds_left is None


@pytest.mark.django_db
def test_a_ready_asset_is_through_all_steps_without_asking_for_its_job(django_assert_num_queries: Any) -> None:
    ready = cast.ready_asset(cast.member())
    asset = assets.for_owner(ready.uploaded_by, ready.public_id)

    with django_assert_num_queries(0):
        progress = assets.progress(asset, now=NOW)

    assert (progress.state, progress.progress, progress.playable) == ("ready", 1000, True)
    assert {step.state for step in progress.steps} == {"done"}
    assert progress.steps[-1].at == asset.ready_at


@pytest.mark.django_db
def test_what_can_be_watched_before_it_is_ready_is_playable(file: Path) -> None:
    asset = received(file)
    make_playable(asset)

    assert assets.progress(assets.for_owner(asset.uploaded_by, asset.public_id)).playable


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["refused", "failed"])
def test_a_stopped_asset_says_where_and_why(file: Path, state: str) -> None:
    asset = received(file)
    job_at(asset, state=Job.State.DONE, stage="inspect")
    Asset.objects.advance(asset, state, refusal="upload_empty", refusal_params={"a": 1})

    progress = assets.progress(asset)

    assert (progress.state, progress.refusal, progress.refusal_params) == (state, "upload_empty", {"a": 1})
    assert steps(asset)["inspect"] == "stopped"
    assert steps(asset)["encode"] == "waiting"


# ---- retry ----


@pytest.mark.django_db
@pytest.mark.parametrize("job_is_kept", [True, False])
def test_a_failed_asset_is_prepared_again(file: Path, job_is_kept: bool) -> None:
    asset, editor = received(file), cast.editor()
    job_at(asset, state=Job.State.FAILED, error="job_broke", failures=3)
    if not job_is_kept:
        Job.objects.all().delete()
    Asset.objects.advance(asset, Asset.State.FAILED, refusal="job_broke")

    assets.retry(asset, editor)

    again = Asset.objects.get()
    assert (again.state, again.refusal) == ("received", "")
    job = Job.objects.get()
    assert (job.state, job.failures, job.subject) == ("queued", 0, f"asset:{asset.pk}")
    assert AuditEvent.objects.filter(verb="asset retried", actor=editor).exists()
    assert Event.objects.filter(kind="asset").latest("pk").payload["state"] == "received"


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["received", "preparing", "refused", "ready"])
def test_only_a_failed_asset_is_prepared_again(file: Path, state: str) -> None:
    asset = cast.ready_asset(cast.member()) if state == "ready" else received(file)
    if state not in {"received", "ready"}:
        Asset.objects.advance(asset, state, refusal="upload_empty")

    with pytest.raises(Refused) as error:
        assets.retry(asset, cast.editor())

    assert (error.value.status, error.value.code) == (409, "asset_not_failed")


@pytest.mark.django_db
def test_two_who_try_again_at_once_do_it_once(file: Path) -> None:
    asset = received(file)
    job_at(asset, state=Job.State.FAILED)
    Asset.objects.advance(asset, Asset.State.FAILED, refusal="job_broke")
    seen_by_another = Asset.objects.get()

    assets.retry(asset, cast.editor())
    with pytest.raises(Refused):
        assets.retry(seen_by_another, cast.editor())

    assert Job.objects.count() == 1


# ---- delete ----


def test_a_deleted_asset_takes_its_work_and_its_bytes_along(committed_db: None, file: Path) -> None:
    asset, other = received(file), received(file)
    for one in (asset, other):
        storage.default().put_file(f"packages/{one.public_id}/Pack123456/master.m3u8", file)
    Lecture.objects.filter(asset=asset).delete()

    assets.delete(asset)

    assert list(Asset.objects.all()) == [other]
    assert list(Job.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "queued"]
    assert list(storage.default().folders("sources")) == [other.public_id]
    assert list(storage.default().folders("packages")) == [other.public_id]


def test_an_asset_in_a_lecture_is_not_deleted(committed_db: None, file: Path) -> None:
    asset = received(file)
    lecture = Lecture.objects.get(asset=asset)  # made when the asset was received

    with pytest.raises(Refused) as error:
        assets.delete(asset)

    assert (error.value.status, error.value.code) == (409, "asset_in_use")
    assert Lecture.objects.get(pk=lecture.pk).asset == Asset.objects.get(pk=asset.pk)
    assert Job.objects.get().state == "queued"
    assert storage.default().exists(asset.source_key)


@pytest.mark.django_db
def test_work_an_older_version_left_is_taken_over_by_the_first_stage(file: Path, run_jobs: Any) -> None:
    """Before there were stages one job did all of it, and was called otherwise."""
    asset = received(file)
    Job.objects.update(kind="media.prepare", stage="ladder", progress=400, attempt=1)

    assert run_jobs() == 1
    assert Job.objects.get().state == "done"
    assert assets.progress(asset).progress < 1000


@pytest.mark.django_db
def test_a_short_recording_comes_before_a_long_one_that_was_there_first(file: Path) -> None:
    long, short = received(file), received(file)
    Asset.objects.filter(pk=long.pk).update(duration_ms=90 * 60_000)
    Asset.objects.filter(pk=short.pk).update(duration_ms=3 * 60_000)
    for asset in (long, short):
        asset.refresh_from_db()
        assets.enqueue("media.encode", asset, by=None, now=NOW)

    ranks = dict(Job.objects.filter(kind="media.encode").values_list("subject", "rank"))
    assert ranks[assets.subject(short)] < ranks[assets.subject(long)] <= NOW + timedelta(hours=1)


def test_a_ready_asset_goes_with_its_cut_and_its_package(committed_db: None) -> None:
    asset = cast.ready_asset(cast.member())

    assets.delete(asset)

    assert not Asset.objects.exists()
    assert not Cut.objects.exists()
    assert not Package.objects.exists()
