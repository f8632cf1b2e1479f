"""Uploads from create to complete: limits, resuming, and crashes between any two steps."""

from __future__ import annotations

import os
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.utils import timezone

from jobs.models import Job
from media_pipeline import assets, leftovers, signals, storage, tasks, uploads
from media_pipeline.models import Asset, Upload
from tests import cast
from ui.sentences import Refused

NOW = timezone.now()
BODY = os.urandom(2500)  # three parts of 1024, the last one short
pytestmark = pytest.mark.usefixtures("engine", "idle_preparation")


def begun(member: Any = None, size: int = len(BODY), now: datetime = NOW, **facts: Any) -> Upload:
    return uploads.create(member or cast.member(), **{"name": "班前五分钟.mp4", **facts}, size=size, now=now)


def send(upload: Upload, *numbers: int, content: bytes = BODY) -> None:
    engine = storage.local_engine()
    assert engine is not None
    for number in numbers or range(1, upload.part_count + 1):
        part = content[(number - 1) * 1024 : number * 1024]
        with engine.part_writer(upload.storage_id, number, len(part)) as writer:
            writer.write(part)
            writer.finish()


def refused(error: pytest.ExceptionInfo[Refused]) -> tuple[int, str]:
    return error.value.status, error.value.code


# ---- create ----


@pytest.mark.django_db
def test_a_new_upload_knows_its_parts_and_keeps_for_three_days() -> None:
    upload = begun(content_type="video/mp4")

    assert (upload.state, upload.part_size, upload.part_count) == ("open", 1024, 3)
    assert upload.expires_at == NOW + timedelta(hours=72)
    assert [uploads.part_length(upload, number) for number in (1, 2, 3)] == [1024, 1024, 452]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"size": 0}, (400, "upload_empty")),
        ({"size": -1}, (400, "upload_empty")),
        ({"size": 10_001}, (413, "upload_too_large")),
        ({"name": ""}, (400, "upload_name_missing")),
        ({"name": "folder/ \x00\n"}, (400, "upload_name_missing")),
        ({"name": "党" * 256}, (400, "upload_name_too_long")),
        ({"purpose": "fun"}, (400, "upload_purpose_unknown")),
    ],
)
def test_what_cannot_be_taken_is_named(settings: Any, facts: dict[str, Any], says: tuple[int, str]) -> None:
    settings.UPLOAD_MAX_BYTES = 10_000

    with pytest.raises(Refused) as error:
        begun(**facts)

    assert refused(error) == says
    assert error.value.field
    assert set(error.value.as_json()["message"]) == {"zh-hans", "en"}
    assert not Upload.objects.exists()
    assert list(storage.default().list_multiparts()) == []


@pytest.mark.django_db
def test_the_limit_is_said_in_units(settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 4 * 1024**3

    with pytest.raises(Refused) as error:
        begun(size=settings.UPLOAD_MAX_BYTES + 1)

    assert error.value.params["limit"] == "4 GB"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "kept"), [("C:\\录像\\一 课.mp4", "一 课.mp4"), ("/sdcard/a.mp4", "a.mp4"), (" a\x00b\n.mp4 ", "ab.mp4")]
)
def test_a_name_is_kept_without_folders_and_control_signs(given: str, kept: str) -> None:
    assert begun(name=given).name == kept


@pytest.mark.django_db
def test_a_disk_without_room_is_said_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.LocalStorage, "free_bytes", lambda self: len(BODY) - 1)

    with pytest.raises(Refused) as error:
        begun()

    assert refused(error) == (507, "storage_full")


@pytest.mark.django_db
def test_a_member_has_only_so_many_on_the_way() -> None:
    member = cast.member()
    for _ in range(uploads.OPEN_AT_MOST):
        last = begun(member)

    with pytest.raises(Refused) as error:
        begun(member)
    begun(cast.member())  # another's are not counted
    uploads.abort(last)
    begun(member)

    assert refused(error) == (409, "upload_too_many_open")


