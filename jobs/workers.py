"""Worker processes say that they are there, also when idle."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from typing import Any

from celery import signals
from django.db import Error, connection
from django.utils import timezone

from jobs import heartbeat, scratch
from jobs.models import Worker
from jobs.runner import worker_name

logger = logging.getLogger(__name__)
EVERY = 10.0
SEEN_WITHIN = timedelta(seconds=45)
FORGOTTEN_AFTER = timedelta(days=1)


def say_alive(name: str, queues: str, now: datetime) -> None:
    Worker.objects.update_or_create(name=name, defaults={"queues": queues, "seen_at": now})
    Worker.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()


def alive(now: datetime) -> list[Worker]:
    return list(Worker.objects.filter(seen_at__gt=now - SEEN_WITHIN).order_by("name"))


class Presence(threading.Thread):
    """Writes this process's row every ten seconds, on a connection of its own."""

    def __init__(self, queues: str) -> None:
        super().__init__(name="presence", daemon=True)
        self.queues = queues
        self.over = threading.Event()

    def run(self) -> None:
        while True:
            try:
                say_alive(worker_name(), self.queues, timezone.now())
            except Error:  # busy or away for a moment; the next round tries again
                logger.warning("presence not written")
            finally:
                connection.close()
            if self.over.wait(EVERY):
                return


@signals.worker_ready.connect
def start_presence(sender: Any, **kwargs: Any) -> None:
    scratch.clear_dead()  # of this machine; the sweep may run on another
    queues = ",".join(sorted(queue.name for queue in sender.task_consumer.queues))
    Presence(queues).start()


@signals.worker_shutting_down.connect
def stop_soon(**kwargs: Any) -> None:
    heartbeat.stop_all()
