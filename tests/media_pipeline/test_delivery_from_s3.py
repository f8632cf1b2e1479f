"""The media door where the files lie on S3: the same answers as from a disk, nothing of S3 seen, nothing piled up."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from media_pipeline import delivery, storage
from media_pipeline.storage import fetching
from media_pipeline.storage.s3 import S3Storage
from tests.media_pipeline import s3_server
from tests.media_pipeline.delivery_contract import SEGMENT, DeliveryContract, address, code, get, put_package
from tests.media_pipeline.relay import Relay, relayed
from tests.media_pipeline.serving import Served, served

MIB = 1024 * 1024
BIG = 24 * MIB


@pytest.fixture
def package(remote: S3Storage, tmp_path: Path) -> S3Storage:
    put_package(remote, tmp_path)
    return remote


@pytest.fixture
def big(package: S3Storage, tmp_path: Path) -> bytes:
    content = os.urandom(BIG)
    (tmp_path / "big").write_bytes(content)
    package.put_file("packages/Asset12345/Pack123456/big.mp4", tmp_path / "big")
    return content


@pytest.fixture
def relay(package: S3Storage, settings: Any) -> Iterator[Relay]:
    """Between our door and the service."""
    with relayed(s3_server.ENDPOINT) as relay:
        settings.STORAGE_URL = settings.STORAGE_URL.replace(s3_server.ENDPOINT, relay.url)
        yield relay


class TestFromS3(DeliveryContract):
    pass


def test_nothing_of_the_service_is_seen(package: S3Storage) -> None:
    seen = str(get(address()).headers) + str(get(address("gone.m4s")).json)

    assert "amz" not in seen.lower()
    assert s3_server.BUCKET not in seen


def test_a_whole_is_one_question_and_connections_are_used_again(relay: Relay) -> None:
    with served(delivery.app) as server:
        for _ in range(5):
            assert server.ask("GET", address(), headers={"range": "bytes=100-199"}).body == SEGMENT[100:200]
            assert server.ask("GET", address()).body == SEGMENT

    assert relay.taken == 1


def test_what_breaks_off_is_taken_up_where_it_broke(relay: Relay, big: bytes) -> None:
    relay.cut_after = 3 * MIB

    with served(delivery.app) as server:
        whole = server.ask("GET", address("big.mp4"))
        part = server.ask("GET", address("big.mp4"), headers={"range": f"bytes=1000-{10 * MIB}"})

    assert whole.body == big
    assert part.body == big[1000 : 10 * MIB + 1]
    assert relay.taken > BIG // (3 * MIB)


def test_two_versions_are_never_mixed(relay: Relay, big: bytes, tmp_path: Path) -> None:
    relay.cut_after = 3 * MIB
    (tmp_path / "big").write_bytes(bytes(BIG))
    with served(delivery.app) as server, listening(server, "big.mp4") as client:
        got = client.recv(65536)
        storage.default().put_file("packages/Asset12345/Pack123456/big.mp4", tmp_path / "big")
        while block := client.recv(65536):
            got += block

    body = got.partition(b"\r\n\r\n")[2]
    assert len(body) < BIG  # cut short, which the client sees by the length it was told
    assert body == big[: len(body)]


@pytest.mark.parametrize("fault", ["refuses", "is silent"])
def test_a_service_that_is_away_is_said(relay: Relay, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    monkeypatch.setattr(fetching, "HEAD_SECONDS", 0.3)
    if fault == "refuses":
        relay.close()
    relay.is_silent = True

    answer = get(address())

    assert code(answer) == (503, "media_unavailable")
    assert answer.headers["retry-after"] == "2"


def test_wrong_keys_are_our_trouble_and_not_the_viewers(package: S3Storage, settings: Any) -> None:
    settings.STORAGE_SECRET_KEY = "wrong"
    storage.engine_for.cache_clear()

    assert code(get(address())) == (503, "media_unavailable")


def test_a_service_that_stops_half_way_ends_the_answer(
    relay: Relay, big: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "BLOCK_SECONDS", 0.3)
    relay.cut_after = 3 * MIB

    with served(delivery.app) as server, listening(server, "big.mp4") as client:
        client.recv(1000)
        relay.close()
        while client.recv(65536):
            continue  # to its end; what never ends tires our patience out


def test_a_client_that_leaves_takes_its_connection_to_the_service_with_it(relay: Relay, big: bytes) -> None:
    with served(delivery.app) as server:
        with listening(server, "big.mp4") as client:
            client.recv(65536)
            assert relay.open == 1
        until(lambda: relay.open == 0)


def test_many_who_stall_hold_neither_threads_nor_memory(relay: Relay, big: bytes) -> None:
    with served(delivery.app) as server, ExitStack() as clients:
        server.ask("GET", address())
        threads, memory = ours(), resident()
        for _ in range(40):
            clients.enter_context(listening(server, "big.mp4", receive_buffer=4096)).recv(1000)
        time.sleep(0.5)  # all that would flow, has

        begun = time.monotonic()
        assert server.ask("GET", address()).body == SEGMENT
        assert time.monotonic() - begun < fetching.BLOCK_SECONDS  # none of them had to be given up first
        assert ours() <= max(threads, 8)
        assert resident() - memory < 40 * 2 * MIB


def test_nginx_is_told_where_to_fetch_and_given_nothing_else(package: S3Storage, settings: Any) -> None:
    settings.MEDIA_BY_NGINX = True

    answer, head = get(address()), get(address(), "HEAD")

    assert (answer.status, answer.body) == (200, b"")
    key = "packages/Asset12345/Pack123456/720/00001.m4s"
    place = answer.headers["x-accel-redirect"]
    assert place.startswith(f"/media-in-s3/{s3_server.BUCKET}/{package.address.prefix}{key}?X-Amz-Algorithm=")
    assert head.headers["x-accel-redirect"].partition("?")[0] == place.partition("?")[0]
    for refused, says in ((address(seconds=-1), 403), (address("notes.txt"), 404), (address().replace("-", "-x"), 403)):
        assert get(refused).status == says
        assert "x-accel-redirect" not in get(refused).headers


# ---- those who listen slowly ----


def listening(server: Served, name: str, *, receive_buffer: int = 65536) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(60)
    client.connect(("127.0.0.1", server.port))
    client.sendall(f"GET {address(name)} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n".encode())
    return client


def until(holds: Callable[[], bool]) -> None:
    for _ in range(6000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("It did not come to pass.")


def ours() -> int:
    """Threads of the door; those of the relay are the test's own."""
    return sum(thread.name.startswith("delivery") for thread in threading.enumerate())


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