@pytest.mark.parametrize(
    ("size", "part_size"),
    [(1, 8 << 20), (10_000 * (8 << 20), 8 << 20), (10_000 * (8 << 20) + 1, 9 << 20), (10**12, 96 << 20)],
)
def test_parts_grow_where_there_would_be_too_many(settings: Any, size: int, part_size: int) -> None:
    settings.UPLOAD_PART_SIZE = 8 << 20

    assert uploads.part_size_for(size) == part_size
    assert -(-size // part_size) <= uploads.PARTS_AT_MOST


# ---- sign, parts ----


@pytest.mark.django_db
def test_each_wanted_part_gets_an_address() -> None:
    upload = begun()

    links = uploads.sign(upload, [3, 1, 3], now=NOW)

    assert list(links) == [1, 3]
    assert links[3].startswith(
        f"/parts/{upload.public_id}/3?exp={int((NOW + timedelta(hours=6)).timestamp())}&size=452&"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ([0], "upload_no_such_part"),
        ([4], "upload_no_such_part"),
        ([-1, 1], "upload_no_such_part"),
        (range(1, 102), "upload_sign_too_many"),
    ],
)
def test_only_parts_of_the_file_are_signed_and_not_too_many(numbers: Any, says: str) -> None:
    upload = begun()

    with pytest.raises(Refused) as error:
        uploads.sign(upload, numbers, now=NOW)

    assert refused(error) == (400, says)


@pytest.mark.django_db
def test_it_says_which_parts_are_missing() -> None:
    upload = begun()
    send(upload, 3, 1)

    received = uploads.parts(upload)

    assert [(part.number, part.size) for part in received] == [(1, 1024), (3, 452)]
    assert uploads.missing(upload, received) == [2]


@pytest.mark.django_db
def test_an_upload_is_found_by_its_owner_only() -> None:
    upload = begun()

    assert uploads.for_owner(upload.member, upload.public_id) == upload
    with pytest.raises(Http404):
        uploads.for_owner(cast.member(), upload.public_id)


# ---- complete ----


@pytest.mark.django_db
def test_all_parts_make_an_asset_that_is_being_prepared() -> None:
    heard: list[Asset] = []
    upload = begun(purpose="replay")
    send(upload)

    def hear(sender: Any, asset: Asset, **more: Any) -> None:
        heard.append(asset)

    signals.asset_received.connect(hear)
    try:
        asset = uploads.complete(upload, now=NOW)
    finally:
        signals.asset_received.disconnect(hear)

    with storage.default().open(asset.source_key) as source:
        assert source.read() == BODY
    assert (asset.name, asset.purpose, asset.source_bytes, asset.state) == (
        "班前五分钟.mp4",
        "replay",
        2500,
        "received",
    )
    assert heard == [asset]
    job = Job.objects.get()
    assert (job.kind, job.subject, job.channel) == ("media.prepare", f"asset:{asset.pk}", f"member:{upload.member_id}")
    assert list(storage.default().list_multiparts()) == []


