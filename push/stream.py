"""The stream door: GET /api/v1/events?token=…[&after=<id>], server-sent events. Raw ASGI; no thread a client.

A token (push.tokens) says which channels. `Last-Event-ID`, or `after`, continues where a broken stream ended; an event
may then come a second time (same id), but none is left out.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from types import FrameType
from typing import Any
from urllib.parse import parse_qs

from push import tokens
from push.hub import Listener, hub, missed
from ui.sentences import Refused

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HEARTBEAT = 15.0  # seconds; proxies close what is silent for longer
RETRY_MS = 2000
GOODBYE = 1.0  # seconds for a slow client to take the end of its stream; after that the server cuts it off


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["method"] != "GET":
        await _refuse(send, Refused("stream_only_get", status=405))
        return
    query = parse_qs(scope["query_string"].decode("latin-1"))
    try:
        channels = frozenset(tokens.read(query.get("token", [""])[0]))
    except tokens.BadToken:
        await _refuse(send, Refused("stream_token_bad", status=403))
        return
    await _stream(channels, _after(scope, query), receive, send)


async def shutdown() -> None:
    """End all streams, so that the server can stop, and let go of the database."""
    await hub.close()


def end_on(*signals: signal.Signals) -> None:
    """End all streams the moment the process is told to stop; whoever handled the signal before still does.

    uvicorn waits for open streams before it tells its lifespan to shut down. Call this at the lifespan's startup.
    """
    loop = asyncio.get_running_loop()
    for number in signals:
        before = signal.getsignal(number)

        def end(number: int, frame: FrameType | None, before: Any = before) -> None:
            loop.call_soon_threadsafe(hub.end_all)
            if callable(before):
                before(number, frame)

        signal.signal(number, end)


async def _stream(channels: frozenset[str], after: int | None, receive: Receive, send: Send) -> None:
    """Send until the client goes, falls too far behind, or the server stops."""
    await _begin(send)
    listener = hub.listen(channels)
    gone = asyncio.create_task(_gone(receive))
    over = asyncio.create_task(listener.over.wait())
    passing = asyncio.create_task(_pass_on(listener, after, send))
    try:
        await asyncio.wait({gone, over, passing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        hub.leave(listener)
        for task in (gone, over, passing):
            task.cancel()
        await asyncio.gather(gone, over, passing, return_exceptions=True)
    if not passing.cancelled():
        passing.result()  # it only ends by an error
    if gone.cancelled():
        await _end(send)


async def _pass_on(listener: Listener, after: int | None, send: Send) -> None:
    """First what was missed since `after`, then what comes; a comment when nothing comes for a while."""
    await listener.begun.wait()
    told: set[int] = set()  # what was missed may also have begun to come
    if after is not None:
        async for message in missed(listener.channels, after):
            told.add(message.id)
            await _write(send, message.frame)
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT):
                message = await listener.waiting.get()
        except TimeoutError:
            await _write(send, b": still here\n\n")
            continue
        if message.id not in told:
            await _write(send, message.frame)


async def _begin(send: Send) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-cache, no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await _write(send, f"retry: {RETRY_MS}\n\n".encode())


async def _write(send: Send, text: bytes) -> None:
    await send({"type": "http.response.body", "body": text, "more_body": True})


async def _end(send: Send) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(GOODBYE):
            await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, refused: Refused) -> None:
    body = json.dumps(refused.as_json(), ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _after(scope: Scope, query: dict[str, list[str]]) -> int | None:
    headers = dict(scope["headers"])
    given = headers.get(b"last-event-id", b"").decode("latin-1") or query.get("after", [""])[0]
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
