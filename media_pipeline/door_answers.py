"""What the raw ASGI doors of this app say, and how they hear a request's body to its end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from ui.sentences import Refused

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Header = tuple[str, str]

DRAIN_AT_MOST = 32 * 1024 * 1024
DRAIN_SECONDS = 20.0


class ClientGone(Exception):
    """The connection ended before the body did; there is nobody left to answer."""


class Body:
    """The body of one request."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.ended = False

    async def pieces(self, patience: float) -> AsyncIterator[bytes]:
        """The body as it arrives; TimeoutError if nothing comes for `patience` seconds."""
        while not self.ended:
            async with asyncio.timeout(patience):
                message = await self._receive()
            if message["type"] == "http.disconnect":
                self.ended = True
                raise ClientGone
            self.ended = not message.get("more_body", False)
            yield message.get("body", b"")

    async def drain(self) -> None:
        """Hear the rest out, within bounds: a browser that is still sending would not see our answer otherwise."""
        heard = 0
        async with asyncio.timeout(DRAIN_SECONDS):
            async for piece in self.pieces(DRAIN_SECONDS):
                heard += len(piece)
                if heard > DRAIN_AT_MOST:
                    return


def header(scope: Scope, name: str) -> str:
    wanted = name.lower().encode()
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == wanted), "")


async def start(send: Send, status: int, headers: Iterable[Header]) -> None:
    encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": encoded})


async def empty(send: Send, status: int, headers: Iterable[Header] = ()) -> None:
    await start(send, status, [("content-length", "0"), *headers])
    await send({"type": "http.response.body", "body": b""})


async def refuse(send: Send, refused: Refused, headers: Iterable[Header] = (), *, with_body: bool = True) -> None:
    """The one error shape of the API."""
    body = json.dumps(refused.as_json(), ensure_ascii=False).encode()
    about = [
        ("content-type", "application/json; charset=utf-8"),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ]
    await start(send, refused.status, [*about, *headers])
    await send({"type": "http.response.body", "body": body if with_body else b""})
