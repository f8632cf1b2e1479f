"""The door that gives out media: `GET /media/<exp>-<sig>/<asset>/<package>/<file>`, raw ASGI.

Checks what nginx's secure_link checks, so that either can stand here. Without session or query. Whether the bytes come
from a disk or from S3 is not seen from outside; where nginx stands in front, it is told where S3 has them.
"""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import aclosing
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.conf import settings

from media_pipeline import byte_ranges, media_files, media_types, paths
from media_pipeline.byte_ranges import Span, Unsatisfiable
from media_pipeline.door_answers import Header, Receive, Scope, Send, empty, header, refuse, start
from media_pipeline.media_files import Facts, MediaFile
from media_pipeline.storage import fetching
from ui.sentences import Refused

BY_NGINX = "/media-in-s3"  # what docker/media-from-s3.conf calls the service
_MORE = {405: [("allow", "GET, HEAD")], 503: [("retry-after", "2")]}
_PATH = re.compile(
    r"/media/(?P<exp>[0-9]{1,15})-(?P<sig>[A-Za-z0-9_-]{1,64})"
    r"/(?P<asset>[1-9A-Za-z]{1,32})/(?P<package>[1-9A-Za-z]{1,32})/(?P<file>[A-Za-z0-9._/-]{1,120})"
)

# `?name=` of a file to take along; nothing else in a query is looked at.
_NAME = re.compile(r"name=((?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2}){1,800})")


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        key = _key(scope, now=time.time())
        if settings.MEDIA_BY_NGINX and (link := await media_files.link_to(key, scope["method"])):
            await _hand_over(scope, send, key, link)
            return
        media = await _find(scope, key)
    except Refused as refused:
        await refuse(send, refused, _MORE.get(refused.status, ()), with_body=scope["method"] != "HEAD")
        return
    try:
        await _answer(scope, receive, send, media)
    finally:
        media.close()


async def shutdown() -> None:
    """Before the process ends."""
    fetching.close_idle()


async def _hand_over(scope: Scope, send: Send, key: str, link: str) -> None:
    """nginx fetches it itself; the type and how long it keeps are told by S3, which knows them from us."""
    parts = urlsplit(link)
    about = [("x-accel-redirect", f"{BY_NGINX}{parts.path}?{parts.query}"), ("content-type", media_types.of(key))]
    await empty(send, 200, [*about, *_to_save(scope, key)])


async def _find(scope: Scope, key: str) -> MediaFile:
    """Who has a version already, or wants none, asks only for the facts first."""
    conditional = any(header(scope, name) for name in ("if-none-match", "if-modified-since"))
    only_facts = conditional or scope["method"] == "HEAD"
    return await media_files.find(key, asked_range=header(scope, "range"), only_facts=only_facts)


async def _answer(scope: Scope, receive: Receive, send: Send, media: MediaFile) -> None:
    wants_body, facts = scope["method"] != "HEAD", media.facts
    if _is_unchanged(scope, facts):
        await empty(send, 304, facts.headers())
        return
    try:
        span = byte_ranges.wanted(header(scope, "range"), facts.size) if _may_range(scope, facts) else None
    except Unsatisfiable:
        refused = Refused("range_not_satisfiable", status=416, size=facts.size)
        await refuse(send, refused, [("content-range", f"bytes */{facts.size}")], with_body=wants_body)
        return
    about = [*facts.headers(), *_to_save(scope, facts.key)]
    if span is not None:
        about.append(("content-range", f"bytes {span.start}-{span.end - 1}/{facts.size}"))
    status, span = (200, Span(0, facts.size)) if span is None else (206, span)
    await start(send, status, [*about, ("content-length", str(len(span)))])
    if wants_body:
        await _send_span(receive, send, media, span)
    else:
        await send({"type": "http.response.body", "body": b""})


async def _send_span(receive: Receive, send: Send, media: MediaFile, span: Span) -> None:
    """Block by block, no faster than the client takes them, and no longer than it is there."""
    gone = asyncio.ensure_future(_until_gone(receive))
    gone.add_done_callback(lambda _: media.hang_up())
    try:
        at = span.start
        async with aclosing(media.blocks(span)) as blocks:
            async for block in blocks:
                at += len(block)
                await send({"type": "http.response.body", "body": block, "more_body": at < span.end})
                if gone.done():
                    return
        if span.start == span.end:
            await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


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


def _to_save(scope: Scope, key: str) -> list[Header]:
    """The file to take along is saved, under the name that its link gives: escaped there, and handed on as it is."""
    if not key.endswith(f"/{media_types.DOWNLOAD}"):
        return []
    given = _NAME.fullmatch(scope["query_string"].decode("latin-1"))
    name = f"{given[1]}.mp4" if given else media_types.DOWNLOAD
    return [("content-disposition", f"attachment; filename*=UTF-8''{name}")]


def _is_unchanged(scope: Scope, facts: Facts) -> bool:
    if known := header(scope, "if-none-match"):
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        return facts.etag in tags or "*" in tags
    return _same_second(header(scope, "if-modified-since"), facts)


def _may_range(scope: Scope, facts: Facts) -> bool:
    """If-Range: a part is only of use to who holds the rest of the same file."""
    condition = header(scope, "if-range")
    return not condition or condition == facts.etag or _same_second(condition, facts)


def _same_second(date: str, facts: Facts) -> bool:
    try:
        return bool(date) and parsedate_to_datetime(date).timestamp() >= int(facts.changed_at)
    except ValueError:
        return False
