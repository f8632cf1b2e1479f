"""The door for playback beats, POST /api/v1/beats: raw ASGI, without session or query (docs/decisions/0002).

Body, at most 64 KiB of JSON, as application/json or text/plain (sendBeacon can set no other header):
`{"token": …, "intervals": [{"uuid", "session", "seq", "start_ms", "end_ms", "rate", "hidden", "muted", "kind"}]}`.
Answered after the commit with `{"received": [uuid, …]}`: the player may forget those. Nothing is judged here.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, IntegrityError
from django.utils import timezone

from engagement import tokens
from engagement.gathering import Gatherer, record
from engagement.models import Beat
from engagement.tokens import PlayClaims
from ui.sentences import Refused

__all__ = ["app", "read", "record", "shutdown"]

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_BYTES = 64 * 1024
MAX_INTERVALS = 200
_INT_MAX = 2**31 - 1
_gatherer = Gatherer()


class _GoneError(Exception):
    """The client went away before its body was complete."""


async def app(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    try:
        status, body = 200, await _accept(scope, receive)
    except Refused as refused:
        status, body = refused.status, refused.as_json()
    except _GoneError:
        return
    await _answer(send, status, body)


async def shutdown() -> None:
    """Write out and fold what is gathered."""
    await asyncio.to_thread(_gatherer.close)


async def _accept(scope: MutableMapping[str, Any], receive: Receive) -> dict[str, Any]:
    if scope["method"] != "POST":
        raise Refused("beats_only_post", status=405)
    rows = read(await _body(receive), timezone.now())
    if rows:
        # Shielded: the rows of a client that goes away are written with the others', and nobody else is cancelled.
        written = asyncio.shield(asyncio.wrap_future(_gatherer.submit(rows)))
        try:
            await written
        except IntegrityError as error:
            raise Refused("beats_lecture_gone", status=410) from error
        except DatabaseError as error:
            logger.error("beats not written", extra={"error": str(error)})
            raise Refused("beats_not_now", status=503) from error
    return {"received": [str(row.uuid) for row in rows]}


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        body += message.get("body", b"")
        if len(body) > MAX_BYTES:
            raise Refused("beats_too_large", status=413)
        more = message.get("more_body", False)
    return bytes(body)


async def _answer(send: Send, status: int, body: dict[str, Any]) -> None:
    content = json.dumps(body, ensure_ascii=False).encode()
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if status == 405:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def read(body: bytes, now: datetime) -> list[Beat]:
    """Unsaved rows. Refuses what is no JSON of that form or has no valid token; keeps every claim that can be read."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused("beats_unreadable", status=400) from error
    if not isinstance(said, dict) or not isinstance(token := said.get("token"), str):
        raise Refused("beats_unreadable", status=400, field="token")
    claims = tokens.read(token, now=now)
    intervals = said.get("intervals")
    if not isinstance(intervals, list) or len(intervals) > MAX_INTERVALS:
        raise Refused("beats_unreadable", status=422, field="intervals")
    return [_row(one, claims, now) for one in intervals]


def _row(said: Any, claims: PlayClaims, now: datetime) -> Beat:
    if not isinstance(said, dict):
        raise Refused("beats_unreadable", status=422, field="intervals")
    kind = said.get("kind", Beat.Kind.INTERVAL)
    if kind not in Beat.Kind.values:
        raise Refused("beats_unreadable", status=422, field="kind")
    start_ms = _whole(said, "start_ms")
    return Beat(
        uuid=_uuid(said),
        member_id=claims.member,
        lecture_id=claims.lecture,
        cut_id=claims.cut,
        session=_session(said.get("session", claims.session)),
        kind=kind,
        seq=_whole(said, "seq", default=0),
        start_ms=start_ms,
        end_ms=_whole(said, "end_ms", default=start_ms if kind == Beat.Kind.PLAY else None),
        rate=_number(said, "rate", default=1),
        is_hidden=said.get("hidden") is True,
        is_muted=said.get("muted") is True,
        received_at=now,
    )


def _uuid(said: dict[str, Any]) -> UUID:
    try:
        return UUID(said["uuid"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Refused("beats_unreadable", status=422, field="uuid") from error


def _session(said: Any) -> str:
    """As claimed, made to fit its column. What is too long gets a mark that no session's id can begin with."""
    if not isinstance(said, str):
        raise Refused("beats_unreadable", status=422, field="session")
    plain = said.encode("ascii", "replace").decode().replace("\0", "?")
    return plain if len(plain) <= 10 else f"?{plain[:9]}"


def _number(said: dict[str, Any], name: str, default: float | None) -> float:
    """JSON as Python reads it may say Infinity and NaN; kept as 0, which no rule believes."""
    value = said.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused("beats_unreadable", status=422, field=name)
    if abs(value) > _INT_MAX:  # also tells infinity, and integers too long for a float
        return float(_INT_MAX if value > 0 else -_INT_MAX)
    return 0.0 if math.isnan(value) else float(value)


def _whole(said: dict[str, Any], name: str, default: float | None = None) -> int:
    return round(_number(said, name, default))
