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

_COLUMNS = {Where.NAMES: NAMES, Where.ALL: ALL}


class Reading(ABC):
    MATCH: ClassVar[Syntax]
    AMONG: ClassVar[str]  # after FROM: the rows of `table`, named `rows`, whose `key` is filled in; AND may follow
    WORDS: ClassVar[tuple[str, str]]  # where the texts of lectures are: table and key
    # `shown` of lectures that match, and `in_title`, whether they match there: filled in are the title's expression,
    # the other one, what `may_see` asks for, and a limit
    IN_FULL: ClassVar[str]

    @abstractmethod
    def _all(self, statement: str, params: Sequence[Any] = ()) -> Rows: ...

    @abstractmethod
    def _match(self, table: str, expression: str, limit: int, *, newest: bool = False) -> list[int]:
        """Keys of what the expression finds; the `newest` ones, or any."""

    @abstractmethod
    def _count(self, table: str, expression: str, limit: int) -> int: ...

    @abstractmethod
    def _keys(self, ids: Sequence[int]) -> object:
        """What is filled in for AMONG."""

    # ---- by what they hold ----

    def in_full(self, query: Query, limit: int) -> list[int]:
        return self._match(self.WORDS[0], self.MATCH.every(query, ALL), limit, newest=True)

    def seen_in_full(self, asked: Request, where: Where, limit: int, *, titles_first: bool = False) -> Rows:
        may_see, params = sql.may_see(asked.seen_by, maybe_microseconds(asked.until), "?")
        parts = {
            "shown": ", ".join(f"fact.{one}" for one in sql.SHOWN),
            "may_see": may_see,
            "first": "in_title DESC, " if titles_first else "",
        }
        match = [self.MATCH.every(asked.query, columns) for columns in (TITLE, _COLUMNS[where])]
        return self._all(self.IN_FULL.format(at="{at}", **parts), [*match, *params, limit])

    def moments_in_full(self, query: Query, limit: int) -> list[int]:
        return self._match("speech", self.MATCH.every_said(query), limit, newest=True)

    def holders(self, phrase: Phrase, query: Query, limit: int) -> list[int]:
        return self._match(self.WORDS[0], self.MATCH.holding(phrase, query, ALL), limit)

    def moment_holders(self, phrase: Phrase, query: Query, limit: int) -> list[int]:
        return self._match("speech", self.MATCH.holding(phrase, query, SAID), limit)

    def count_holders(self, phrase: Phrase, limit: int) -> int:
        return self._count(self.WORDS[0], self.MATCH.phrase_in(phrase, ALL), limit)

    def count_moment_holders(self, phrase: Phrase, limit: int) -> int:
        return self._count("speech", self.MATCH.phrase_in(phrase, SAID), limit)

    # ---- by their keys ----

    def facts(self, lecture_ids: Sequence[int], seen_by: Clause, until: int | None) -> Rows:
        where, params = sql.may_see(seen_by, until, "?")
        found = self.AMONG.format(table="{at}fact", rows="fact", key="lecture_id")
        statement = f"SELECT {', '.join(sql.SHOWN)} FROM {found} AND {where}"  # noqa: S608 - our own names
        return self._all(statement, [self._keys(lecture_ids), *params])

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
