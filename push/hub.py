"""Spreads new events to the streams of this process: one question a quarter second for all of them, none when idle."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import Error, connection

from push import cursor
from push.cursor import Cursor, Message

logger = logging.getLogger(__name__)

POLL = 0.25
POLL_BROKEN = 2.0  # while the database does not answer
QUEUE_SIZE = 200  # a client that falls further behind is dropped, and catches up by reconnecting
# One thread with one connection asks the database for all streams of the process.
_asker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="push")
Answer = TypeVar("Answer")


class Listener:
    """One open stream: what waits for it, whether anything can come yet (`begun`), whether it must end (`over`)."""

    def __init__(self, channels: frozenset[str], begun: asyncio.Event) -> None:
        self.channels, self.begun = channels, begun
        self.waiting: asyncio.Queue[Message] = asyncio.Queue(QUEUE_SIZE)
        self.over = asyncio.Event()

    def offer(self, message: Message) -> None:
        try:
            self.waiting.put_nowait(message)
        except asyncio.QueueFull:
            self.over.set()


class Hub:
    def __init__(self) -> None:
        self._by_channel: dict[str, set[Listener]] = {}
        self._listeners: set[Listener] = set()
        self._poller: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._listeners)

    def listen(self, channels: frozenset[str]) -> Listener:
        """A listener that, once it has begun, hears everything that becomes visible."""
        listener = Listener(channels, self._begun)
        if self._is_closed:
            listener.over.set()
            return listener
        self._listeners.add(listener)
        for channel in channels:
            self._by_channel.setdefault(channel, set()).add(listener)
        if self._poller is None:
            self._poller = asyncio.create_task(self._poll())
        return listener

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        for channel in listener.channels:
            others = self._by_channel.get(channel, set())
            others.discard(listener)
            if not others:
                self._by_channel.pop(channel, None)

    def end_all(self) -> None:
        """End every stream now and open no other."""
        self._is_closed = True
        for listener in self._listeners:
            listener.over.set()

    async def close(self) -> None:
        self.end_all()
        if self._poller is not None:
            self._poller.cancel()
        await ask(_let_go)

    async def _poll(self) -> None:
        reading: Cursor | None = None
        try:
            while self._listeners:
                pause = POLL
                try:
                    if reading is None:
                        reading = await ask(Cursor)
                        self._begun.set()
                    else:
                        self._spread(await ask(reading.read))
                except Error as error:
                    logger.warning("events not read", extra={"error": str(error)})
                    pause = POLL_BROKEN
                await asyncio.sleep(pause)
        finally:
            # No await between the last look at `_listeners` and here: whoever comes next starts a poller of its own.
            self._poller = None
            self._begun.clear()

    def _spread(self, messages: list[Message]) -> None:
        for message in messages:
            for listener in self._by_channel.get(message.channel, ()):
                listener.offer(message)


async def missed(channels: frozenset[str], after: int) -> AsyncIterator[Message]:
    """Everything that `channels` said since `after`, page by page."""
    page = await ask(cursor.resumed, channels, after)
    while page:
        for message in page:
            yield message
        page = await ask(cursor.since, channels, page[-1].id) if len(page) == cursor.AT_ONCE else []


async def ask(question: Callable[..., Answer], *args: Any) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(_asker, _asked, question, *args)


def _asked(question: Callable[..., Answer], *args: Any) -> Answer:
    try:
        return question(*args)
    except Error:
        connection.close()  # a new one next time
        raise


def _let_go() -> None:
    connection.close()  # looked up here, in the asker's thread: every thread has its own


hub = Hub()
