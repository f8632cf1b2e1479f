"""Does an index hold what the rows say? Compared lecture by lecture, so that no change can slip by for longer than a
night: bulk updates, renamed topics, members and organisations, a restored database."""

from __future__ import annotations

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
    after: int | None = 0
    while after is not None:
        some, after = compare_page(engine, after)
        differences.missing += some.missing
        differences.stale += some.stale
        differences.orphaned += some.orphaned
    return differences


def compare_page(engine: SearchEngine, after: int) -> tuple[Differences, int | None]:
    """Of the next lectures beyond `after`, and the last of them; None: there were no more, and what the index has
    beyond is orphaned."""
    ids = list(Lecture.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:PAGE])
    up_to = ids[-1] if ids else None
    indexed = engine.fingerprints(after=after, up_to=up_to)
    rows = fingerprints_of(ids)
    differences = Differences(
        missing=sorted(rows.keys() - indexed.keys()),
        stale=sorted(pk for pk in rows.keys() & indexed.keys() if rows[pk] != indexed[pk]),
        orphaned=sorted(indexed.keys() - rows.keys()),
    )
    return differences, up_to


def fingerprints_of(lecture_ids: list[int]) -> dict[int, Fingerprint]:
    """What the index should hold of them."""
    speech = {one.lecture_id: one.fingerprint for one in documents.speeches(lecture_ids)}
    found = (one for one in documents.load(lecture_ids) if isinstance(one, Document))
    return {one.lecture_id: Fingerprint(one.fingerprint, speech[one.lecture_id]) for one in found}
