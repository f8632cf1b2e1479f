"""Celery's side of the outbox: drain it, compare by night."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from search import consistency, outbox

logger = logging.getLogger(__name__)


@shared_task
def drain() -> None:
    outbox.note_all_if_empty(now=timezone.now())
    while outbox.drain(timezone.now()):
        pass


def nudge() -> None:
    """Have some worker drain soon. May be lost or doubled: the schedule drains anyway, and twice is as good as once."""
    drain.apply_async(queue="index")


@shared_task
def check() -> None:
    found = consistency.compare()
    if found.all:
        counts = {"missing": len(found.missing), "stale": len(found.stale), "orphaned": len(found.orphaned)}
        logger.warning("the index differed from the rows", extra=counts)
        outbox.note(found.all)
        drain()
