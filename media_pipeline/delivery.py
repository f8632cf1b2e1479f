"""The door that gives out media on local storage: `GET /media/<exp>-<sig>/<asset>/<package>/<file>`, raw ASGI.

Checks what nginx's secure_link checks, so that either can stand here. Without session or query.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, TypeVar

from media_pipeline import byte_ranges, paths, storage
from media_pipeline.byte_ranges import Span, Unsatisfiable
from media_pipeline.door_answers import Header, Receive, Scope, Send, empty, header, refuse, start
from media_pipeline.storage.base import BadKey
from ui.sentences import Refused

Answer = TypeVar("Answer")
BLOCK = 256 * 1024  # Django's 4 KiB blocks leave at a twentieth of the speed
TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mp4": "video/mp4",
    ".m4s": "video/iso.segment",
    ".jpg": "image/jpeg",
    ".vtt": "text/vtt; charset=utf-8",
}
# A package is written once. Playlists are asked for again after an hour all the same: they are small, and a player
# that holds an old address learns early that it has expired.
_PLAYLISTS = {".m3u8": "private, max-age=3600"}
_FOR_GOOD = "private, max-age=604800, immutable"
_PATH = re.compile(
    r"/media/(?P<exp>[0-9]{1,15})-(?P<sig>[A-Za-z0-9_-]{1,64})"
    r"/(?P<asset>[1-9A-Za-z]{1,32})/(?P<package>[1-9A-Za-z]{1,32})/(?P<file>[A-Za-z0-9._/-]{1,120})"
)
_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="delivery")


@dataclass(frozen=True)
class Found:
    """An open file and what is said about it."""

    file: BinaryIO
    size: int
    changed_at: float
    kind: str

    @property
    def etag(self) -> str:
        return f'"{int(self.changed_at * 1000):x}-{self.size:x}"'

    def headers(self) -> list[Header]:
        return [
            ("content-type", TYPES[self.kind]),
            ("etag", self.etag),
            ("last-modified", formatdate(self.changed_at, usegmt=True)),
            ("cache-control", _PLAYLISTS.get(self.kind, _FOR_GOOD)),
            ("accept-ranges", "bytes"),
            ("x-content-type-options", "nosniff"),
        ]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    wants_body = scope["method"] != "HEAD"
    try:
        key = _key(scope, now=time.time())
        found = await _in_thread(lambda: _open(key))
    except Refused as refused:
        about = [("allow", "GET, HEAD")] if refused.status == 405 else []
        await refuse(send, refused, about, with_body=wants_body)
        return
    try:
        await _answer(scope, receive, send, found)
    finally:
        found.file.close()


async def _answer(scope: Scope, receive: Receive, send: Send, found: Found) -> None:
    wants_body = scope["method"] != "HEAD"
    if _is_unchanged(scope, found):
        await empty(send, 304, found.headers())
        return
    try:
        span = byte_ranges.wanted(header(scope, "range"), found.size) if _may_range(scope, found) else None
    except Unsatisfiable:
        refused = Refused("range_not_satisfiable", status=416, size=found.size)
        await refuse(send, refused, [("content-range", f"bytes */{found.size}")], with_body=wants_body)
        return
    about = found.headers()
    if span is not None:
        about.append(("content-range", f"bytes {span.start}-{span.end - 1}/{found.size}"))
    status, span = (200, Span(0, found.size)) if span is None else (206, span)
    await start(send, status, [*about, ("content-length", str(len(span)))])
    if wants_body:
        await _send_span(receive, send, found.file, span)
    else:
        await send({"type": "http.response.body", "body": b""})


async def _send_span(receive: Receive, send: Send, file: BinaryIO, span: Span) -> None:
    """Block by block, no faster than the client takes them, and no longer than it is there."""
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        at = span.start
        while at < span.end and not gone.done():
            block = await _in_thread(_reading(file, min(BLOCK, span.end - at), at))
            if not block:  # cut off under us; the short answer tells the client
                return
            at += len(block)
            await send({"type": "http.response.body", "body": block, "more_body": at < span.end})
        if span.start == span.end:
            await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


def _reading(file: BinaryIO, length: int, at: int) -> Callable[[], bytes]:
    return lambda: os.pread(file.fileno(), length, at)


def _key(scope: Scope, *, now: float) -> str:
    if scope["method"] not in {"GET", "HEAD"}:
        raise Refused("method_not_allowed", status=405, methods="GET, HEAD")
    path = _PATH.fullmatch(scope["path"])
    if path is None:
        raise Refused("media_not_found", status=404)
    exp = int(path["exp"])
    if not paths.holds(path["sig"], exp, path["asset"]):
        raise Refused("media_link_invalid", status=403)
    if exp < now:
        raise Refused("media_link_expired", status=403)
    return f"packages/{path['asset']}/{path['package']}/{path['file']}"


def _open(key: str) -> Found:
    kind = PurePosixPath(key).suffix
    try:
        path = _local_path(key)
        if path is None or kind not in TYPES:
            raise Refused("media_not_found", status=404)
        file = path.open("rb")
    except (BadKey, FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise Refused("media_not_found", status=404) from error
    facts = os.fstat(file.fileno())
    return Found(file, facts.st_size, facts.st_mtime, kind)


def _local_path(key: str) -> Path | None:
    engine = storage.local_engine()
    return engine.path(key) if engine else None


def _is_unchanged(scope: Scope, found: Found) -> bool:
    if known := header(scope, "if-none-match"):
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        return found.etag in tags or "*" in tags
    return _same_second(header(scope, "if-modified-since"), found)


def _may_range(scope: Scope, found: Found) -> bool:
    """If-Range: a part is only of use to who holds the rest of the same file."""
    condition = header(scope, "if-range")
    return not condition or condition == found.etag or _same_second(condition, found)


def _same_second(date: str, found: Found) -> bool:
    try:
        return bool(date) and parsedate_to_datetime(date).timestamp() >= int(found.changed_at)
    except ValueError:
        return False


async def _in_thread(work: Callable[[], Answer]) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(_threads, work)
