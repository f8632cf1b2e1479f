"""A thread beside a running handler: renews the lease, and gives the job back at once when the worker must stop."""

from __future__ import annotations

import contextvars
import logging
import threading
from enum import Enum
from queue import Empty, SimpleQueue

from django.db import Error, connection
from django.utils import timezone

from jobs import handle as handles
from jobs.handle import JobHandle, held
from jobs.models import Job
from jobs.moves import move
from jobs.nudges import nudge

logger = logging.getLogger(__name__)
EVERY = handles.LEASE.total_seconds() / 3.1  # two can go wrong before the lease is lost
_beating: set[Heartbeat] = set()


class _Word(Enum):
    END = "end"
    GIVE_BACK = "give back"


class Heartbeat:
    """`with Heartbeat(handle): …`. Has a database connection of its own and outlives a database that is away."""

    def __init__(self, handle: JobHandle) -> None:
        self.handle = handle
        # Not an Event: a signal handler may put into it even while the interrupted code does.
        self._words: SimpleQueue[_Word] = SimpleQueue()
        context = contextvars.copy_context()  # log lines keep the request's id
        self._thread = threading.Thread(target=context.run, args=[self._beat], name="heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        _beating.add(self)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        _beating.discard(self)
        self._words.put(_Word.END)
        self._thread.join(timeout=5)  # it may wait for a busy database; a late renewal finds the row moved on

    def give_back(self) -> None:
        self._words.put(_Word.GIVE_BACK)

    def _beat(self) -> None:
        try:
            while True:
                try:
                    word = self._words.get(timeout=EVERY)
                except Empty:
                    self._renew()
                    continue
                if word is _Word.GIVE_BACK:
                    self._return()
                return
        finally:
            connection.close()

    def _renew(self) -> None:
        try:
            if not held(self.handle.job).update(lease_until=timezone.now() + handles.LEASE):
                self.handle.lose()
        except Error as error:  # busy or away for a moment: the next beat tries again
            logger.warning("heartbeat missed", extra={"job": self.handle.job.pk, "error": str(error)})
            connection.close()

    def _return(self) -> None:
        try:
            give_back(Job.objects.get(pk=self.handle.job.pk), attempt=self.handle.attempt)
        except Error as error:  # then the lease runs out, and the sweep finds it
            logger.warning("job not given back", extra={"job": self.handle.job.pk, "error": str(error)})
        self.handle.lose()


def give_back(job: Job, *, attempt: int) -> bool:
    """Return a running job to the queue, counted neither as failed nor as lost; false if it is not `attempt`'s."""
    now = timezone.now()
    if job.state != Job.State.RUNNING or job.attempt != attempt:
        return False
    if not move(job, Job.State.QUEUED, now=now, why="worker stopped", not_before=now, nudged_at=now):
        return False
    nudge(job)
    return True


def stop_all() -> None:
    """This process is told to stop: no new claims, and what runs goes back. May be called in a signal handler."""
    handles.stopping.set()
    for one in list(_beating):
        one.give_back()
