"""Reads over HTTP for the media door: signed addresses of the storage, without a thread, a block at a time.

Small on purpose: what it asks is GET and HEAD, what it is answered has a length. Connections are used again.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

BLOCK = 256 * 1024
CONNECT_SECONDS, HEAD_SECONDS, BLOCK_SECONDS = 4.0, 15.0, 30.0
IDLE_AT_MOST, IDLE_SECONDS = 16, 8.0  # of one address; services close what is idle for longer
_NO_BODY = {204, 304}

_Place = tuple[str, str, int]


class NotAnswered(Exception):
    """No connection, none in time, one that broke off, or an answer that is no HTTP."""


class NotInTime(NotAnswered):
    """It listens and does not answer: asking once more would only take as long again."""


@dataclass(frozen=True)
class _Connection:
    place: _Place
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def close(self) -> None:
        self.writer.transport.abort()


class Answer:
    """What was answered. Read it to its end, or `close` it: then what is still on its way is not waited for."""

    def __init__(self, connection: _Connection, status: int, headers: Mapping[str, str], length: int) -> None:
        self._connection, self.status, self.headers = connection, status, headers
        self.left = length
        self.is_closed = False
        self._end_if_read()

    async def block(self) -> bytes:
        """The next bytes, as many as are there; empty at the end. Raises NotAnswered."""
        if not self.left or self.is_closed:
            return b""
        try:
            async with asyncio.timeout(BLOCK_SECONDS):
                block = await self._connection.reader.read(min(BLOCK, self.left))
        except (OSError, TimeoutError) as error:
            self.close()
            raise NotAnswered(str(error)) from error
        if not block:
            return self._cut_off()
        self.left -= len(block)
        self._end_if_read()
        return block

    def _cut_off(self) -> bytes:
        if self.is_closed:  # by us, while we waited
            return b""
        self.close()
        raise NotAnswered("the answer ended early")

    def close(self) -> None:
        """Also while another waits in `block`, which then ends."""
        if not self.is_closed:
            self.is_closed = True
            self._connection.close()

    def _end_if_read(self) -> None:
        if self.left or self.is_closed:
            return
        if self.headers.get("connection", "").lower() == "close":
            self.close()
        else:
            self.is_closed = True
            _keep(self._connection)


async def ask(method: str, url: str, headers: Mapping[str, str]) -> Answer:
    """Raises NotAnswered. An error's body is not read."""
    parts = urlsplit(url)
    place = (parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    lines = [f"{method} {parts.path}?{parts.query} HTTP/1.1", f"Host: {parts.netloc}", "Accept-Encoding: identity"]
    request = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "\r\n"]).encode("latin-1")
    while (kept := _kept(place)) is not None:
        try:  # the service may just have closed it: then another, and a new one in the end
            return await _ask(kept, method, request)
        except NotInTime:
            raise
        except NotAnswered:
            continue
    return await _ask(await _connect(place), method, request)


async def _ask(connection: _Connection, method: str, request: bytes) -> Answer:
    try:
        async with asyncio.timeout(HEAD_SECONDS):
            connection.writer.write(request)
            head = await connection.reader.readuntil(b"\r\n\r\n")
        status, headers = _parse(head)
        has_body = method != "HEAD" and status not in _NO_BODY
        answer = Answer(connection, status, headers, int(headers.get("content-length", "-1")) if has_body else 0)
    except TimeoutError as error:
        connection.close()
        raise NotInTime(f"no answer within {HEAD_SECONDS} s") from error
    except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
        connection.close()
        raise NotAnswered(str(error)) from error
    except BaseException:
        connection.close()
        raise
    if status >= 300 or answer.left < 0:  # an error's words, or a body of unknown length: neither is of use
        answer.close()
    return answer


async def _connect(place: _Place) -> _Connection:
    scheme, host, port = place
    secure = _tls() if scheme == "https" else None
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(host, port, ssl=secure, limit=BLOCK)
    except (OSError, TimeoutError) as error:
        raise NotAnswered(str(error)) from error
    return _Connection(place, reader, writer)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _parse(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    version, status, *_ = first.split(" ", 2)
    if not version.startswith("HTTP/1."):
        raise ValueError(first)
    pairs = (line.partition(":") for line in lines)
    return int(status), {name.strip().lower(): value.strip() for name, _, value in pairs}


# ---- connections that wait for the next question; an event loop cannot use another's ----

_Idle = list[tuple[_Connection, float]]
_idle: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_Place, _Idle]] = WeakKeyDictionary()


def _keep(connection: _Connection) -> None:
    idle = _idle.setdefault(asyncio.get_running_loop(), {}).setdefault(connection.place, [])
    idle.append((connection, time.monotonic()))
    if len(idle) > IDLE_AT_MOST:
        idle.pop(0)[0].close()


def _kept(place: _Place) -> _Connection | None:
    idle = _idle.get(asyncio.get_running_loop(), {}).get(place, [])
    while idle:
        connection, since = idle.pop()
        if time.monotonic() - since < IDLE_SECONDS and not connection.reader.at_eof():
            return connection
        connection.close()
    return None


def close_idle() -> None:
    """Before this loop ends."""
    for idle in _idle.pop(asyncio.get_running_loop(), {}).values():
        for connection, _ in idle:
            connection.close()
