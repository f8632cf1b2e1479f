"""The storage on a real S3 server: the contract of all engines, and what only a service can get wrong."""

from __future__ import annotations

import base64
import hashlib
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from media_pipeline.storage.base import (
    BadStorageUrl,
    MultipartGone,
    PartsChanged,
    Storage,
    StorageDenied,
    StorageUnavailable,
)
from media_pipeline.storage.s3 import S3Storage
from media_pipeline.storage.s3_address import parse
from media_pipeline.storage.s3_clients import Keys
from tests.media_pipeline import s3_server
from tests.media_pipeline.storage_contract import StorageContract

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024
SIZE, PART = 11 * MIB, 5 * MIB  # S3 takes no smaller parts than 5 MiB, but for the last
SOON = timedelta(minutes=5)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[S3Storage]:
    with s3_server.fresh(tmp_path) as (_address, engine):
        yield engine


def send(method: str, url: str, content: bytes = b"", **headers: str) -> tuple[int, dict[str, str], str]:
    """One request by somebody without keys. Status 0: the service hung up before it had heard all of it."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, f"{parts.path}?{parts.query}", content, named)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    except (BrokenPipeError, ConnectionResetError):
        return 0, {}, ""
    finally:
        connection.close()


def md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content).digest()).decode()


class TestS3(StorageContract):
    size, part = SIZE, PART

    def put_part(self, engine: Storage, storage_id: str, key: str, number: int, content: bytes) -> None:
        until = datetime.now(UTC) + SOON
        address = engine.sign_part(storage_id, key, number, size=len(content), expires_at=until)
        assert send("PUT", address, content, content_md5=md5(content))[0] == 200


# ---- who may send what ----


@pytest.fixture
def begun(engine: S3Storage) -> str:
    return engine.create_multipart("sources/up", size=SIZE, part_size=PART)


def link(engine: S3Storage, storage_id: str, number: int = 1, size: int = PART, after: timedelta = SOON) -> str:
    return engine.sign_part(storage_id, "sources/up", number, size=size, expires_at=datetime.now(UTC) + after)


def received(engine: S3Storage, storage_id: str) -> list[int]:
    return [part.number for part in engine.list_parts(storage_id, "sources/up")]


@pytest.mark.parametrize("length", [PART - 1, PART + 1, 0, 1])
def test_a_part_of_another_size_than_was_signed_is_refused(engine: S3Storage, begun: str, length: int) -> None:
    assert send("PUT", link(engine, begun), b"x" * length)[0] in {0, 403}

    assert received(engine, begun) == []


@pytest.mark.parametrize(
    "change",
    [
        ("partNumber=1", "partNumber=2"),
        ("sources/up", "sources/other"),
        ("X-Amz-Signature=", "X-Amz-Signature=0"),
        ("X-Amz-Expires=", "X-Amz-Expires=9"),
        ("X-Amz-SignedHeaders=content-length%3Bhost", "X-Amz-SignedHeaders=host"),
        ("lectures%2F", "nobody%2F"),
    ],
)
def test_a_changed_address_opens_nothing(engine: S3Storage, begun: str, change: tuple[str, str]) -> None:
    good = link(engine, begun, 1, 10)
    assert change[0] in good

    assert send("PUT", good.replace(*change), b"0123456789")[0] in {400, 403, 404}

    assert received(engine, begun) == []
    assert send("PUT", good, b"0123456789")[0] == 200


def test_an_expired_address_opens_nothing(engine: S3Storage, begun: str) -> None:
    brief = link(engine, begun, 1, 10, timedelta(seconds=1))
    time.sleep(2.1)

    status, _headers, said = send("PUT", brief, b"0123456789")

    assert (status, "expired" in said.lower()) == (403, True)
    assert received(engine, begun) == []


def test_nobody_reads_or_writes_without_a_signature(engine: S3Storage, begun: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"one")
    engine.put_file("sources/a", tmp_path / "file")
    bare = (engine.read_link("sources/a") or "").partition("?")[0]

    asked = [send(method, bare, b"")[0] for method in ("GET", "HEAD", "PUT", "DELETE")]

    assert asked == [403] * 4
    assert send("PUT", link(engine, begun, 1, 10).partition("&X-Amz")[0], b"0123456789")[0] == 403
    assert engine.size("sources/a") == 3


def test_a_damaged_part_is_refused(engine: S3Storage, begun: str) -> None:
    status, _headers, said = send("PUT", link(engine, begun, 1, 10), b"0123456789", content_md5=md5(b"other"))

    assert (status, "BadDigest" in said) == (400, True)
    assert received(engine, begun) == []


def test_an_address_for_reading_reads_and_does_nothing_else(engine: S3Storage, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    engine.put_file("packages/a/b/720/00001.m4s", tmp_path / "file")
    read = engine.read_link("packages/a/b/720/00001.m4s") or ""

    status, headers, said = send("GET", read, range="bytes=2-4")

    assert (status, said, headers["content-range"]) == (206, "234", "bytes 2-4/10")
    assert headers["content-type"] == "video/iso.segment"
    assert headers["cache-control"] == "private, max-age=604800, immutable"
    assert send("HEAD", engine.read_link("packages/a/b/720/00001.m4s", "HEAD") or "")[0] == 200
    assert send("PUT", read, b"x")[0] == 403
    assert send("DELETE", read)[0] == 403


def test_a_part_that_comes_after_the_end_goes_nowhere(engine: S3Storage) -> None:
    storage_id = engine.create_multipart("sources/up", size=10, part_size=10)
    late = link(engine, storage_id, 1, 10)
    assert send("PUT", late, b"0123456789")[0] == 200
    engine.complete_multipart(storage_id, "sources/up", engine.list_parts(storage_id, "sources/up"), size=10)

    assert send("PUT", late, b"9876543210")[0] == 404

    with engine.open("sources/up") as file:
        assert file.read() == b"0123456789"


def test_parts_too_small_for_the_service_are_not_begun(engine: S3Storage) -> None:
    with pytest.raises(ValueError, match="no parts below"):
        engine.create_multipart("sources/up", size=3000, part_size=1000)

    assert list(engine.list_multiparts()) == []


def test_uploads_of_others_in_the_same_bucket_are_not_seen(engine: S3Storage, tmp_path: Path) -> None:
    with s3_server.fresh(tmp_path) as (_address, other):
        other.create_multipart("sources/theirs", size=10, part_size=10)
        (tmp_path / "file").write_bytes(b"theirs")
        other.put_file("sources/theirs", tmp_path / "file")

        assert list(engine.list_multiparts()) == []
        assert list(engine.list("sources")) == []
        assert [found.key for found in other.list_multiparts()] == ["sources/theirs"]


# ---- what goes wrong with the service ----


def test_wrong_keys_are_told_apart_from_missing_files(engine: S3Storage, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    for keys in (Keys("lectures", "wrong"), Keys("nobody", "lectures-secret")):
        stranger = s3_server.storage_at(s3_server.url("any"), tmp_path, keys)

        for ask in (
            lambda it: it.open("sources/a"), lambda it: it.put_file("sources/a", tmp_path / "file"),
            lambda it: list(it.list("sources")), lambda it: it.create_multipart("sources/a", size=1, part_size=1),
            lambda it: it.delete("sources/a"), lambda it: it.copy("sources/a", "sources/b"),
        ):  # fmt: skip
            with pytest.raises(StorageDenied):
                ask(stranger)
        assert not stranger.is_writable()
    with pytest.raises(StorageDenied):  # of a name it does not know, versitygw says by HEAD that nothing is there
        s3_server.storage_at(s3_server.url("any"), tmp_path, Keys("lectures", "wrong")).size("sources/a")


def test_a_bucket_that_is_not_there_is_no_missing_file(engine: S3Storage, tmp_path: Path) -> None:
    lost = s3_server.storage_at(s3_server.url("x").replace(s3_server.BUCKET, "no-such-bucket"), tmp_path)

    assert not lost.is_writable()
    assert not lost.bucket.is_there()
    with pytest.raises(StorageDenied):
        list(lost.list("sources"))
    with pytest.raises(StorageDenied):
        lost.open("sources/a")


def test_no_answer_is_said_soon(tmp_path: Path, closed_port: int) -> None:
    nobody = s3_server.storage_at(f"s3://bucket-x?endpoint=http://127.0.0.1:{closed_port}", tmp_path)
    begun = datetime.now(UTC)

    assert not nobody.is_writable()
    with pytest.raises(StorageUnavailable):
        nobody.size("sources/a")

    assert datetime.now(UTC) - begun < timedelta(seconds=15)


def test_keys_do_not_show_where_things_are_printed(tmp_path: Path) -> None:
    assert "lectures-secret" not in repr(s3_server.KEYS)
    with pytest.raises(BadStorageUrl) as error:
        parse("s3://name:hush@bucket/prefix")
    assert "hush" not in str(error.value)


def test_a_stale_list_of_parts_is_noticed_by_the_service(engine: S3Storage, begun: str) -> None:
    """Also when it changes between our look and the service's: then only the service can know."""
    contents = {1: b"a" * PART, 2: b"b" * PART, 3: b"c" * MIB}
    for number, content in contents.items():
        assert send("PUT", link(engine, begun, number, len(content)), content)[0] == 200
    listed = engine.list_parts(begun, "sources/up")
    assert send("PUT", link(engine, begun, 3, MIB), b"d" * MIB)[0] == 200

    with pytest.raises(PartsChanged):
        engine.complete_multipart(begun, "sources/up", listed, size=SIZE)

    assert not engine.exists("sources/up")
    engine.abort_multipart(begun, "sources/up")
    with pytest.raises(MultipartGone):
        engine.complete_multipart(begun, "sources/up", listed, size=SIZE)


