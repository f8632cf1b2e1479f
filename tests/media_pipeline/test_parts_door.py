"""The door that takes upload parts: who may, what is refused, and that a broken-off part never counts."""

from __future__ import annotations

import errno
import hashlib
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from media_pipeline import parts, storage
from tests.media_pipeline.asgi import GONE, SILENCE, Answer, call
from tests.media_pipeline.serving import served

SIZE, PART = 2_500_000, 1_000_000
KEY = "sources/Upload1234"
BODY = os.urandom(PART)


@pytest.fixture
def upload(engine: storage.LocalStorage) -> str:
    return engine.create_multipart(KEY, size=SIZE, part_size=PART)


def link(engine: storage.LocalStorage, number: int = 1, size: int = PART, minutes: int = 5) -> str:
    until = datetime.now(UTC) + timedelta(minutes=minutes)
    return engine.sign_part("Upload1234", KEY, number, size=size, expires_at=until)


def put(url: str, *pieces: Any, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return call(parts.app, "PUT", url, pieces or [BODY[:300_000], BODY[300_000:900_000], BODY[900_000:]], named)


def received(engine: storage.LocalStorage) -> dict[int, str]:
    return {part.number: part.etag for part in engine.list_parts("Upload1234", KEY)}


def code(answer: Answer) -> tuple[int, str]:
    assert set(answer.json) == {"code", "message", "field"}
    assert set(answer.json["message"]) == {"zh-hans", "en"}
    return answer.status, answer.json["code"]


def test_a_part_arrives_at_its_place(engine: storage.LocalStorage, upload: str) -> None:
    answer = put(link(engine, 2), content_length=str(PART), x_part_sha256=hashlib.sha256(BODY).hexdigest())

    assert answer.status == 200
    assert answer.headers["etag"] == f'"{hashlib.sha256(BODY).hexdigest()}"'
    assert received(engine) == {2: hashlib.sha256(BODY).hexdigest()}
    data = (engine.root / "uploads" / upload / "data").read_bytes()
    assert data == bytes(PART) + BODY + bytes(500_000)


def test_sending_a_part_twice_is_as_good_as_once(engine: storage.LocalStorage, upload: str) -> None:
    first, second = put(link(engine)), put(link(engine))

    assert (first.status, first.headers) == (second.status, second.headers)
    assert list(received(engine)) == [1]


@pytest.mark.parametrize("pieces", [[BODY[:600_000], GONE], [GONE], [b"", BODY[:1], GONE]])
def test_a_body_that_breaks_off_leaves_the_part_unreceived(
    engine: storage.LocalStorage, upload: str, pieces: list[Any]
) -> None:
    assert put(link(engine), *pieces).status == 0

    assert received(engine) == {}
    assert put(link(engine)).status == 200


@pytest.mark.parametrize("pieces", [[BODY[:-1]], [BODY, b"x"], [b""], [b"x" * 3 * PART]])
def test_a_body_of_another_size_leaves_the_part_unreceived(
    engine: storage.LocalStorage, upload: str, pieces: list[bytes]
) -> None:
    assert code(put(link(engine), *pieces)) == (400, "part_wrong_size")

    assert received(engine) == {}


def test_a_wrong_length_is_refused_before_what_is_there_is_touched(engine: storage.LocalStorage, upload: str) -> None:
    put(link(engine))

    assert code(put(link(engine), b"short", content_length="5")) == (400, "part_wrong_size")

    assert list(received(engine)) == [1]


def test_a_damaged_body_is_refused(engine: storage.LocalStorage, upload: str) -> None:
    assert code(put(link(engine), x_part_sha256="0" * 64)) == (422, "part_damaged")

    assert received(engine) == {}


def test_a_body_that_stalls_is_given_up(
    engine: storage.LocalStorage, upload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "STALL_SECONDS", 0.05)
    monkeypatch.setattr("media_pipeline.door_answers.DRAIN_SECONDS", 0.05)

    answer = put(link(engine), BODY[:10], SILENCE)

    assert answer.status == 0 or code(answer) == (408, "part_stalled")
    assert received(engine) == {}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("sig=", "sig=0"), (403, "part_link_invalid")),
        (("/1?", "/2?"), (403, "part_link_invalid")),
        (("Upload1234", "Upload1235"), (403, "part_link_invalid")),
        (("size=1000000", "size=999999"), (403, "part_link_invalid")),
        (("size=1000000", "size=-1"), (403, "part_link_invalid")),
        (("exp=", "exp=9"), (403, "part_link_invalid")),
        (("exp=", "exq="), (403, "part_link_invalid")),
        (("/parts/", "/parts/x/"), (404, "upload_closed")),
        (("/1?", "/0?"), (404, "upload_closed")),
    ],
)
def test_a_changed_address_opens_nothing(
    engine: storage.LocalStorage, upload: str, change: tuple[str, str], says: tuple[int, str]
) -> None:
    assert code(put(link(engine).replace(*change))) == says

    assert received(engine) == {}


