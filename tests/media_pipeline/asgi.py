"""Calls a raw ASGI application without a server between, so that a test can break a connection where it likes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from media_pipeline.storage import fetching

GONE = object()  # in place of a piece of the body: the client hangs up
SILENCE = object()  # in place of a piece of the body: nothing comes any more


@dataclass(frozen=True)
class Answer:
    """`status` 0: the application said nothing."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)  # type: ignore[no-any-return]


def call(app: Any, method: str, url: str, pieces: Iterable[Any] = (), headers: dict[str, str] | None = None) -> Answer:
    """The answer to one request; `pieces` of the body arrive one by one, those that are functions when called."""
    return asyncio.run(_call(app, method, url, list(pieces), headers or {}))


async def _call(app: Any, method: str, url: str, pieces: list[Any], headers: dict[str, str]) -> Answer:
    path, _, query = url.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    sent: list[dict[str, Any]] = []
    waiting = pieces or [b""]

    async def receive() -> dict[str, Any]:
        if not waiting or waiting[0] is SILENCE:
            await asyncio.Event().wait()
        piece = waiting.pop(0)
        if piece is GONE:
            return {"type": "http.disconnect"}
        if callable(piece):
            piece = piece()
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    try:
        await app(scope, receive, send)
    finally:
        fetching.close_idle()  # they belong to this loop, which ends now
    if not sent:
        return Answer(0, {}, b"")
    said = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    assert [message.get("more_body", False) for message in sent[1:]] == [True] * (len(sent) - 2) + [False]
    return Answer(sent[0]["status"], said, b"".join(message["body"] for message in sent[1:]))