@pytest.mark.django_db
def test_completing_again_answers_the_same_asset() -> None:
    upload = begun()
    send(upload)

    first = uploads.complete(upload, now=NOW)
    stale = Upload.objects.get(pk=upload.pk)
    second = uploads.complete(stale, now=NOW)

    assert first == second
    assert (Asset.objects.count(), Job.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_missing_parts_are_named() -> None:
    upload = begun()
    send(upload, 2)

    with pytest.raises(Refused) as error:
        uploads.complete(upload, now=NOW)

    assert refused(error) == (409, "upload_incomplete")
    assert error.value.params == {"missing": "1, 3", "count": 2}
    assert not Asset.objects.exists()
    send(upload, 1, 3)
    assert uploads.complete(upload, now=NOW).state == "received"


@pytest.mark.django_db
def test_the_same_file_has_the_same_identity_by_browser_and_by_hand(tmp_path: Path) -> None:
    (tmp_path / "file.mp4").write_bytes(BODY)
    upload = begun()
    send(upload)

    by_browser = uploads.complete(upload, now=NOW)
    by_hand = assets.receive_file(upload.member, tmp_path / "file.mp4", name="file.mp4", now=NOW)
    other = begun()
    send(other, content=BODY[::-1])

    assert by_browser.identity == by_hand.identity
    assert uploads.complete(other, now=NOW).identity != by_browser.identity


class Crash(BaseException):
    """The process dies here."""


STEPS = ("before the rename", "after the rename", "while queueing")


def crash_at(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = storage.LocalStorage.complete_multipart

    def complete(self: Any, *args: Any) -> None:
        if step == "after the rename":
            real(self, *args)
        raise Crash

    def begin(*args: Any, **more: Any) -> None:
        raise Crash

    if step == "while queueing":
        monkeypatch.setattr(assets, "begin", begin)
    else:
        monkeypatch.setattr(storage.LocalStorage, "complete_multipart", complete)


@pytest.mark.django_db
@pytest.mark.parametrize("goes_on", ["complete", "sweep"])
@pytest.mark.parametrize("step", STEPS)
def test_a_crash_inside_completing_loses_and_doubles_nothing(
    step: str, goes_on: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = begun()
    send(upload)
    with monkeypatch.context() as patch:
        crash_at(step, patch)
        with pytest.raises(Crash):
            uploads.complete(upload, now=NOW)

    # Whatever was asked in between finds an upload that can no longer be dropped, and is not lost to a sweep of bytes.
    with pytest.raises(Refused) as error:
        uploads.abort(Upload.objects.get(pk=upload.pk))
    leftovers.sweep(NOW + timedelta(days=30))
    if goes_on == "complete":
        uploads.complete(Upload.objects.get(pk=upload.pk), now=NOW)
    else:
        uploads.sweep(NOW)

    assert refused(error) == (409, "upload_complete")
    asset = Asset.objects.get()
    assert Upload.objects.get().state == "complete"
    assert Upload.objects.get().asset == asset
    with storage.default().open(asset.source_key) as source:
        assert source.read() == BODY
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_a_part_sent_again_after_a_crash_gives_the_asset_its_new_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    upload = begun()
    send(upload)
    with monkeypatch.context() as patch:
        crash_at("before the rename", patch)
        with pytest.raises(Crash):
            uploads.complete(upload, now=NOW)
    before = Asset.objects.get().identity
    send(upload, content=BODY[::-1])

    asset = uploads.complete(upload, now=NOW)

    assert asset.identity == assets.identity(list(assets._parts(Path(str(storage.default().path(asset.source_key))))))
    assert asset.identity != before


@pytest.mark.django_db
def test_a_part_being_sent_again_while_completing_is_waited_for() -> None:
    upload = begun()
    send(upload)
    engine = storage.local_engine()
    assert engine is not None
    real = engine.complete_multipart

    def late_writer(*args: Any) -> None:
        with engine.part_writer(upload.storage_id, 2, 1024):
            real(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "complete_multipart", late_writer)
        with pytest.raises(Refused) as error:
            uploads.complete(upload, now=NOW)

    assert error.value.params == {"missing": "2", "count": 1}
    assert not Job.objects.exists()
    send(upload, 2)
    assert uploads.complete(upload, now=NOW).state == "received"


@pytest.mark.postgres
def test_two_that_complete_at_once_make_one_asset(committed_db: None) -> None:
    upload = begun()
    send(upload)
    made: list[int] = []
    gate = threading.Barrier(4)

    def finish() -> None:
        gate.wait(20)
        made.append(uploads.complete(Upload.objects.get(pk=upload.pk), now=NOW).pk)
        connection.close()

    threads = [threading.Thread(target=finish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 4
    assert len(set(made)) == 1
    assert (Asset.objects.count(), Job.objects.count()) == (1, 1)


# ---- abort, sweep ----


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
