"""What the embedded engine needs of a database that keeps words: an SQLite file (fts) or PostgreSQL (tsvector)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import Enum
from typing import Any, Protocol, Self

from search.engines.base import Operation, Request
from search.permissions import Clause
from search.query_language import Phrase, Query

Rows = list[tuple[Any, ...]]


class Where(Enum):
    """Which texts of a lecture are looked at; its pinyin always."""

    NAMES = "names"
    ALL = "all"


class Tables(Protocol):
    """Keys of lectures, or of moments (fts_sql.moment_key), newest first where it is not said otherwise. All may raise
    SearchError."""

    def ensure(self) -> None: ...

    def reset(self) -> None: ...

    def beside(self, build: str) -> Self:
        """Tables of their own, being filled while these are in use."""
        ...

    def become(self, build: str) -> None:
        """Put those in the place of these."""
        ...

    def remove(self) -> None: ...

    def tidy(self) -> None:
        """What is worth doing once a night, so that they are read faster."""
        ...

    def write(self, operations: Sequence[Operation]) -> None: ...

    def in_full(self, query: Query, limit: int) -> list[int]:
        """Lectures whose texts hold all of it."""
        ...

    def seen_in_full(self, asked: Request, where: Where, limit: int, *, titles_first: bool = False) -> Rows:
        """fts_sql.SHOWN of those of them that may be seen, each with whether its title alone holds all of it."""
        ...

    def answering(self, asked: Request, texts: int, moments: int, *, titles_first: bool = False) -> Rows:
        """At most so many `seen_in_full`, each with None. Then the lectures of so many moments that hold all of it,
        each with False and the moments' keys, joined by commas; without facts where it may not be seen."""
        ...

    def moments_in_full(self, query: Query, limit: int) -> list[int]: ...

    def holders(self, phrases: Sequence[Phrase], query: Query, limit: int) -> list[list[int]]:
        """Lectures whose texts hold each phrase, the query's quoted ones too, and nothing excluded; in any order."""
        ...

    def moment_holders(self, phrases: Sequence[Phrase], query: Query, limit: int) -> list[list[int]]: ...

    def count_holders(self, phrases: Sequence[Phrase], limit: int) -> list[int]:
        """How many lectures hold each; counting stops at `limit`."""
        ...

    def count_moment_holders(self, phrases: Sequence[Phrase], limit: int) -> list[int]: ...

    def known(self, tokens: Collection[str]) -> set[str]:
        """Those of the tokens that stand in any text or moment at all."""
        ...

    def facts(self, lecture_ids: Sequence[int], seen_by: Clause, until: int | None) -> Rows:
        """fts_sql.SHOWN of those that may be seen, in any order."""
        ...

    def texts(self, lecture_ids: Sequence[int]) -> Rows:
        """(lecture, title, names, rest) as tokens."""
        ...

    def said(self, ids: Sequence[int]) -> Rows:
        """(moment, its tokens) of each."""
        ...

    def said_in(self, lecture_ids: Sequence[int], phrases: Sequence[Phrase]) -> Rows:
        """(moment, its tokens) of all in these lectures that say one of the phrases; others may be among them."""
        ...

    def moments(self, ids: Sequence[int]) -> Rows:
        """fts_sql.WINDOW of each."""
        ...

    def some(self, limit: int) -> list[int]:
        """Any lectures, to learn from what is usual."""
        ...

    def count(self) -> int: ...

    def count_moments(self) -> int: ...

    def fingerprints(self, after: int, up_to: int) -> Rows:
        """(lecture, of its document, of its speech)."""
        ...
