"""Uploads before they are complete: limits, addresses, what is missing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import Http404

from media_pipeline import storage, uploads
from media_pipeline.models import Upload
from tests import cast
from tests.media_pipeline.sending import BODY, NOW, begun, refused, send
from ui.sentences import Refused

pytestmark = pytest.mark.usefixtures("engine", "idle_preparation")


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
def test_an_upload_the_storage_has_lost_is_begun_again(engine: storage.LocalStorage) -> None:
    upload = begun()
    send(upload, 1)
    engine.abort_multipart(upload.storage_id, uploads.source_key(upload))

    uploads.sign(upload, [1], now=NOW)

    assert uploads.missing(upload, uploads.parts(upload)) == [1, 2, 3]
    send(upload)
    uploads.complete(upload, now=NOW)


@pytest.mark.django_db
def test_an_upload_dropped_elsewhere_is_not_begun_again(engine: storage.LocalStorage) -> None:
    upload = begun()
    uploads.abort(Upload.objects.get(pk=upload.pk))

    with pytest.raises(Refused) as error:
        uploads.sign(upload, [1], now=NOW)

    assert refused(error) == (409, "upload_closed")
    assert list(engine.list_multiparts()) == []


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
