"""Does an index hold what the rows say? Compared lecture by lecture, so that no change can slip by for longer than a
night: bulk updates, renamed topics, members and organisations, a restored database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from courses.models import Lecture
from search import documents
from search.engines.base import Document, Fingerprint, SearchEngine

PAGE = 500


@dataclass
class Differences:
    """Lecture ids: not in the index, otherwise in the index, in the index only."""

    missing: list[int] = field(default_factory=list)
    stale: list[int] = field(default_factory=list)
    orphaned: list[int] = field(default_factory=list)

    @property
    def all(self) -> list[int]:
        return [*self.missing, *self.stale, *self.orphaned]


def compare(engine: SearchEngine) -> Differences:
    differences = Differences()
    for after, up_to, lecture_ids in _ranges():
        indexed = engine.fingerprints(after=after, up_to=up_to)
        rows = fingerprints_of(lecture_ids)
        differences.missing += sorted(rows.keys() - indexed.keys())
        differences.stale += sorted(pk for pk in rows.keys() & indexed.keys() if rows[pk] != indexed[pk])
        differences.orphaned += sorted(indexed.keys() - rows.keys())
    return differences


def fingerprints_of(lecture_ids: list[int]) -> dict[int, Fingerprint]:
    """What the index should hold of them."""
    speech = {one.lecture_id: one.fingerprint for one in documents.speeches(lecture_ids)}
    found = (one for one in documents.load(lecture_ids) if isinstance(one, Document))
    return {one.lecture_id: Fingerprint(one.fingerprint, speech[one.lecture_id]) for one in found}


def _ranges() -> Iterator[tuple[int, int | None, list[int]]]:
    """(after, up to, ids) of page after page of lectures; the last range has no end and no lectures."""
    after = 0
    while ids := list(Lecture.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:PAGE]):
        yield after, ids[-1], ids
        after = ids[-1]
    yield after, None, []
