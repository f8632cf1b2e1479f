"""Celery's side of the outbox: drain it, compare by night."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from search import consistency, counts, engines, outbox, rebuild
from search.engines.base import SearchEngine, SearchError

logger = logging.getLogger(__name__)


@shared_task
def drain() -> None:
    """Every engine by itself: one that is out must not keep the others waiting."""
    more = False
    for engine in engines.fed():
        try:
            more |= _drain(engine)
        except SearchError as error:
            facts = {"engine": engine.name, "error": str(error)}
            logger.warning("an index does not answer; its entries wait", extra=facts)
    if more:
        nudge()  # the rest in a task of its own: others wait for this worker, too


def _drain(engine: SearchEngine) -> bool:
    """Says whether there is more to do."""
    engine.ensure()
    if not engine.is_ours():
        return rebuild.step_on(engine)  # an index of other documents does not take ours: they wait
    outbox.note_all_if_empty(engine, now=timezone.now())
    while outbox.drain(timezone.now(), engine=engine):
        pass
    return False


def nudge() -> None:
    """Have some worker drain soon. May be lost or doubled: the schedule drains anyway, and twice is as good as once."""
    drain.apply_async(queue="index")


@shared_task
def check() -> None:
    for engine in engines.fed():
        try:
            found = consistency.compare(engine)
            engine.tidy()
        except SearchError as error:
            logger.warning("an index does not answer; not compared", extra={"engine": engine.name, "error": str(error)})
            continue
        if found.all:
            numbers = {"missing": len(found.missing), "stale": len(found.stale), "orphaned": len(found.orphaned)}
            logger.warning("the index differed from the rows", extra={"engine": engine.name, **numbers})
            outbox.note(found.all, only=engine.name)
    counts.sweep(now=timezone.now())
    if settings.ELASTICSEARCH_URL:
        from search import page_backend  # its client only where it is used

        page_backend.rebuild()
    drain()
