"""One port for everything: the raw ASGI doors by path, all else to Django as WSGI in a few threads.

Why doors, and why Django stays synchronous: docs/decisions/0002-doors-in-front-of-django.md.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from a2wsgi import WSGIMiddleware

from config.wsgi import application as django  # first: it sets Django up

from engagement import beats  # isort: skip  # needs Django set up
from media_pipeline import delivery, parts  # isort: skip
from push import stream  # isort: skip

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger(__name__)
# Pages take about ten milliseconds; four at a time is plenty for one process, and slow clients wait in the doors.
pages: App = WSGIMiddleware(django, workers=4)


def door_for(method: str, path: str) -> App:
    """The application that answers `method path`. Also read by the test of who may call what."""
    if path.startswith("/media/"):
        return delivery.app
    if path.startswith("/parts/"):
        return parts.app
    if path == "/api/v1/events" and method == "GET":
        return stream.app
    if path == "/api/v1/beats":
        return beats.app
    return pages


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await door_for(scope["method"], scope["path"])(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _live(receive, send)
    else:  # web sockets: not spoken here
        await send({"type": "websocket.close", "code": 1000})


async def _live(receive: Receive, send: Send) -> None:
    """Close open streams and write out gathered beats before the process ends."""
    await receive()
    # uvicorn waits for open streams before it says that it shuts down, so they must hear the signal themselves.
    stream.end_on(signal.SIGTERM, signal.SIGINT)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await stream.shutdown()
    await beats.shutdown()
    await delivery.shutdown()
    await send({"type": "lifespan.shutdown.complete"})
