"""What is dropped or forgotten, and what is kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from jobs import queue
from media_pipeline import leftovers, storage, tasks, uploads
from media_pipeline.models import Asset, Upload
from tests import cast
from tests.media_pipeline.sending import NOW, begun, refused, send
from ui.sentences import Refused

pytestmark = pytest.mark.usefixtures("engine", "idle_preparation")


@pytest.mark.django_db
def test_a_dropped_upload_leaves_nothing_and_cannot_go_on() -> None:
    upload = begun()
    send(upload, 1)

    for _ in range(2):
        uploads.abort(upload)

    assert list(storage.default().list_multiparts()) == []
    for act in (lambda: uploads.sign(upload, [1], now=NOW), lambda: uploads.complete(upload, now=NOW)):
        with pytest.raises(Refused) as error:
            act()
        assert refused(error) == (409, "upload_closed")


@pytest.mark.django_db
def test_a_complete_upload_cannot_be_dropped_or_signed() -> None:
    upload = begun()
    send(upload)
    uploads.complete(upload, now=NOW)

    for act in (lambda: uploads.sign(upload, [1], now=NOW), lambda: uploads.abort(upload)):
        with pytest.raises(Refused) as error:
            act()
        assert refused(error) == (409, "upload_complete")
    assert Asset.objects.count() == 1


@pytest.mark.django_db
def test_what_nobody_continues_is_forgotten_after_its_time() -> None:
    upload = begun(now=NOW - timedelta(hours=73))
    other = begun(now=NOW - timedelta(hours=71))

    uploads.sweep(NOW)

    upload.refresh_from_db()
    other.refresh_from_db()
    assert (upload.state, other.state) == ("aborted", "open")
    assert [found.storage_id for found in storage.default().list_multiparts()] == [other.storage_id]


@pytest.mark.django_db
def test_what_is_still_coming_is_kept() -> None:
    upload, signed = (begun(now=NOW - timedelta(hours=73)) for _ in range(2))
    send(upload, 1)  # its marker is of now
    uploads.sign(signed, [1], now=NOW - timedelta(hours=1))

    uploads.sweep(NOW)

    upload.refresh_from_db()
    assert upload.state == "open"
    assert upload.expires_at > NOW + timedelta(hours=71)
    assert Upload.objects.get(pk=signed.pk).state == "open"


@pytest.mark.django_db
def test_places_no_upload_owns_are_removed_when_they_are_old() -> None:
    storage.default().create_multipart("sources/unknown", size=10, part_size=10)
    mine = begun()

    uploads.sweep(NOW)
    assert len(list(storage.default().list_multiparts())) == 2
    uploads.sweep(NOW + timedelta(hours=71))
    assert len(list(storage.default().list_multiparts())) == 2
    uploads.sign(mine, [1], now=NOW + timedelta(hours=71))
    uploads.sweep(NOW + timedelta(hours=73))

    assert [found.storage_id for found in storage.default().list_multiparts()] == [mine.storage_id]


@pytest.mark.django_db
def test_the_hourly_task_runs_all_of_it(tmp_path: Path) -> None:
    upload = begun(now=NOW - timedelta(hours=73))

    tasks.sweep()

    assert Upload.objects.get(pk=upload.pk).state == "aborted"


@pytest.mark.django_db
def test_bytes_without_rows_are_removed_when_they_are_old(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    engine = storage.default()
    asset = cast.ready_asset(cast.member(), public_id="Known12345", source_key="sources/Known12345")
    assert asset.cut is not None
    assert asset.cut.package is not None
    kept = {"sources/Known12345", f"packages/Known12345/{asset.cut.package.public_id}/master.m3u8"}
    lost = {"sources/Lost123456", "packages/Lost123456/Pack123456/x.mp4", "packages/Known12345/Lost123456/x.mp4"}
    for key in kept | lost:
        engine.put_file(key, tmp_path / "file")

    leftovers.sweep(NOW + timedelta(hours=71))
    assert {key for key in kept | lost if engine.exists(key)} == kept | lost
    leftovers.sweep(NOW + timedelta(hours=73))

    assert {key for key in kept | lost if engine.exists(key)} == kept


@pytest.mark.django_db
def test_a_package_goes_when_its_successor_is_old_enough(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    asset = cast.ready_asset(cast.member())
    cut = asset.cut
    assert cut is not None
    assert cut.package is not None
    old, new = cut.package, cut.packages.create(created_at=NOW, verified_at=NOW)
    prefix = f"packages/{asset.public_id}"
    for package in (old, new):
        storage.default().put_file(f"{prefix}/{package.public_id}/master.m3u8", tmp_path / "file")
    cut.package = new
    cut.save()

    leftovers.sweep(NOW + timedelta(hours=71))
    assert cut.packages.count() == 2
    leftovers.sweep(NOW + timedelta(hours=73))

    assert list(cut.packages.all()) == [new]
    assert list(storage.default().folders(prefix)) == [new.public_id]


@pytest.mark.django_db
@pytest.mark.parametrize("is_worked_on", [True, False])
def test_a_package_nobody_makes_any_more_goes_and_one_that_grows_stays(tmp_path: Path, is_worked_on: bool) -> None:
    (tmp_path / "file").write_bytes(b"x")
    asset = cast.ready_asset(cast.member())
    assert asset.cut
    served = asset.cut.package
    growing = asset.cut.packages.create(created_at=NOW)
    storage.default().put_file(f"{growing.prefix}/240/00001.m4s", tmp_path / "file")
    if is_worked_on:
        queue.enqueue("media.encode", subject=f"asset:{asset.pk}", now=NOW)

    leftovers.sweep(NOW + timedelta(hours=71))
    assert asset.cut.packages.count() == 2
    leftovers.sweep(NOW + timedelta(hours=73))

    assert set(asset.cut.packages.all()) == ({served, growing} if is_worked_on else {served})
    assert storage.default().exists(f"{growing.prefix}/240/00001.m4s") == is_worked_on
