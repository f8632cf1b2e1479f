"""What is asked of the embedded engine's tables, in the SQL that SQLite and PostgreSQL share.

Statements have "?" for what is filled in and {at} before the name of a table.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from search.engines import fts_sql as sql
from search.engines.base import Request, maybe_microseconds
from search.engines.matching import ALL, NAMES, SAID, TITLE, Syntax
from search.engines.tables import Rows, Where
from search.permissions import Clause
from search.query_language import Phrase, Query

_SHOWN = ", ".join(f"fact.{one}" for one in sql.SHOWN)
_COLUMNS = {Where.NAMES: NAMES, Where.ALL: ALL}


class Reading(ABC):
    MATCH: ClassVar[Syntax]
    AMONG: ClassVar[str]  # after FROM: the rows of `table`, named `rows`, whose `key` is filled in; AND may follow
    WORDS: ClassVar[tuple[str, str]]  # where the texts of lectures are: table and key
    # `shown` of lectures that match, and `in_title`, whether they match there: filled in are the title's expression,
    # the other one, what `may_see` asks for, and a limit
    IN_FULL: ClassVar[str]
    JOINED: ClassVar[str]  # `rowid` of many rows, with commas between

    @abstractmethod
    def _all(self, statement: str, params: Sequence[Any] = ()) -> Rows: ...

    @abstractmethod
    def _newest(self, table: str, expression: str, limit: int) -> list[int]:
        """Keys of what the expression finds, the last ones first."""

    @abstractmethod
    def _newest_said(self, expression: str, limit: int) -> tuple[str, list[Any]]:
        """A statement for the `rowid` of moments that it finds, the last ones, with what is filled in."""

    @abstractmethod
    def _match_each(self, table: str, expressions: Sequence[str], limit: int) -> Rows:
        """(number of the expression, a key that it finds)."""

    @abstractmethod
    def _count_each(self, table: str, expressions: Sequence[str], limit: int) -> Rows:
        """(number of the expression, how many it finds)."""

    @abstractmethod
    def _keys(self, ids: Sequence[int]) -> object:
        """What is filled in for AMONG."""

    # ---- by what they hold ----

    def in_full(self, query: Query, limit: int) -> list[int]:
        return self._newest(self.WORDS[0], self.MATCH.every(query, ALL), limit)

    def seen_in_full(self, asked: Request, where: Where, limit: int, *, titles_first: bool = False) -> Rows:
        return self._all(*self._in_full(asked, where, limit, titles_first=titles_first))

    def answering(self, asked: Request, texts: int, moments: int, *, titles_first: bool = False) -> Rows:
        in_full, params = self._in_full(asked, Where.ALL, texts, titles_first=titles_first)
        may_see, eyes = self._may_see(asked)
        newest, said_params = self._newest_said(self.MATCH.every_said(asked.query), moments)
        said = f"SELECT rowid / {sql.SLOTS} AS lecture, {self.JOINED} AS keys FROM ({newest}) AS newest GROUP BY 1"  # noqa: S608
        statement = (
            f"SELECT * FROM ({in_full}) AS written UNION ALL SELECT {_SHOWN}, FALSE, said.keys FROM ({said}) AS said"  # noqa: S608
            f" LEFT JOIN {{at}}fact AS fact ON fact.lecture_id = said.lecture AND {may_see}"
        )
        return self._all(statement, [*params, *said_params, *eyes])

    def _in_full(self, asked: Request, where: Where, limit: int, *, titles_first: bool) -> tuple[str, list[Any]]:
        may_see, params = self._may_see(asked)
        first = "in_title DESC, " if titles_first else ""
        match = [self.MATCH.every(asked.query, columns) for columns in (TITLE, _COLUMNS[where])]
        statement = self.IN_FULL.format(at="{at}", shown=_SHOWN, may_see=may_see, first=first)
        return statement, [*match, *params, limit]

    def _may_see(self, asked: Request) -> tuple[str, list[Any]]:
        return sql.may_see(asked.seen_by, maybe_microseconds(asked.until), "?")

    def moments_in_full(self, query: Query, limit: int) -> list[int]:
        return self._newest("speech", self.MATCH.every_said(query), limit)

    def holders(self, phrases: Sequence[Phrase], query: Query, limit: int) -> list[list[int]]:
        return self._each(self.WORDS[0], [self.MATCH.holding(one, query, ALL) for one in phrases], limit)

    def moment_holders(self, phrases: Sequence[Phrase], query: Query, limit: int) -> list[list[int]]:
        return self._each("speech", [self.MATCH.holding(one, query, SAID) for one in phrases], limit)

    def _each(self, table: str, expressions: Sequence[str], limit: int) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in expressions]
        for number, key in self._match_each(table, expressions, limit) if expressions else ():
            found[number].append(key)
        return found

    def count_holders(self, phrases: Sequence[Phrase], limit: int) -> list[int]:
        return self._counts(self.WORDS[0], [self.MATCH.phrase_in(one, ALL) for one in phrases], limit)

    def count_moment_holders(self, phrases: Sequence[Phrase], limit: int) -> list[int]:
        return self._counts("speech", [self.MATCH.phrase_in(one, SAID) for one in phrases], limit)

    def _counts(self, table: str, expressions: Sequence[str], limit: int) -> list[int]:
        found: dict[int, int] = dict(self._count_each(table, expressions, limit)) if expressions else {}
        return [found[number] for number in range(len(expressions))]

    # ---- by their keys ----

    def facts(self, lecture_ids: Sequence[int], seen_by: Clause, until: int | None) -> Rows:
        where, params = sql.may_see(seen_by, until, "?")
        found = self.AMONG.format(table="{at}fact", rows="fact", key="lecture_id")
        statement = f"SELECT {_SHOWN}, FALSE, NULL FROM {found} AND {where}"  # noqa: S608 - our own names
        return self._all(statement, [self._keys(lecture_ids), *params]) if lecture_ids else []

    def texts(self, lecture_ids: Sequence[int]) -> Rows:
        table, key = self.WORDS
        return self._rows(table, key, (key, *ALL), lecture_ids)

    def said(self, ids: Sequence[int]) -> Rows:
        return self._rows("speech", "rowid", ("rowid", "said"), ids)

    def moments(self, ids: Sequence[int]) -> Rows:
        return self._rows("moment", "id", sql.WINDOW, ids)

    def _rows(self, table: str, key: str, columns: Sequence[str], ids: Sequence[int]) -> Rows:
        if not ids:
            return []
        wanted = ", ".join(f"found.{one}" for one in columns)
        found = self.AMONG.format(table=f"{{at}}{table}", rows="found", key=key)
        return self._all(f"SELECT {wanted} FROM {found}", [self._keys(ids)])  # noqa: S608

    # ---- in all ----

    def some(self, limit: int) -> list[int]:
        return self._ids("SELECT lecture_id FROM {at}fact WHERE state != ? LIMIT ?", [sql.GONE, limit])

    def count(self) -> int:
        return self._ids("SELECT count(*) FROM {at}fact WHERE state != ?", [sql.GONE])[0]

    def count_moments(self) -> int:
        return self._ids("SELECT count(*) FROM {at}moment")[0]

    def fingerprints(self, after: int, up_to: int) -> Rows:
        return self._all(
            "SELECT lecture_id, fact.fingerprint, coalesce(heard.fingerprint, '') FROM {at}fact AS fact"
            " LEFT JOIN {at}heard AS heard USING (lecture_id) WHERE state != ? AND lecture_id > ? AND lecture_id <= ?",
            [sql.GONE, after, up_to],
        )

    def _ids(self, statement: str, params: Sequence[Any] = ()) -> list[int]:
        return [int(row[0]) for row in self._all(statement, params)]
