"""One browser's end of a stream, driving the door as a server would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from push import channels, hub, stream, tokens
from push.models import Event


class Browser:
    def __init__(self, *wanted: str, query: str = "", after: int | None = None, method: str = "GET") -> None:
        """Opens with a token for `wanted`, or with `query` as it is."""
        query = query or f"token={tokens.issue(list(wanted or ['member:1']))}"
        headers = [] if after is None else [(b"last-event-id", str(after).encode())]
        self.scope = {"type": "http", "method": method, "path": "/api/v1/events", "query_string": query.encode(),
                      "headers": headers}  # fmt: skip
        self.sent: list[dict[str, Any]] = []
        self.leaves = asyncio.Event()

    async def open(self) -> None:
        await stream.app(self.scope, self._receive, self._send)

    async def _receive(self) -> dict[str, Any]:
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.sent).decode()

    @property
    def ids(self) -> list[int]:
        return [int(line[4:]) for line in self.text.splitlines() if line.startswith("id: ")]


@asynccontextmanager
async def opened(browser: Browser) -> AsyncIterator[asyncio.Task[None]]:
    """The stream, open and heard by the hub; left at the end."""
    task = asyncio.create_task(browser.open())
    await until(lambda: stream.hub._begun.is_set() or task.done())
    try:
        yield task
    finally:
        browser.leaves.set()
        await asyncio.wait_for(task, 30)


async def until(holds: Callable[[], Any]) -> None:
    for _ in range(1500):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to hold")


def publish(channel: str = "member:1", **payload: Any) -> int:
    """Answers the event's id."""
    channels.publish(channel, "job", payload)
    return Event.objects.latest("id").pk


async def publish_aside(channel: str = "member:1", **payload: Any) -> int:
    """From a thread, on a connection that is closed again."""

    def work() -> int:
        try:
            return publish(channel, **payload)
        finally:
            hub.connection.close()

    return await asyncio.to_thread(work)
