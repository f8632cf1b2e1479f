"""What every search engine can do, and the values that go in and out; tests/search/engine_contract.py proves it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import cache
from typing import Literal, Protocol, Self

from search import pinyin
from search.permissions import Clause
from search.query_language import Query
from search.ranking import Counts
from search.windows import Window

# With fewer full matches than fit on a page, lectures that hold only part of what was asked follow them.
FULL_PAGE = 24
# Partial matches are looked for among so many best ones.
MOST_PARTIAL = 200
# Lectures, and moments, that are left out because they hold or say an excluded word.
MOST_LEFT_OUT = 20_000

Order = Literal["best", "new", "watched", "featured"]
Scope = Literal["all", "names"]


class SearchError(Exception):
    """The engine cannot answer or take documents just now. Nothing is lost: the outbox keeps what is due."""


@dataclass(frozen=True)
class Document:
    """What the index holds of one lecture, but for what is said in it.

    `read_at` (when its rows were read, by the database's clock) orders the versions of a document: what was read
    earlier never replaces what was read later, in whatever order they arrive.
    """

    lecture_id: int
    read_at: datetime
    title: str
    speaker: str
    topic: str
    courses: tuple[str, ...]  # their titles
    summary: str
    organisation: str
    state: str
    visibility: str
    organisation_id: int | None
    publish_at: datetime | None
    unpublish_at: datetime | None
    published_at: datetime | None
    kind: str
    topic_id: int | None
    course_ids: tuple[int, ...]
    length: str  # a key of ranking.LENGTHS; empty: not known
    year: int | None
    language: str
    is_captioned: bool
    is_featured: bool
    merit: float
    views: int

    @property
    def fingerprint(self) -> str:
        """The same for the same contents, whenever they were read."""
        return _fingerprint([getattr(self, name) for name in _contents()])

    @property
    def groups(self) -> dict[str, str]:
        """The texts by weight (ranking.WEIGHTS)."""
        names = "。".join((self.speaker, self.topic, *self.courses))
        return {"title": self.title, "names": names, "rest": f"{self.summary}。{self.organisation}"}

    @property
    def pinyin(self) -> str:
        """How its title and names sound."""
        return self._sounded(pinyin.syllables)

    @property
    def initials(self) -> str:
        return self._sounded(pinyin.initials)

    def _sounded(self, sound: Callable[[str], str]) -> str:
        names = (self.title, self.speaker, self.topic, *self.courses)
        return " 。 ".join(filter(None, map(sound, names)))


@cache
def _contents() -> list[str]:
    return [one.name for one in fields(Document) if one.name != "read_at"]


@dataclass(frozen=True)
class Speech:
    """All that is said and shown in one lecture: takes the place of what the index had of it.

    `about` (title and speaker) is searched beside each window, so that "who … what" finds the moment.
    """

    lecture_id: int
    read_at: datetime
    about: str
    windows: tuple[Window, ...]

    @property
    def fingerprint(self) -> str:
        return _fingerprint([self.about, self.windows]) if self.windows else ""


@dataclass(frozen=True)
class Removal:
    """The lecture was not there when looked for at `read_at`."""

    lecture_id: int
    read_at: datetime


Operation = Document | Speech | Removal


@dataclass(frozen=True)
class Request:
    """`chosen`: values of facets, as strings; any of one facet, all facets. `scope` "names": only titles and names of
    speakers, topics and courses, and the last word may go on (suggestions). `until`: nothing that came out later, so
    that pages do not shift. `is_full`: only what holds all that was asked."""

    query: Query
    seen_by: Clause
    chosen: Mapping[str, Collection[str]] = field(default_factory=dict)
    order: Order = "best"
    scope: Scope = "all"
    until: datetime | None = None
    offset: int = 0
    limit: int = FULL_PAGE
    is_full: bool = False

    def is_answered_by(self, full: int) -> bool:
        """Whether so many lectures that hold all are enough; otherwise those that hold a part follow."""
        return self.is_full or full >= FULL_PAGE or len(self.query.tokens) < 2


@dataclass(frozen=True)
class Found:
    """`ids` of one page, best first; `total` of all (`is_more`: at least); `facets`: counts of each facet under what
    is chosen of the others. `full`: how many hold all that was asked."""

    ids: list[int] = field(default_factory=list)
    total: int = 0
    is_more: bool = False
    full: int = 0
    facets: Counts = field(default_factory=dict)


@dataclass(frozen=True)
class Fingerprint:
    document: str
    speech: str  # empty: nothing is said


class SearchEngine(Protocol):
    """All methods may raise SearchError, except `health`."""

    name: str

    def ensure(self) -> None:
        """Make the index, or make it anew and empty when its schema is not ours. Does nothing otherwise."""
        ...

    def reset(self) -> None:
        """Make the index anew and empty."""
        ...

    def is_ours(self) -> bool:
        """Whether the index in use was made for the documents we make now."""
        ...

    def build(self, name: str) -> Self:
        """The index of that name, made beside the one in use (search.rebuild)."""
        ...

    def become(self, name: str) -> None:
        """Put it in the place of the one in use, at once for everybody, and remove that one."""
        ...

    def discard(self) -> None:
        """Remove this index: one that is not in use."""
        ...

    def bulk(self, operations: Iterable[Operation]) -> None:
        """Take operations, as they are made; older ones than the index has are passed over. If it raises, all may be
        sent again."""
        ...

    def search(self, request: Request) -> Found: ...

    def moments(self, query: Query, lecture_ids: Sequence[int], limit: int) -> dict[int, list[Window]]:
        """The windows of these lectures that answer best, best first. Who may see the lectures was asked before."""
        ...

    def standing(self, variants: Sequence[str]) -> list[str]:
        """Those of the texts that stand somewhere in the index, most frequent first. Says nothing of who may see it:
        search for what is to be offered."""
        ...

    def tidy(self) -> None:
        """What is worth doing once a night, so that questions are answered faster."""
        ...

    def count(self) -> int: ...

    def count_moments(self) -> int: ...

    def fingerprints(self, *, after: int = 0, up_to: int | None = None) -> dict[int, Fingerprint]:
        """Of the lectures with ids beyond `after`, up to and with `up_to`."""
        ...

    def health(self) -> bool: ...


def microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_at(in_microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=in_microseconds)


def maybe_microseconds(moment: datetime | None) -> int | None:
    return None if moment is None else microseconds(moment)


def _fingerprint(contents: list[object]) -> str:
    return hashlib.sha256(repr(contents).encode()).hexdigest()[:16]


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
