"""nginx in front, with the very configuration of docker-compose.yml: media from disk and from S3, parts to S3."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from media_pipeline import delivery, storage
from media_pipeline.storage.s3 import S3Storage
from tests.media_pipeline import nginx_server, s3_server
from tests.media_pipeline.delivery_contract import SEGMENT, address, put_package
from tests.media_pipeline.relay import relayed
from tests.media_pipeline.serving import Served, served
from tests.media_pipeline.test_s3_storage import md5

MIB = 1024 * 1024
GOOD = "private, max-age=604800, immutable"


@pytest.fixture
def port() -> int:
    return nginx_server.free_port()


@pytest.fixture
def from_disk(port: int, tmp_path: Path, settings: Any) -> Iterator[Served]:
    settings.STORAGE_URL = f"file://{tmp_path / 'media'}"
    put_package(storage.default(), tmp_path)
    with (
        served(delivery.app) as doors,
        nginx_server.in_front_of(doors, media="from-disk", port=port, folder=tmp_path) as nginx,
    ):
        yield nginx


@pytest.fixture
def from_s3(remote: S3Storage, port: int, tmp_path: Path, settings: Any) -> Iterator[Served]:
    """The site's own address is also the service's, for browsers."""
    settings.MEDIA_BY_NGINX = True
    settings.STORAGE_URL += f"&public=http://127.0.0.1:{port}"
    put_package(remote, tmp_path)
    with served(delivery.app) as doors, nginx_server.in_front_of(
        doors, media="from-s3", port=port, folder=tmp_path,
        STORAGE_ENDPOINT=s3_server.ENDPOINT, STORAGE_BUCKET=s3_server.BUCKET,
    ) as nginx:  # fmt: skip
        yield nginx


@pytest.fixture(params=["from_disk", "from_s3"])
def nginx(request: pytest.FixtureRequest) -> Served:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("name", "kind", "cache"),
    [
        ("master.m3u8", "application/vnd.apple.mpegurl", "private, no-cache"),
        ("720/00001.m4s", "video/iso.segment", GOOD),
        ("720/init.mp4", "video/mp4", GOOD),
        ("poster.jpg", "image/jpeg", GOOD),
    ],
)
def test_each_file_comes_with_its_type_and_how_long_it_keeps(nginx: Served, name: str, kind: str, cache: str) -> None:
    answer = nginx.ask("GET", address(name))

    assert (answer.status, answer.headers["content-type"], answer.headers["cache-control"]) == (200, kind, cache)
    assert answer.headers["content-length"] == str(len(answer.body))
    assert "amz" not in str(answer.headers).lower()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?name=%E8%9E%BA%E6%A0%93", "attachment; filename*=UTF-8''%E8%9E%BA%E6%A0%93.mp4"),
        ("", "attachment; filename*=UTF-8''lecture.mp4"),
        ('?name=a"b;c', "attachment; filename*=UTF-8''lecture.mp4"),
    ],
)
def test_the_file_to_take_along_is_saved_under_the_name_of_its_link(nginx: Served, query: str, said: str) -> None:
    answer = nginx.ask("GET", address("lecture.mp4") + query)

    assert (answer.status, answer.body) == (200, b"all of it")
    assert answer.headers["content-disposition"] == said
    assert "content-disposition" not in nginx.ask("GET", address("720/init.mp4") + query).headers


def test_wholes_parts_and_heads(nginx: Served) -> None:
    whole, head = nginx.ask("GET", address()), nginx.ask("HEAD", address())
    part = nginx.ask("GET", address(), headers={"range": "bytes=100-199"})
    behind = nginx.ask("GET", address(), headers={"range": "bytes=700000-"})

    assert whole.body == SEGMENT
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "700000")
    assert (part.status, part.body, part.headers["content-range"]) == (206, SEGMENT[100:200], "bytes 100-199/700000")
    assert behind.status == 416


def test_who_has_a_playlist_already_is_told_so(nginx: Served) -> None:
    tag = nginx.ask("GET", address("master.m3u8")).headers["etag"]

    assert nginx.ask("GET", address("master.m3u8"), headers={"if-none-match": tag}).status == 304
    assert nginx.ask("GET", address("master.m3u8"), headers={"if-none-match": '"other"'}).status == 200


def test_without_a_signature_that_holds_nothing_opens(nginx: Served) -> None:
    for bad in (address(seconds=-1), address().replace("-", "-x"), address().replace("Asset12345", "Other12345")):
        assert nginx.ask("GET", bad).status == 403
    assert nginx.ask("GET", address("gone.m4s")).status == 404


def test_what_is_large_comes_whole(from_s3: Served, remote: S3Storage, tmp_path: Path) -> None:
    content = os.urandom(40 * MIB)
    (tmp_path / "big").write_bytes(content)
    remote.put_file("packages/Asset12345/Pack123456/big.mp4", tmp_path / "big")

    assert from_s3.ask("GET", address("big.mp4")).body == content
    tail = from_s3.ask("GET", address("big.mp4"), headers={"range": "bytes=-1000"})
    assert (tail.status, tail.body) == (206, content[-1000:])


def test_the_ways_inside_are_no_ways_in(from_s3: Served, remote: S3Storage) -> None:
    inside = urlsplit(remote.read_link("packages/Asset12345/Pack123456/720/00001.m4s") or "")

    assert from_s3.ask("GET", f"/media-in-s3{inside.path}?{inside.query}").status == 404
    assert from_s3.ask("GET", f"{inside.path}?{inside.query}").status == 403
    assert from_s3.ask("DELETE", f"{inside.path}?{inside.query}").status == 403


def test_trouble_with_the_service_is_not_the_viewers(from_s3: Served, settings: Any) -> None:
    settings.STORAGE_SECRET_KEY = "wrong"
    storage.engine_for.cache_clear()

    assert from_s3.ask("GET", address()).status == 503  # 403 would make the player ask for another address


def test_a_service_that_is_away_is_said(remote: S3Storage, port: int, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_BY_NGINX = True
    put_package(remote, tmp_path)
    with relayed(s3_server.ENDPOINT) as relay, served(delivery.app) as doors:
        settings.STORAGE_URL = settings.STORAGE_URL.replace(s3_server.ENDPOINT, relay.url)
        place = {"STORAGE_ENDPOINT": relay.url, "STORAGE_BUCKET": s3_server.BUCKET}
        with nginx_server.in_front_of(doors, media="from-s3", port=port, folder=tmp_path, **place) as nginx:
            assert nginx.ask("GET", address()).body == SEGMENT
            relay.close()
            assert nginx.ask("GET", address()).status == 503


def test_parts_go_through_the_sites_own_address(from_s3: Served, port: int) -> None:
    engine = storage.remote_engine()
    assert engine
    assert engine.parts_origin == f"http://127.0.0.1:{port}"
    contents = {1: os.urandom(5 * MIB), 2: os.urandom(1000)}
    storage_id = engine.create_multipart("sources/up", size=5 * MIB + 1000, part_size=5 * MIB)
    until = datetime.now(UTC) + timedelta(minutes=5)
    links = {
        number: urlsplit(engine.sign_part(storage_id, "sources/up", number, size=len(part), expires_at=until))
        for number, part in contents.items()
    }

    for number, link in links.items():
        way, headers = f"{link.path}?{link.query}", {"Content-MD5": md5(contents[number])}
        assert from_s3.ask("PUT", way, contents[number][::-1], headers).status == 400
        # 502 where the service hangs up on the bad address before nginx has passed on the whole part
        assert from_s3.ask("PUT", way + "0", contents[number], headers).status in {403, 502}
        assert number not in {part.number for part in engine.list_parts(storage_id, "sources/up")}
        assert from_s3.ask("PUT", way, contents[number], headers).status == 200

    engine.complete_multipart(
        storage_id, "sources/up", engine.list_parts(storage_id, "sources/up"), size=5 * MIB + 1000
    )
    with engine.open("sources/up") as file:
        assert file.read() == contents[1] + contents[2]
