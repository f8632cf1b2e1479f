"""A file of a package as the media door gives it: open on this disk, or read from the storage's service as it is sent.

Both are found by a key, say the same facts, and give bytes a block at a time, no faster than they are taken.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from media_pipeline import byte_ranges, media_types, storage
from media_pipeline.byte_ranges import Span
from media_pipeline.storage import fetching
from media_pipeline.storage.base import BadKey
from media_pipeline.storage.fetching import NotAnswered
from ui.sentences import Refused

Answer = TypeVar("Answer")
BLOCK = 256 * 1024  # Django's 4 KiB blocks leave at a twentieth of the speed
TAKEN_UP_AT_MOST = 3  # times in a row that a file is gone on with where the service broke off
_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="delivery")


@dataclass(frozen=True)
class Facts:
    key: str
    size: int
    changed_at: float
    etag: str

    def headers(self) -> list[tuple[str, str]]:
        return [
            ("content-type", media_types.of(self.key)),
            ("etag", self.etag),
            ("last-modified", formatdate(self.changed_at, usegmt=True)),
            ("cache-control", media_types.keeps(self.key)),
            ("accept-ranges", "bytes"),
            ("x-content-type-options", "nosniff"),
        ]


class MediaFile(Protocol):
    facts: Facts

    def blocks(self, span: Span) -> AsyncGenerator[bytes, None]:
        """These bytes; fewer if the file was cut off under us or the service is away, which the client can tell."""

    def hang_up(self) -> None:
        """Nobody listens any more: stop what is on its way."""

    def close(self) -> None: ...


async def find(key: str, *, asked_range: str, only_facts: bool) -> MediaFile:
    """The file `key`; Refused 404 if there is none, 503 if the service cannot say.

    `asked_range` is the client's Range, which may save a question to the service; `only_facts`: no bytes yet.
    """
    if not media_types.of(key):
        raise Refused("media_not_found", status=404)
    path, link = await in_thread(lambda: _where(key, "HEAD" if only_facts else "GET"))
    if path is not None:
        return await in_thread(lambda: OnDisk(key, path))
    return await InService.find(key, link, asked_range=asked_range, only_facts=only_facts)


async def link_to(key: str, method: str) -> str:
    """Where a proxy of ours finds `key` by itself; empty if it lies on disk."""
    if not media_types.of(key):
        raise Refused("media_not_found", status=404)
    return (await in_thread(lambda: _where(key, method)))[1]


def _where(key: str, method: str) -> tuple[Path | None, str]:
    engine = storage.default()
    try:
        return engine.path(key), engine.read_link(key, method) or ""
    except BadKey as error:
        raise Refused("media_not_found", status=404) from error


class OnDisk:
    def __init__(self, key: str, path: Path) -> None:
        try:
            self._file: BinaryIO = path.open("rb")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise Refused("media_not_found", status=404) from error
        found = os.fstat(self._file.fileno())
        etag = f'"{int(found.st_mtime * 1000):x}-{found.st_size:x}"'
        self.facts = Facts(key, found.st_size, found.st_mtime, etag)

    async def blocks(self, span: Span) -> AsyncGenerator[bytes, None]:
        at = span.start
        while at < span.end:
            block = await in_thread(self._reading(min(BLOCK, span.end - at), at))
            if not block:
                return
            at += len(block)
            yield block

    def _reading(self, length: int, at: int) -> Callable[[], bytes]:
        return lambda: os.pread(self._file.fileno(), length, at)

    def hang_up(self) -> None:
        """A thread may be reading: whoever sends looks between blocks."""

    def close(self) -> None:
        self._file.close()


class InService:
    """One answer of the service at a time: the one that told the facts, as long as it is what is wanted."""

    def __init__(self, key: str, answer: fetching.Answer) -> None:
        self._key, self._answer, self._is_over = key, answer, False
        about = answer.headers
        first, _, rest = about.get("content-range", "").removeprefix("bytes ").partition("-")
        self._at = int(first) if rest else 0
        size = int(rest.partition("/")[2]) if rest else int(about["content-length"])
        changed_at = parsedate_to_datetime(about["last-modified"]).timestamp()
        self.facts = Facts(key, size, changed_at, about["etag"])

    @classmethod
    async def find(cls, key: str, link: str, *, asked_range: str, only_facts: bool) -> InService:
        method = "HEAD" if only_facts else "GET"
        about = {"Range": asked_range.strip()} if not only_facts and byte_ranges.is_one(asked_range) else {}
        answer = await _asked(method, link, about)
        if answer.status == 416:  # the size is needed to say so
            head = await in_thread(lambda: _where(key, "HEAD")[1])
            answer = await _asked("HEAD", head, {})
        try:
            return cls(key, answer)
        except (KeyError, ValueError) as error:
            answer.close()
            raise Refused("media_unavailable", status=503) from error

    async def blocks(self, span: Span) -> AsyncGenerator[bytes, None]:
        at, again = span.start, 0
        while at < span.end and not self._is_over:
            try:
                if self._answer.is_closed or self._at != at or self._answer.left < span.end - at:
                    await self._ask(Span(at, span.end))
                block = (await self._answer.block())[: span.end - at]
            except NotAnswered:
                again += 1
                if again > TAKEN_UP_AT_MOST or self._is_over:
                    return
                continue
            if not block:
                return
            at, again = at + len(block), 0
            self._at = at
            yield block

    async def _ask(self, span: Span) -> None:
        """For these bytes of the same version: those of two would make neither."""
        self._answer.close()
        link = await in_thread(lambda: _where(self._key, "GET")[1])
        about = {"Range": f"bytes={span.start}-{span.end - 1}", "If-Match": self.facts.etag}
        answer = await fetching.ask("GET", link, about)
        if self._is_over or answer.status != 206:
            answer.close()
            raise NotAnswered(f"answered {answer.status}")
        self._answer, self._at = answer, span.start

    def hang_up(self) -> None:
        self._is_over = True
        self._answer.close()

    def close(self) -> None:
        self._answer.close()


async def _asked(method: str, link: str, about: dict[str, str]) -> fetching.Answer:
    try:
        answer = await fetching.ask(method, link, about)
    except NotAnswered as error:
        raise Refused("media_unavailable", status=503) from error
    if answer.status == 404:
        raise Refused("media_not_found", status=404)
    if answer.status not in {200, 206, 416}:
        raise Refused("media_unavailable", status=503)
    return answer


async def in_thread(work: Callable[[], Answer]) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(_threads, work)
