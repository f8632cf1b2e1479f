"""The workers that are there: each says so itself, and what its machine can do and has left."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from jobs.models import Worker

logger = logging.getLogger(__name__)
SEEN_WITHIN = timedelta(seconds=45)
FORGOTTEN_AFTER = timedelta(days=1)
_facts: dict[str, Callable[[], Any]] = {}


def tells(name: str, fact: Callable[[], Any]) -> None:
    """Have every worker say this of itself: something JSON can hold. Called in `ready()` of apps."""
    _facts[name] = fact


def say_alive(name: str, queues: str, now: datetime) -> None:
    told = {fact: _told(fact) for fact in _facts}
    Worker.objects.update_or_create(name=name, defaults={"queues": queues, "seen_at": now, "facts": told})
    Worker.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()


def alive(now: datetime) -> list[Worker]:
    return list(Worker.objects.filter(seen_at__gt=now - SEEN_WITHIN).order_by("name"))


def _told(fact: str) -> Any:
    try:
        return _facts[fact]()
    except Exception:  # a tool that is missing must not make its worker look dead
        logger.exception("a worker cannot say", extra={"fact": fact})
        return None
