"""Spreads new events to the streams of this process: one query a quarter second for all of them, and none when idle."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import DatabaseError, connection
from django.db.models import Max

from push.models import Event

logger = logging.getLogger(__name__)

POLL = 0.25
QUEUE_SIZE = 200  # a client that falls further behind is dropped, and catches up by reconnecting
# PostgreSQL hands out ids before it commits, so a lower id may appear after a higher one: look back this far.
# SQLite commits one after another.
LOOK_BACK = {"postgresql": 500}
REMEMBERED = 2000
AT_ONCE = 1000
# One thread with one connection asks the database for all streams of the process.
_asker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="push")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Message:
    id: int
    channel: str
    kind: str
    payload: dict[str, Any]


@dataclass(eq=False)
class Listener:
    """One open stream. `None` in its queue means: end, and come again."""

    channels: frozenset[str]
    queue: asyncio.Queue[Message | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_SIZE))
    replayed: frozenset[int] = frozenset()

    def offer(self, message: Message) -> bool:
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            return False
        return True


class Hub:
    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self._poller: asyncio.Task[None] | None = None
        self._newest = 0
        self._sent: OrderedDict[int, None] = OrderedDict()

    async def listen(self, channels: frozenset[str], *, after: int | None) -> Listener:
        """A listener with everything after `after` (None: from now on) in its queue; it gets the rest as it comes."""
        listener = Listener(channels)
        if not self.listeners:
            self._newest, already = await _ask(_standing)
            self._sent = OrderedDict.fromkeys(already)
        self.listeners.add(listener)
        if after is not None:
            missed = await _ask(_since, channels, after)
            listener.replayed = frozenset(message.id for message in missed)
            if not all(listener.offer(message) for message in missed):
                self._end(listener)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        return listener

    def leave(self, listener: Listener) -> None:
        self.listeners.discard(listener)

    def close(self) -> None:
        """End every stream now."""
        for listener in list(self.listeners):
            self._end(listener)

    def _end(self, listener: Listener) -> None:
        self.listeners.discard(listener)
        while listener.queue.full():
            listener.queue.get_nowait()
        listener.queue.put_nowait(None)

    async def _poll(self) -> None:
        while self.listeners:
            await asyncio.sleep(POLL)
            try:
                messages = await _ask(_unsent, self._newest, frozenset(self._sent))
            except DatabaseError:
                logger.warning("events not read")
                continue
            self._spread(messages)

    def _spread(self, messages: list[Message]) -> None:
        for message in messages:
            self._sent[message.id] = None
            self._newest = max(self._newest, message.id)
            for listener in [one for one in self.listeners if message.channel in one.channels]:
                if message.id not in listener.replayed and not listener.offer(message):
                    self._end(listener)
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)


async def _ask(question: Callable[..., Answer], *args: Any) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(_asker, _asked, question, *args)


def _asked(question: Callable[..., Answer], *args: Any) -> Answer:
    try:
        return question(*args)
    except DatabaseError:
        connection.close()  # a new one next time
        raise


def _standing() -> tuple[int, list[int]]:
    """The newest id, and the ids just below it, which are nobody's news any more."""
    newest = Event.objects.aggregate(newest=Max("id"))["newest"] or 0
    return newest, list(Event.objects.filter(id__gt=newest - _look_back()).values_list("id", flat=True))


def _unsent(newest: int, sent: frozenset[int]) -> list[Message]:
    found = Event.objects.filter(id__gt=newest - _look_back()).order_by("id").values_list("id", flat=True)[:AT_ONCE]
    new = [pk for pk in found if pk not in sent]
    return [_message(event) for event in Event.objects.filter(pk__in=new).order_by("id")] if new else []


def _since(channels: frozenset[str], after: int) -> list[Message]:
    missed = Event.objects.filter(channel__in=channels, id__gt=after).order_by("id")[:QUEUE_SIZE]
    return [_message(event) for event in missed]


def _look_back() -> int:
    return LOOK_BACK.get(connection.vendor, 0)


def _message(event: Event) -> Message:
    return Message(event.pk, event.channel, event.kind, event.payload)


hub = Hub()
