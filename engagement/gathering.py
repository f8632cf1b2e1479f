"""Beats on their way into rows: gathered from many requests, written in one transaction, then folded.

One thread does all of it, because SQLite has one writer and a commit each would be slow on any engine. Writing goes
first, so that players are answered in time; members are folded in between.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from django.db import DatabaseError, connections, transaction

from engagement import fold
from engagement.models import Beat

logger = logging.getLogger(__name__)

GATHER_SECONDS = 0.2
IDLE_SECONDS = 5.0  # after which the thread gives its connection back


def record(beats: Sequence[Beat]) -> None:
    """Append raw rows. A beat sent twice is kept once."""
    Beat.objects.bulk_create(beats, ignore_conflicts=True)


@dataclass
class _Batch:
    beats: Sequence[Beat]
    written: Future[None] = field(default_factory=Future)

    def __post_init__(self) -> None:
        # From here on a caller that goes away cannot cancel what others wait for, too.
        self.written.set_running_or_notify_cancel()


class Gatherer:
    """Takes beats from any thread or event loop; `submit` answers a future that is done after their commit."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._batches: list[_Batch] = []
        self._members: dict[int, None] = {}  # to fold, in order; a dict, so that each waits once
        self._thread: threading.Thread | None = None
        self._write_at = 0.0
        self._closing = False

    def submit(self, beats: Sequence[Beat]) -> Future[None]:
        batch = _Batch(beats)
        with self._change:
            if not self._batches:
                self._write_at = time.monotonic() + GATHER_SECONDS
            self._batches.append(batch)
            if self._thread is None:
                self._closing = False
                self._thread = threading.Thread(target=self._run, name="beats", daemon=True)
                self._thread.start()
            self._change.notify()
        return batch.written

    def close(self) -> None:
        """Write and fold what is gathered; returns when it is done. May be used again afterwards."""
        with self._change:
            thread, self._closing = self._thread, True
            self._change.notify()
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        try:
            while self._step():
                pass
        finally:
            connections.close_all()

    def _step(self) -> bool:
        """Write if it is time, else fold one member, else wait; says whether to go on."""
        batches, member = self._next()
        if batches:
            _write(batches)
            self._members |= {beat.member_id: None for batch in batches for beat in batch.beats}
        elif member is not None:
            fold.fold_or_log(member)
        else:
            return self._rest()
        return True

    def _next(self) -> tuple[list[_Batch], int | None]:
        with self._change:
            if self._batches and (self._closing or time.monotonic() >= self._write_at):
                batches, self._batches = self._batches, []
                return batches, None
        if self._members:
            member = next(iter(self._members))
            del self._members[member]
            return [], member
        return [], None

    def _rest(self) -> bool:
        with self._change:
            if self._batches:
                self._change.wait(max(self._write_at - time.monotonic(), 0))
                return True
            if self._closing:
                self._thread = None
                return False
            woken = self._change.wait(IDLE_SECONDS)
        if not woken:
            connections.close_all()
        return True


def _write(batches: Sequence[_Batch]) -> None:
    """All in one transaction; if that fails, each by itself, so that one bad row costs no other player its beats."""
    try:
        with transaction.atomic():
            record([beat for batch in batches for beat in batch.beats])
    except DatabaseError:
        logger.warning("beats written one by one", extra={"requests": len(batches)}, exc_info=True)
        for batch in batches:
            _write_alone(batch)
        return
    for batch in batches:
        batch.written.set_result(None)


def _write_alone(batch: _Batch) -> None:
    try:
        with transaction.atomic():
            record(batch.beats)
    except DatabaseError as error:
        batch.written.set_exception(error)
    else:
        batch.written.set_result(None)
