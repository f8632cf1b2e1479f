"""Uploads whose parts go straight to an S3 service: the same life as on disk, and what only a service does."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from media_pipeline import assets, leftovers, storage, uploads
from media_pipeline.models import Asset, Upload
from media_pipeline.storage.s3 import S3Storage
from tests import cast
from tests.media_pipeline.sending import NOW, begun, refused
from tests.media_pipeline.test_s3_storage import md5, send
from ui.sentences import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("remote", "idle_preparation")]

PART = 8 * 1024 * 1024
SIZE = 2 * PART + 1000
BODY = os.urandom(SIZE)


def part(number: int) -> bytes:
    return BODY[(number - 1) * PART : number * PART]


def put(upload: Upload, *numbers: int) -> None:
    for number, url in uploads.sign(upload, numbers, now=NOW).items():
        assert send("PUT", url, part(number), content_md5=md5(part(number)))[0] == 200


def test_parts_sent_to_the_service_become_an_asset(remote: S3Storage) -> None:
    upload = begun(size=SIZE)
    put(upload, 3, 1)
    assert uploads.missing(upload, uploads.parts(upload)) == [2]
    put(upload, 2)

    asset = uploads.complete(upload, now=NOW)

    assert (asset.source_bytes, asset.state) == (SIZE, Asset.State.RECEIVED)
    assert asset.identity == assets.identity(
        [uploads.Part(n, 0, hashlib.md5(part(n)).hexdigest(), NOW) for n in (1, 2, 3)]
    )
    with remote.open(asset.source_key) as file:
        assert file.read() == BODY
    assert uploads.complete(upload, now=NOW).pk == asset.pk
    assert list(remote.list_multiparts()) == []


def test_what_has_not_arrived_is_asked_of_the_service_and_not_of_the_browser() -> None:
    upload = begun(size=SIZE)
    put(upload, 1, 3)

    with pytest.raises(Refused) as error:
        uploads.complete(upload, now=NOW)

    assert refused(error) == (409, "upload_incomplete")
    put(upload, 2)
    uploads.complete(upload, now=NOW)


def test_an_upload_the_service_has_lost_is_begun_again(remote: S3Storage) -> None:
    """A rule of the bucket removed it, or the site came from another storage with uploads on their way."""
    for lost in ("aborted", "of another storage"):
        upload = begun(size=SIZE)
        put(upload, 1)
        if lost == "aborted":
            remote.abort_multipart(upload.storage_id, uploads.source_key(upload))
        else:
            Upload.objects.filter(pk=upload.pk).update(storage_id=upload.public_id)
            upload.refresh_from_db()
        assert uploads.missing(upload, uploads.parts(upload)) == [1, 2, 3]

        put(upload, 1, 2, 3)

        uploads.complete(upload, now=NOW)


def test_a_dropped_upload_leaves_nothing_and_takes_nothing_more(remote: S3Storage) -> None:
    upload = begun(size=SIZE)
    put(upload, 1)
    late = uploads.sign(upload, [2], now=NOW)[2]

    uploads.abort(upload)

    assert list(remote.list_multiparts()) == []
    assert send("PUT", late, part(2))[0] in {0, 404}
    with pytest.raises(Refused):
        uploads.sign(upload, [2], now=NOW)


def test_the_sweep_forgets_what_nobody_goes_on_with(remote: S3Storage) -> None:
    upload = begun(size=SIZE)
    remote.create_multipart("sources/Unknown123", size=SIZE, part_size=PART)

    uploads.sweep(NOW + timedelta(hours=73))
    leftovers.sweep(NOW + timedelta(hours=73))

    upload.refresh_from_db()
    assert upload.state == Upload.State.ABORTED
    assert list(remote.list_multiparts()) == []


def test_a_crash_between_the_service_and_our_row_is_made_good_by_the_sweep(
    remote: S3Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = begun(size=SIZE)
    put(upload, 1, 2, 3)
    with monkeypatch.context() as patch:
        patch.setattr(assets, "begin", lambda *args, **more: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            uploads.complete(upload, now=NOW)

    uploads.sweep(NOW)

    upload.refresh_from_db()
    assert upload.state == Upload.State.COMPLETE
    assert remote.size(uploads.source_key(upload)) == SIZE


@pytest.fixture
def member(client: Client) -> Client:
    client.force_login(cast.member())
    return client


def test_the_api_says_where_to_send_and_how_a_part_is_checked(remote: S3Storage, member: Client) -> None:
    facts = {"name": "班前五分钟.mp4", "size": SIZE}
    upload = member.post("/api/v1/uploads", facts, content_type="application/json").json()

    signed = member.post(
        f"/api/v1/uploads/{upload['id']}/sign", {"numbers": [1]}, content_type="application/json"
    ).json()

    assert signed["check"] == "Content-MD5"
    assert signed["parts"][0]["url"].startswith(f"{remote.parts_origin}/{remote.address.bucket}/")


def test_a_service_that_is_away_is_said_in_the_readers_language(member: Client, settings: Any) -> None:
    settings.STORAGE_URL = "s3://bucket?endpoint=http://127.0.0.1:9"  # nobody listens there
    storage.engine_for.cache_clear()

    answer = member.post("/api/v1/uploads", {"name": "a.mp4", "size": SIZE}, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert answer.json()["message"]["zh-hans"] == "文件眼下存不进去，也取不出来。过几分钟再试。"
