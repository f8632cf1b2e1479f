"""Completing an upload: once, whoever asks and whatever crashes between two steps."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from jobs.models import Job
from media_pipeline import assets, leftovers, signals, storage, uploads
from media_pipeline.models import Asset, Upload
from tests.media_pipeline.sending import BODY, NOW, begun, refused, send
from ui.sentences import Refused

pytestmark = pytest.mark.usefixtures("engine", "idle_preparation")


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
    assert (job.kind, job.subject, job.channel) == ("media.inspect", f"asset:{asset.pk}", f"member:{upload.member_id}")
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

    def complete(self: Any, *args: Any, **more: Any) -> None:
        if step == "after the rename":
            real(self, *args, **more)
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

    def late_writer(*args: Any, **more: Any) -> None:
        with engine.part_writer(upload.storage_id, 2, 1024):
            real(*args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "complete_multipart", late_writer)
        with pytest.raises(Refused) as error:
            uploads.complete(upload, now=NOW)

    assert error.value.params == {"missing": "2", "count": 1}
    assert not Job.objects.exists()
    send(upload, 2)
    assert uploads.complete(upload, now=NOW).state == "received"


def test_parts_that_another_call_took_over_are_not_missing(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = begun()
    send(upload)
    listed = uploads.parts

    def overtaken(one: Upload) -> Any:
        monkeypatch.setattr(uploads, "parts", listed)
        uploads.complete(Upload.objects.get(pk=upload.pk), now=NOW)
        return listed(one)

    monkeypatch.setattr(uploads, "parts", overtaken)

    assert uploads.complete(upload, now=NOW) == Asset.objects.get()
    assert Job.objects.count() == 1


@pytest.mark.postgres
def test_two_that_complete_at_once_make_one_asset(committed_db: None) -> None:
    upload = begun()
    send(upload)
    made: list[int] = []
    gate = threading.Barrier(4)

    def finish() -> None:
        gate.wait(60)
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
