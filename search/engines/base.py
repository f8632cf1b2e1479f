"""What every search engine can do, and the values that go in and out; tests/search/engine_contract.py proves it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Protocol

from search.analysis import Query
from search.permissions import Clause

# With fewer full matches than fit on a page, lectures that hold only part of what was asked follow them.
FULL_PAGE = 24
# Partial matches are looked for among so many best ones …
MOST_PARTIAL = 200
# … and count when they hold this share of the tokens: a single bigram out of many is mostly noise across word borders.
LEAST_SHARE = 0.4


class SearchError(Exception):
    """The engine cannot answer or take documents just now. Nothing is lost: the outbox keeps what is due."""


@dataclass(frozen=True)
class Document:
    """What the index holds of one lecture.

    `row_version` and, among equals, `read_at` (when its rows were read) order the versions of a document: what was read
    earlier never replaces what was read later, in whatever order they arrive.
    """

    lecture_id: int
    row_version: int
    read_at: datetime
    title: str
    speaker: str
    topic: str
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
    is_featured: bool

    @property
    def fingerprint(self) -> str:
        """The same for the same contents, whenever they were read."""
        contents = [getattr(self, one.name) for one in fields(self) if one.name != "read_at"]
        return hashlib.sha256(repr(contents).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Removal:
    """The lecture was not there when looked for at `read_at`."""

    lecture_id: int
    read_at: datetime


Operation = Document | Removal


@dataclass(frozen=True)
class Request:
    query: Query
    seen_by: Clause
    topic_id: int | None = None
    only_featured: bool = False
    offset: int = 0
    limit: int = FULL_PAGE


@dataclass(frozen=True)
class Found:
    """`ids` of one page, best first; `total` of all; `topics`: how many in each, whatever topic was asked for."""

    ids: list[int] = field(default_factory=list)
    total: int = 0
    topics: dict[int, int] = field(default_factory=dict)


class SearchEngine(Protocol):
    """All methods may raise SearchError, except `health`."""

    def ensure(self) -> None:
        """Make the index, or make it anew and empty when its schema is not ours. Does nothing otherwise."""
        ...

    def reset(self) -> None:
        """Make the index anew and empty."""
        ...

    def bulk(self, operations: Sequence[Operation]) -> None:
        """Take documents and removals, all or nothing; older ones than the index has are passed over."""
        ...

    def search(self, request: Request) -> Found: ...

    def count(self) -> int: ...

    def fingerprints(self, *, after: int = 0, up_to: int | None = None) -> dict[int, str]:
        """`{lecture id: Document.fingerprint}` of the documents with ids beyond `after`, up to and with `up_to`."""
        ...

    def health(self) -> bool: ...
