"""A thread of every worker process, also while it has nothing to do or is deep in a job: it says that the worker is
there, and sweeps. Every worker sweeps, because the one that should might be the one that died."""

from __future__ import annotations

import logging
import threading
from typing import Any

from celery import signals
from django.db import connection
from django.utils import timezone

from jobs import heartbeat, scratch, sweeping, workers
from jobs.handle import LEASE
from jobs.runner import worker_name

logger = logging.getLogger(__name__)
EVERY = LEASE.total_seconds() * 0.4


class Presence(threading.Thread):
    """Every ten seconds, with the usual lease; on a database connection of its own."""

    def __init__(self, queues: str) -> None:
        super().__init__(name="presence", daemon=True)
        self.queues = queues
        self.over = threading.Event()

    def run(self) -> None:
        while True:
            try:
                workers.say_alive(worker_name(), self.queues, timezone.now())
                sweeping.sweep(timezone.now())
            except Exception:  # a database that is away, a disk that is full: the next round tries again
                logger.exception("presence not written or not swept")
            finally:
                connection.close()
            if self.over.wait(EVERY):
                return


@signals.worker_ready.connect
def start_presence(sender: Any, **kwargs: Any) -> None:
    scratch.clear_dead()
    queues = ",".join(sorted(queue.name for queue in sender.task_consumer.queues))
    Presence(queues).start()


@signals.worker_shutting_down.connect
def stop_soon(**kwargs: Any) -> None:
    heartbeat.stop_all()
