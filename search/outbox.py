"""What has still to reach the index. Noted in the transaction of the change, drained after it, never lost between."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from courses.models import Lecture
from search import documents, engines
from search.engines.base import SearchError
from search.models import OutboxEntry
from ui.public_id import new_public_id

logger = logging.getLogger(__name__)
BATCH = 500
LONGEST_WAIT = timedelta(minutes=10)


def note(lecture_ids: Iterable[int], *, now: datetime | None = None) -> None:
    """The documents of these lectures may have changed. Part of the caller's transaction; noting twice is once."""
    now = now or timezone.now()
    OutboxEntry.objects.bulk_create(
        [
            OutboxEntry(lecture_id=lecture_id, stamp=new_public_id(), not_before=now, created_at=now)
            for lecture_id in sorted(set(lecture_ids))  # one order for all, so that two writers cannot lock each other
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["lecture_id"],
        update_fields=["stamp", "not_before", "attempts"],
    )


def note_all(*, now: datetime | None = None) -> int:
    """Note every lecture, page by page; says how many."""
    last = noted = 0
    while page := list(Lecture.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        note(page, now=now)
        last, noted = page[-1], noted + len(page)
    return noted


def note_all_if_empty(*, now: datetime) -> None:
    """An index that was lost, or made anew for another schema, fills itself."""
    if engines.default().count() == 0:
        note_all(now=now)


def drain(now: datetime, limit: int = BATCH) -> int:
    """Bring the index up to date with what is due; says how many lectures. No transaction spans the engine.

    Only what we saw is removed: a lecture noted again meanwhile has another stamp and stays. If the engine fails, the
    entries wait, longer each time.
    """
    due = list(OutboxEntry.objects.filter(not_before__lte=now).order_by("not_before", "id")[:limit])
    if not due:
        return 0
    stamps = [entry.stamp for entry in due]
    try:
        engines.default().bulk(documents.load([entry.lecture_id for entry in due]))
    except SearchError:
        logger.exception("the index takes nothing; trying again later", extra={"lectures": len(due)})
        _put_off(stamps, max(entry.attempts for entry in due), now)
        return 0
    OutboxEntry.objects.filter(stamp__in=stamps).delete()
    return len(due)


def _put_off(stamps: Collection[str], attempts: int, now: datetime) -> None:
    wait = min(timedelta(seconds=5 * 2 ** min(attempts, 10)), LONGEST_WAIT)
    OutboxEntry.objects.filter(stamp__in=stamps).update(attempts=F("attempts") + 1, not_before=now + wait)
