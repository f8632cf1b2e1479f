"""A real uvicorn on a free port of this machine, for one raw ASGI application."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import uvicorn

from media_pipeline.storage import fetching
from tests.media_pipeline.asgi import Answer


class Served:
    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, url, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())

    def many(self, requests: list[tuple[str, str, bytes | None]]) -> list[Answer]:
        """All at once, each on its own connection."""
        with ThreadPoolExecutor(len(requests)) as threads:
            return list(threads.map(lambda request: self.ask(*request), requests))

    def hang_up(self, method: str, url: str, body: bytes, *, announced: int, once: Callable[[], bool]) -> None:
        """Send the beginning of a body, and go once the server is at it."""
        head = f"{method} {url} HTTP/1.1\r\nhost: test\r\ncontent-length: {announced}\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(head + body)
            while not once():
                time.sleep(0.01)


def _living(app: Any) -> Any:
    """With the end that config.asgi gives the doors."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        for word in ("startup", "shutdown"):
            await receive()
            if word == "shutdown":
                fetching.close_idle()
            await send({"type": f"lifespan.{word}.complete"})

    return application


@contextmanager
def served(app: Any) -> Iterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(_living(app), lifespan="on", ws="none", log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield Served(listening.getsockname()[1])
        server.should_exit = True
        thread.join(60)
    assert not thread.is_alive()
