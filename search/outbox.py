"""What has still to reach the indices. Noted in the transaction of the change, drained after it, never lost between.

Each engine has entries of its own: one that is out does not keep the others waiting, and catches up by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import tee
from typing import NamedTuple

from django.db.models import Count, F, Min, Q
from django.utils import timezone

from courses.models import Lecture
from search import documents, engines
from search.engines.base import Operation, SearchEngine, SearchError
from search.models import IndexBuild, OutboxEntry
from ui.public_id import new_public_id

logger = logging.getLogger(__name__)
BATCH = 2_000
READ = 500  # lectures whose rows are read together
LONGEST_WAIT = timedelta(minutes=10)
Kind = OutboxEntry.Kind
BOTH: tuple[Kind, ...] = (Kind.DOCUMENT, Kind.SPEECH)


class Due(NamedTuple):
    """An entry that is taken up, as far as that needs it."""

    pk: int
    kind: str
    lecture_id: int
    stamp: str
    attempts: int


def note(
    lecture_ids: Iterable[int],
    *,
    kinds: Sequence[str] = BOTH,
    now: datetime | None = None,
    only: str = "",
    after: timedelta = timedelta(),
) -> None:
    """What the indices hold of these lectures may have changed. Part of the caller's transaction; noting twice is once.

    `only`: for that engine. `after`: not before so long, for what changes often and may be late.
    """
    now = now or timezone.now()
    names = [only] if only else [engine.name for engine in engines.fed()]
    keys = sorted(set(lecture_ids))  # one order for all, so that two writers cannot lock each other
    OutboxEntry.objects.bulk_create(
        [
            OutboxEntry(
                engine=name, kind=kind, lecture_id=key, stamp=new_public_id(), not_before=now + after, created_at=now
            )
            for name in names
            for kind in kinds
            for key in keys
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["engine", "kind", "lecture_id"],
        # What may be late is not put off by coming again.
        update_fields=["stamp"] if after else ["stamp", "not_before", "attempts"],
    )


def note_all(*, now: datetime | None = None, only: str = "") -> int:
    """Note every lecture, page by page; says how many."""
    last = noted = 0
    while page := list(Lecture.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        note(page, now=now, only=only)
        last, noted = page[-1], noted + len(page)
    return noted


def note_all_if_empty(engine: SearchEngine, *, now: datetime) -> None:
    """An index that was lost, or made anew for another schema, fills itself."""
    if engine.count() == 0:
        note_all(now=now, only=engine.name)


def drain(now: datetime, limit: int = BATCH, *, engine: SearchEngine | None = None) -> int:
    """Bring one engine up to date with what is due; says how many entries. No transaction spans the engine.

    Only what we saw is removed: a lecture noted again meanwhile has another stamp and stays. If the engine fails, the
    entries wait, longer each time.
    """
    engine = engine or engines.fed()[0]
    waiting = OutboxEntry.objects.filter(engine=engine.name, not_before__lte=now)
    due = [Due(*row) for row in waiting.order_by("not_before", "id").values_list(*Due._fields)[:limit]]
    if not due:
        return 0
    stamps = [entry.stamp for entry in due]
    try:
        # Read after the entries: a build that begins later copies what they tell of.
        builds = IndexBuild.objects.filter(engine=engine.name, ended_at__isnull=True).values_list("name", flat=True)
        targets = [engine, *(engine.build(name) for name in builds)]
        operations = _operations(due)
        for target, same in zip(targets, tee(operations, len(targets)), strict=True):
            target.bulk(same)
    except SearchError:
        logger.exception("the index takes nothing; trying again later", extra={"entries": len(due)})
        _put_off(stamps, max(entry.attempts for entry in due), now)
        return 0
    OutboxEntry.objects.filter(pk__in=[entry.pk for entry in due], stamp__in=stamps).delete()
    return len(due)


def drain_all(now: datetime) -> int:
    """Everything that is due for every engine; says how many entries."""
    done = 0
    for engine in engines.fed():
        while step := drain(now, engine=engine):
            done += step
    return done


def _operations(due: Sequence[Due]) -> Iterator[Operation]:
    """Read as they are taken, so that an engine can send some while the next are read."""
    for kind, load in ((Kind.DOCUMENT, documents.load), (Kind.SPEECH, documents.speeches)):
        keys = [entry.lecture_id for entry in due if entry.kind == kind]
        for at in range(0, len(keys), READ):
            yield from load(keys[at : at + READ])


def _put_off(stamps: Collection[str], attempts: int, now: datetime) -> None:
    wait = min(timedelta(seconds=5 * 2 ** min(attempts, 10)), LONGEST_WAIT)
    OutboxEntry.objects.filter(stamp__in=stamps).update(attempts=F("attempts") + 1, not_before=now + wait)


@dataclass(frozen=True)
class Lag:
    """How far one engine is behind: entries that wait, since when, and how many of them failed before."""

    engine: str
    waiting: int
    seconds: float
    failing: int


def lag(now: datetime) -> list[Lag]:
    """For the operator's page. One query."""
    rows = OutboxEntry.objects.values("engine").annotate(
        waiting=Count("pk"), oldest=Min("created_at"), failing=Count("pk", filter=Q(attempts__gt=0))
    )
    found = {row["engine"]: row for row in rows}
    return [_lag(engine.name, found.get(engine.name), now) for engine in engines.fed()]


def _lag(engine: str, row: Mapping[str, object] | None, now: datetime) -> Lag:
    if row is None:
        return Lag(engine, 0, 0.0, 0)
    oldest, waiting, failing = row["oldest"], row["waiting"], row["failing"]
    assert isinstance(oldest, datetime)  # noqa: S101 - for the type checker; Min of a column that is never null
    assert isinstance(waiting, int)  # noqa: S101
    assert isinstance(failing, int)  # noqa: S101
    return Lag(engine, waiting, (now - oldest).total_seconds(), failing)
