"""The stream door, driven as a server would drive it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from django.core import signing

from push import channels, hub, stream, tokens
from push.models import Event


class Client:
    """One browser: collects what the door sends."""

    def __init__(self, query: str = "", headers: list[tuple[bytes, bytes]] | None = None) -> None:
        self.scope = {"type": "http", "method": "GET", "path": "/api/v1/events", "query_string": query.encode(),
                      "headers": headers or []}  # fmt: skip
        self.sent: list[dict[str, Any]] = []
        self.leave = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.leave.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.sent).decode()

    @property
    def ids(self) -> list[int]:
        return [int(line[4:]) for line in self.text.splitlines() if line.startswith("id: ")]


@asynccontextmanager
async def opened(client: Client) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(stream.app(client.scope, client.receive, client.send))
    await until(lambda: bool(client.sent))
    yield task
    client.leave.set()
    await asyncio.wait_for(task, 5)


async def until(holds: Any, seconds: float = 5) -> None:
    for _ in range(int(seconds / 0.02)):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to hold")


@pytest.fixture(autouse=True)
def fresh_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "hub", hub.Hub())
    monkeypatch.setattr(hub, "POLL", 0.02)


def _close() -> None:
    """A connection is closed by the thread that opened it; `hub.connection` is another in every thread."""
    hub.connection.close()


@pytest.fixture
def rows(committed_db: None) -> Any:
    yield
    hub._asker.submit(_close).result()


def publish(channel: str = "member:1", **payload: Any) -> int:
    channels.publish(channel, "job", payload)
    return Event.objects.latest("id").pk


def test_a_member_hears_what_happens_and_nobody_elses(rows: None) -> None:
    async def story() -> Client:
        client = Client(f"token={tokens.issue(['member:1'])}")
        async with opened(client):
            await asyncio.to_thread(publish, "member:2", secret=True)
            await asyncio.to_thread(publish, "member:1", progress=300)
            await until(lambda: client.ids)
        return client

    client = asyncio.run(story())
    assert client.sent[0]["status"] == 200
    assert "secret" not in client.text
    assert 'event: job\ndata: {"channel": "member:1", "progress": 300}' in client.text


def test_a_stream_goes_on_where_it_broke_off(rows: None) -> None:
    first, *rest = [publish(number=number) for number in range(4)]

    async def story() -> Client:
        client = Client(f"token={tokens.issue(['member:1'])}", [(b"last-event-id", str(first).encode())])
        async with opened(client):
            later = await asyncio.to_thread(publish, number=9)
            await until(lambda: later in client.ids)
        return client

    client = asyncio.run(story())
    assert client.ids[:-1] == rest


def test_without_a_cursor_old_news_is_not_told(rows: None) -> None:
    old = publish(number=1)

    async def story() -> Client:
        client = Client(f"token={tokens.issue(['member:1'])}")
        async with opened(client):
            await asyncio.to_thread(publish, number=2)
            await until(lambda: client.ids)
        return client

    assert old not in asyncio.run(story()).ids


@pytest.mark.parametrize("token", ["", "nonsense", signing.dumps(["member:1"], salt="something else")])
def test_a_bad_token_opens_nothing(token: str) -> None:
    client = Client(f"token={token}")
    asyncio.run(stream.app(client.scope, client.receive, client.send))

    assert client.sent[0]["status"] == 403
    body = json.loads(client.text)
    assert body["code"] == "stream_token_bad"
    assert set(body["message"]) == {"zh-hans", "en"}


def test_a_token_is_good_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    token = tokens.issue(["member:1"])
    monkeypatch.setattr(tokens, "GOOD_FOR", -1)

    with pytest.raises(tokens.BadToken):
        tokens.read(token)


def test_a_client_that_falls_behind_is_sent_away_to_come_again(rows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "QUEUE_SIZE", 3)

    async def story() -> hub.Listener:
        spreading = hub.Hub()
        listener = await spreading.listen(frozenset({"member:1"}), after=None)
        for number in range(5):
            await asyncio.to_thread(publish, number=number)
        await until(lambda: not spreading.listeners)
        return listener

    listener = asyncio.run(story())
    left = [listener.queue.get_nowait() for _ in range(listener.queue.qsize())]
    assert left[-1] is None


def test_shutdown_ends_every_stream_at_once(rows: None) -> None:
    async def story() -> bool:
        clients = [Client(f"token={tokens.issue(['member:1'])}") for _ in range(3)]
        tasks = [asyncio.create_task(stream.app(one.scope, one.receive, one.send)) for one in clients]
        await until(lambda: all(one.sent for one in clients))
        await stream.shutdown()
        await asyncio.wait_for(asyncio.gather(*tasks), 5)
        return all(one.sent[-1] == {"type": "http.response.body", "body": b""} for one in clients)

    assert asyncio.run(story())


def test_a_hundred_streams_ask_the_database_no_more_than_one(rows: None) -> None:
    async def questions(listeners: int) -> int:
        spreading = hub.Hub()
        for _ in range(listeners):
            await spreading.listen(frozenset({"member:1"}), after=None)
        asked = 0
        ask = hub._asked

        def counted(*args: Any) -> Any:
            nonlocal asked
            asked += 1
            return ask(*args)

        hub._asked = counted  # type: ignore[assignment]
        try:
            await asyncio.sleep(0.3)
        finally:
            hub._asked = ask
        spreading.close()
        return asked

    few, many = asyncio.run(questions(1)), asyncio.run(questions(100))
    assert 0 < many <= few * 2