def test_an_expired_address_opens_nothing(engine: storage.LocalStorage, upload: str) -> None:
    assert code(put(link(engine, minutes=-1))) == (403, "part_link_expired")


def test_an_address_signed_with_another_key_opens_nothing(
    engine: storage.LocalStorage, upload: str, settings: Any
) -> None:
    url = link(engine)
    settings.SECRET_KEY = "another"

    assert code(put(url)) == (403, "part_link_invalid")


def test_a_part_outside_the_file_is_refused(engine: storage.LocalStorage, upload: str) -> None:
    assert code(put(link(engine, 3))) == (400, "part_wrong_size")
    assert code(put(link(engine, 4))) == (400, "part_wrong_size")


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "DELETE", "OPTIONS"])
def test_only_put_is_taken(engine: storage.LocalStorage, upload: str, method: str) -> None:
    answer = call(parts.app, method, link(engine))

    assert code(answer) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "PUT"


def test_an_ended_upload_takes_nothing_more(engine: storage.LocalStorage, upload: str) -> None:
    engine.abort_multipart(upload, KEY)

    assert code(put(link(engine))) == (410, "upload_closed")


def test_an_upload_that_is_being_completed_takes_nothing_more(engine: storage.LocalStorage, upload: str) -> None:
    (engine.root / "uploads" / upload / "sealed").touch()

    assert code(put(link(engine))) == (409, "upload_complete")


def test_a_full_disk_is_said(engine: storage.LocalStorage, upload: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)

    assert code(put(link(engine))) == (507, "storage_full")
    monkeypatch.undo()
    assert received(engine) == {}


def test_an_overtaken_body_is_asked_for_again(engine: storage.LocalStorage, upload: str) -> None:
    def newer() -> bytes:
        engine.part_writer(upload, 1, PART).close()
        return BODY[600_000:]

    answer = put(link(engine), BODY[:600_000], newer)

    assert code(answer) == (503, "part_overtaken")
    assert answer.headers["retry-after"] == "1"
    assert received(engine) == {}


def test_four_parts_at_once_through_a_real_server(engine: storage.LocalStorage) -> None:
    size = 4 * PART
    bodies = {number: os.urandom(PART) for number in (1, 2, 3, 4)}
    engine.create_multipart(KEY, size=size, part_size=PART)

    with served(parts.app) as server:
        answers = server.many([("PUT", link(engine, number), body) for number, body in bodies.items()])
        early = server.ask("PUT", link(engine, minutes=-1), BODY)

    assert [answer.status for answer in answers] == [200] * 4
    assert (early.status, early.json["code"]) == (403, "part_link_expired")
    engine.complete_multipart("Upload1234", KEY, engine.list_parts("Upload1234", KEY), size=size)
    assert (engine.root / KEY).read_bytes() == b"".join(bodies.values())


def test_a_client_that_hangs_up_on_a_real_server_leaves_the_part_unreceived(
    engine: storage.LocalStorage, upload: str
) -> None:
    writing = engine.root / "uploads" / upload / "parts" / "00001.writer"

    with served(parts.app) as server:
        server.hang_up("PUT", link(engine), BODY[:400_000], announced=PART, once=writing.exists)
        again = server.ask("PUT", link(engine), BODY)

    assert again.status == 200
    assert received(engine) == {1: hashlib.sha256(BODY).hexdigest()}
