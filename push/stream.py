"""The stream door: GET /api/v1/events?token=…[&after=<id>], server-sent events. Raw ASGI; no thread a client.

A token (push.tokens) says which channels. `Last-Event-ID`, or `after`, continues where a broken stream ended.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from push import tokens
from push.hub import Listener, Message, hub
from ui.sentences import Refused

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HEARTBEAT = 15.0  # seconds; proxies close what is silent for longer
RETRY_MS = 2000


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    query = parse_qs(scope["query_string"].decode("latin-1"))
    try:
        channels = frozenset(tokens.read(query.get("token", [""])[0]))
    except tokens.BadToken:
        await _refuse(send)
        return
    listener = await hub.listen(channels, after=_after(scope, query))
    gone = asyncio.create_task(_gone(receive))
    try:
        await _begin(send)
        while await _pass_on(listener, gone, send):
            pass
    finally:
        hub.leave(listener)
        gone.cancel()
    if not gone.done() or gone.cancelled():
        await send({"type": "http.response.body", "body": b""})


async def shutdown() -> None:
    """End all streams, so that the server can stop."""
    hub.close()


async def _begin(send: Send) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await _write(send, f"retry: {RETRY_MS}\n\n")


async def _pass_on(listener: Listener, gone: asyncio.Task[None], send: Send) -> bool:
    """Send the next event, or a comment when there is none for a while; false when it is over."""
    next_one = asyncio.ensure_future(listener.queue.get())
    await asyncio.wait({next_one, gone}, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
    if gone.done():
        next_one.cancel()
        return False
    if not next_one.done():
        next_one.cancel()
        await _write(send, ": still here\n\n")
        return True
    message = next_one.result()
    if message is None:
        return False
    await _write(send, frame(message))
    return True


def frame(message: Message) -> str:
    data = json.dumps({"channel": message.channel, **message.payload}, ensure_ascii=False)
    return f"id: {message.id}\nevent: {message.kind}\ndata: {data}\n\n"


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send) -> None:
    body = json.dumps(Refused("stream_token_bad").as_json(), ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _after(scope: Scope, query: dict[str, list[str]]) -> int | None:
    headers = dict(scope["headers"])
    given = headers.get(b"last-event-id", b"").decode("latin-1") or query.get("after", [""])[0]
    return int(given) if given.isdigit() and len(given) < 19 else None
