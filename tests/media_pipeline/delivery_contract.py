"""What the media door promises wherever the files lie. Its tests inherit this and bring a `package`."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from media_pipeline import delivery, paths, storage
from tests.media_pipeline.asgi import Answer, call
from tests.media_pipeline.serving import served

SEGMENT = os.urandom(700_000)  # three blocks


def put_package(engine: storage.Storage, tmp_path: Path) -> None:
    files = {
        "master.m3u8": b"#EXTM3U\n",
        "720/00001.m4s": SEGMENT,
        "720/init.mp4": b"init",
        "poster.jpg": b"jpg",
        "sprite.vtt": b"WEBVTT\n",
        "notes.txt": b"not ours to give",
        "empty.vtt": b"",
        "lecture.mp4": b"all of it",
    }
    for name, content in files.items():
        (tmp_path / "file").write_bytes(content)
        engine.put_file(f"packages/Asset12345/Pack123456/{name}", tmp_path / "file")
    (tmp_path / "file").write_bytes(b"another's")
    engine.put_file("packages/Other12345/Pack123456/master.m3u8", tmp_path / "file")
    engine.put_file("sources/Asset12345", tmp_path / "file")


def address(name: str = "720/00001.m4s", seconds: int = 600, asset: str = "Asset12345") -> str:
    exp = int(time.time()) + seconds
    return f"/media/{exp}-{paths.signature(exp, asset)}/{asset}/Pack123456/{name}"


def get(url: str, method: str = "GET", **headers: str) -> Answer:
    return call(delivery.app, method, url, headers={name.replace("_", "-"): value for name, value in headers.items()})


def code(answer: Answer) -> tuple[int, str]:
    assert set(answer.json) == {"code", "message", "field"}
    return answer.status, answer.json["code"]


class DeliveryContract:
    @pytest.mark.parametrize(
        ("name", "kind", "cache"),
        [
            ("master.m3u8", "application/vnd.apple.mpegurl", "private, no-cache"),
            ("720/00001.m4s", "video/iso.segment", "private, max-age=604800, immutable"),
            ("720/init.mp4", "video/mp4", "private, max-age=604800, immutable"),
            ("poster.jpg", "image/jpeg", "private, max-age=604800, immutable"),
            ("sprite.vtt", "text/vtt; charset=utf-8", "private, max-age=604800, immutable"),
        ],
    )
    def test_each_file_comes_with_its_type_and_how_long_it_keeps(
        self, package: Any, name: str, kind: str, cache: str
    ) -> None:
        answer = get(address(name))

        assert answer.status == 200
        assert answer.headers["content-type"] == kind
        assert answer.headers["cache-control"] == cache
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["content-length"] == str(len(answer.body))

    def test_a_whole_file_comes_as_it_is(self, package: Any) -> None:
        assert get(address()).body == SEGMENT
        assert get(address("empty.vtt")).body == b""

    @pytest.mark.parametrize(
        ("asked", "start", "end"),
        [("bytes=0-99", 0, 100), ("bytes=300000-", 300_000, 700_000), ("bytes=-5", 699_995, 700_000)],
    )
    def test_a_range_is_a_part(self, package: Any, asked: str, start: int, end: int) -> None:
        answer = get(address(), range=asked)

        assert answer.status == 206
        assert answer.body == SEGMENT[start:end]
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/700000"
        assert answer.headers["content-length"] == str(end - start)

    def test_a_range_behind_the_end_is_refused_with_the_size(self, package: Any) -> None:
        answer = get(address(), range="bytes=700000-")

        assert code(answer) == (416, "range_not_satisfiable")
        assert answer.headers["content-range"] == "bytes */700000"

    def test_head_says_all_but_the_body(self, package: Any) -> None:
        whole, part = get(address(), "HEAD"), get(address(), "HEAD", range="bytes=0-9")

        assert (whole.status, whole.body, whole.headers["content-length"]) == (200, b"", "700000")
        assert (part.status, part.body, part.headers["content-length"]) == (206, b"", "10")
        assert get(address("gone.m4s"), "HEAD").body == b""

    def test_who_has_it_already_is_told_so(self, package: Any) -> None:
        first = get(address())

        by_tag = get(address(), if_none_match=f'"other", W/{first.headers["etag"]}', range="bytes=0-1")
        by_date = get(address(), if_modified_since=first.headers["last-modified"])

        assert (by_tag.status, by_tag.body, by_tag.headers["etag"]) == (304, b"", first.headers["etag"])
        assert by_date.status == 304
        assert get(address(), if_none_match='"other"', if_modified_since=first.headers["last-modified"]).status == 200
        assert get(address(), if_modified_since="Thu, 01 Jan 1970 00:00:00 GMT").status == 200
        assert get(address(), if_modified_since="the day before").status == 200

    def test_a_playlist_that_grew_is_seen_at_once(self, package: Any, tmp_path: Path) -> None:
        before = get(address("master.m3u8"))
        (tmp_path / "file").write_bytes(b"#EXTM3U\n#EXT-X-ENDLIST\n")
        package.put_file("packages/Asset12345/Pack123456/master.m3u8", tmp_path / "file")

        after = get(address("master.m3u8"), if_none_match=before.headers["etag"])

        assert (after.status, after.body) == (200, b"#EXTM3U\n#EXT-X-ENDLIST\n")
        assert get(address("master.m3u8"), if_none_match=after.headers["etag"]).status == 304

    def test_a_part_of_another_version_is_not_given(self, package: Any) -> None:
        same = get(address()).headers["etag"]

        assert get(address(), range="bytes=0-9", if_range=same).status == 206
        assert get(address(), range="bytes=0-9", if_range='"other"').status == 200

    def test_an_expired_address_opens_nothing(self, package: Any) -> None:
        assert code(get(address(seconds=-1))) == (403, "media_link_expired")

    def test_a_signature_opens_only_its_own_asset_and_time(self, package: Any, settings: Any) -> None:
        good = address("master.m3u8")
        exp = good.split("/")[2].split("-")[0]

        for bad in (good.replace("Asset12345", "Other12345"), good.replace(exp, str(int(exp) + 1))):
            assert code(get(bad)) == (403, "media_link_invalid")
        settings.MEDIA_SIGNING_KEY = "another"
        assert code(get(good)) == (403, "media_link_invalid")

    @pytest.mark.parametrize(
        "name",
        [
            "gone.m4s", "notes.txt", "720", "720/", "../Pack123456/master.m3u8", "720/../master.m3u8", "..",
            ".hidden.m4s", "../../../sources/Asset12345", "720//00001.m4s", "/etc/passwd", "master.m3u8/x.m4s",
            "党课.m4s", "x" * 300,
        ],
    )  # fmt: skip
    def test_nothing_else_can_be_named(self, package: Any, name: str) -> None:
        assert code(get(address(name))) == (404, "media_not_found")

    @pytest.mark.parametrize("url", ["/media/", "/media/1-x", "/media/abc/Asset12345/Pack123456/master.m3u8"])
    def test_what_is_no_media_address_is_not_found(self, package: Any, url: str) -> None:
        assert code(get(url)) == (404, "media_not_found")

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
    def test_media_are_only_read(self, package: Any, method: str) -> None:
        answer = get(address(), method)

        assert code(answer) == (405, "method_not_allowed")
        assert answer.headers["allow"] == "GET, HEAD"

    def test_it_plays_through_a_real_server(self, package: Any) -> None:
        with served(delivery.app) as server:
            whole = server.ask("GET", address())
            part = server.ask("GET", address(), headers={"range": "bytes=100-199"})
            head = server.ask("HEAD", address())
            missing = server.ask("GET", address("gone.m4s"))

        assert whole.body == SEGMENT
        assert (part.status, part.body) == (206, SEGMENT[100:200])
        assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "700000")
        assert (missing.status, missing.json["code"]) == (404, "media_not_found")
