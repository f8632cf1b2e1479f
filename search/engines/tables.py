"""What the embedded engine needs of a database that keeps words: an SQLite file (fts) or PostgreSQL (tsvector)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, Protocol, Self

from search.engines.base import Operation
from search.permissions import Clause
from search.query_language import Phrase, Query

Rows = list[tuple[Any, ...]]


class Where(Enum):
    """Which texts of a lecture are looked at; its pinyin always."""

    TITLE = "title"
    NAMES = "names"
    ALL = "all"


class Tables(Protocol):
    """Keys of lectures, or of moments (windows of speech and slides: lecture × SLOTS + number), newest first where
    it is not said otherwise. All may raise SearchError."""

    def ensure(self) -> None: ...

    def reset(self) -> None: ...

    def beside(self, build: str) -> Self:
        """Tables of their own, being filled while these are in use."""
        ...

    def become(self, build: str) -> None:
        """Put those in the place of these."""
        ...

    def remove(self) -> None: ...

    @property
    def version(self) -> object:
        """Another one when these are other tables than before."""
        ...

    def write(self, operations: Sequence[Operation]) -> None: ...

    def in_full(self, query: Query, where: Where, limit: int) -> list[int]:
        """Lectures whose texts hold all of it."""
        ...

    def moments_in_full(self, query: Query, limit: int) -> list[int]: ...

    def holders(self, phrase: Phrase, query: Query, limit: int) -> list[int]:
        """Lectures whose texts hold the phrase, the query's quoted ones too, and nothing excluded; in any order."""
        ...

    def moment_holders(self, phrase: Phrase, query: Query, limit: int) -> list[int]: ...

    def facts(self, lecture_ids: Sequence[int], seen_by: Clause, until: int | None) -> Rows:
        """fts_sql.SHOWN of those that may be seen, in any order."""
        ...

    def texts(self, lecture_ids: Sequence[int]) -> Rows:
        """(lecture, title, names, rest) as tokens."""
        ...

    def moments(self, ids: Sequence[int]) -> Rows:
        """fts_sql.WINDOW of each."""
        ...

    def sources(self, ids: Sequence[int]) -> Rows:
        """(moment, its source) of each."""
        ...

    def moments_of(self, lecture_ids: Sequence[int]) -> Rows: ...

    def some(self, limit: int) -> list[int]:
        """Any lectures, to learn from what is usual."""
        ...

    def count(self) -> int: ...

    def count_moments(self) -> int: ...

    def fingerprints(self, after: int, up_to: int) -> Rows:
        """(lecture, of its document, of its speech)."""
        ...