# ---- addresses ----


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("s3://bucket", ("bucket", "", "", "us-east-1", "")),
        ("s3://bucket/", ("bucket", "", "", "us-east-1", "")),
        ("s3://bucket/a/b/", ("bucket", "a/b/", "", "us-east-1", "")),
        (
            "s3://my.bucket/a?endpoint=http://s3:7070/&region=cn-north-1",
            ("my.bucket", "a/", "http://s3:7070", "cn-north-1", "http://s3:7070"),
        ),
        (
            "s3://bucket?endpoint=http%3A%2F%2Fs3:7070&public=https://media.example",
            ("bucket", "", "http://s3:7070", "us-east-1", "https://media.example"),
        ),
    ],
)
def test_an_address_says_where_things_lie(url: str, says: tuple[str, ...]) -> None:
    address = parse(url)

    assert (address.bucket, address.prefix, address.endpoint, address.region, address.public) == says


@pytest.mark.parametrize(
    "url",
    [
        "s3://", "s3:///bucket", "s3://B", "s3://ab", "s3://bucket/../x", "s3://bucket/.hidden", "s3://bucket/a b",
        "s3://bucket?endpoint=ftp://x", "s3://bucket?endpoint=http://", "s3://bucket?endpoint=http://x/path",
        "s3://bucket?endpoint=http://a:b@x", "s3://bucket?region=x&regoin=y", "s3://bucket#x", "s3://key:hush@bucket",
        "s3://bucket?endpoint=http://x?y",
    ],
)  # fmt: skip
def test_what_names_no_bucket_is_refused(url: str) -> None:
    with pytest.raises(BadStorageUrl):
        parse(url)


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_site_on_local_disk_does_not_pay_for_boto3() -> None:
    words = "import sys; from media_pipeline.storage import fetching, local; sys.exit('botocore' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], cwd=ROOT, check=False)

    assert done.returncode == 0
