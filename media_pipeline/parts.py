"""The door that takes upload parts on local storage: `PUT /parts/<upload>/<number>?exp=&size=&sig=`, raw ASGI.

Admitted by the signed address alone, without session or query, because slow phones would hold Django's few threads.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from media_pipeline import storage
from media_pipeline.door_answers import Body, ClientGone, Receive, Scope, Send, empty, header, refuse
from media_pipeline.storage import part_links
from media_pipeline.storage.base import MultipartGone, MultipartSealed, Part
from media_pipeline.storage.incoming import PartIncomplete, PartOvertaken, PartWriter
from ui.sentences import Refused

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")

BLOCK = 512 * 1024  # written at a time: few hops to a thread, little memory for each of many slow phones
STALL_SECONDS = 60.0
_PATH = re.compile(r"/parts/(?P<id>[1-9A-Za-z]{1,32})/(?P<number>[1-9][0-9]{0,4})")
_NUMBER = re.compile(r"[0-9]{1,15}")
_MORE = {405: [("allow", "PUT")], 503: [("retry-after", "1")]}
_FULL = {errno.ENOSPC, errno.EDQUOT}
# Disks do not get faster from more than a few writers; waiting bodies wait in their sockets.
_threads = ThreadPoolExecutor(max_workers=6, thread_name_prefix="parts")


@dataclass(frozen=True)
class Ticket:
    """What a signed address allows: exactly `size` bytes as this part."""

    storage_id: str
    number: int
    size: int


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    body = Body(receive)
    try:
        part = await _take(scope, body)
    except ClientGone:
        return
    except Refused as refused:
        try:
            await body.drain()
        except (ClientGone, TimeoutError):
            return
        await refuse(send, refused, _MORE.get(refused.status, ()))
    else:
        await empty(send, 200, [("etag", f'"{part.etag}"')])


async def _take(scope: Scope, body: Body) -> Part:
    ticket = _ticket(scope, now=time.time())
    _check_length(header(scope, "content-length"), ticket)
    writer = await _guarded(ticket, lambda: _local().part_writer(ticket.storage_id, ticket.number, ticket.size))
    with writer:
        await _write(ticket, writer, body)
        wanted = header(scope, "x-part-sha256").lower()
        if wanted and wanted != writer.digest:
            raise Refused("part_damaged", status=422)
        return await _guarded(ticket, writer.finish)


async def _write(ticket: Ticket, writer: PartWriter, body: Body) -> None:
    waiting = bytearray()
    try:
        async for piece in body.pieces(STALL_SECONDS):
            waiting += piece
            if len(waiting) >= BLOCK:
                await _guarded(ticket, _writing(writer, waiting))
                waiting = bytearray()
    except TimeoutError as error:
        raise Refused("part_stalled", status=408) from error
    if waiting:
        await _guarded(ticket, _writing(writer, waiting))


def _writing(writer: PartWriter, block: bytearray) -> Callable[[], None]:
    return lambda: writer.write(bytes(block))


async def _guarded(ticket: Ticket, work: Callable[[], Answer]) -> Answer:
    """Do `work` in a thread; what can go wrong in it becomes a sentence."""
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work)
    except MultipartGone as error:
        raise Refused("upload_closed", status=410) from error
    except MultipartSealed as error:
        raise Refused("upload_complete", status=409) from error
    except PartOvertaken as error:
        # Every client takes 503 for "again, soon". It may be needed: the bytes of a dead connection can reach us last.
        raise Refused("part_overtaken", status=503) from error
    except PartIncomplete as error:
        raise Refused("part_wrong_size", status=400, size=ticket.size) from error
    except OSError as error:
        if error.errno not in _FULL:
            raise
        logger.error("storage is full", extra={"upload": ticket.storage_id})
        raise Refused("storage_full", status=507) from error


def _ticket(scope: Scope, *, now: float) -> Ticket:
    if scope["method"] != "PUT":
        raise Refused("method_not_allowed", status=405, methods="PUT")
    path = _PATH.fullmatch(scope["path"])
    if path is None or storage.local_engine() is None:
        raise Refused("upload_closed", status=404)
    asked: dict[str, Any] = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    if not all(_NUMBER.fullmatch(asked.get(name, "")) for name in ("exp", "size")):
        raise Refused("part_link_invalid", status=403)
    exp, ticket = int(asked["exp"]), Ticket(path["id"], int(path["number"]), int(asked["size"]))
    if not part_links.holds(asked.get("sig", ""), ticket.storage_id, ticket.number, size=ticket.size, exp=exp):
        raise Refused("part_link_invalid", status=403)
    if exp < now:
        raise Refused("part_link_expired", status=403)
    return ticket


def _check_length(announced: str, ticket: Ticket) -> None:
    """Said before anything is written, so that what is there already stays."""
    if announced and announced != str(ticket.size):
        raise Refused("part_wrong_size", status=400, size=ticket.size)


def _local() -> storage.LocalStorage:
    engine = storage.local_engine()
    if engine is None:
        raise MultipartGone
    return engine
