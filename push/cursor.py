"""Reading events in the order they become visible. Plain database code; the hub runs it in its one thread."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import Max, QuerySet

from push.models import Event

# PostgreSQL hands an id out before its transaction commits, so a lower id may appear after a higher one. For so many
# seconds after an id was seen, lower ones may still come; no transaction that publishes takes longer.
WINDOW = 5.0
_STANDING = 500  # ids below the newest that are old news when reading begins
AT_ONCE = 500


@dataclass(frozen=True)
class Message:
    """One event as it is sent; made once, however many streams it goes to."""

    id: int
    channel: str
    frame: bytes


class Cursor:
    """What has been read. `read()` answers every event once, also one that appears below the newest."""

    def __init__(self) -> None:
        """Begin now: what is already visible is nobody's news."""
        newest = Event.objects.aggregate(newest=Max("id"))["newest"] or 0
        self._settled = max(0, newest - _STANDING)  # nothing new is expected up to here
        now = time.monotonic()
        self._seen = dict.fromkeys(_ids_above(self._settled), now)

    def read(self) -> list[Message]:
        """The next new events, in order of id. One query while there are none."""
        now = time.monotonic()
        new = [pk for pk in _ids_above(self._settled) if pk not in self._seen][:AT_ONCE]
        messages = _messages(Event.objects.filter(pk__in=new)) if new else []
        self._seen |= dict.fromkeys((message.id for message in messages), now)
        self._settle(now)
        return messages

    def _settle(self, now: float) -> None:
        self._settled = max((pk for pk, at in self._seen.items() if now - at >= WINDOW), default=self._settled)
        self._seen = {pk: at for pk, at in self._seen.items() if pk > self._settled}


def since(channels: frozenset[str], after: int) -> list[Message]:
    """The next events of `channels` after the id `after`, at most AT_ONCE."""
    return _messages(Event.objects.filter(channel__in=channels, id__gt=after))


def resumed(channels: frozenset[str], after: int) -> list[Message]:
    """What a client that last saw `after` may have missed; go on with `since` the last one's id.

    On PostgreSQL that begins a little before `after`: some are then sent twice, none is missed.
    """
    if connection.vendor != "postgresql":
        return since(channels, after)
    last = Event.objects.filter(pk=after).values_list("at", flat=True).first()
    if last is None:
        return since(channels, after)
    start = Event.objects.filter(channel__in=channels, at__gte=last - timedelta(seconds=WINDOW), id__lte=after)
    first = start.order_by("id").values_list("id", flat=True).first()
    return since(channels, after if first is None else first - 1)


def _ids_above(pk: int) -> QuerySet[Event, int]:
    return Event.objects.filter(id__gt=pk).order_by("id").values_list("id", flat=True)


def _messages(events: QuerySet[Event]) -> list[Message]:
    return [Message(event.pk, event.channel, _frame(event)) for event in events.order_by("id")[:AT_ONCE]]


def _frame(event: Event) -> bytes:
    data = json.dumps({"channel": event.channel, **event.payload}, ensure_ascii=False)
    return f"id: {event.pk}\nevent: {event.kind}\ndata: {data}\n\n".encode()
