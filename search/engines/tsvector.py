"""The embedded engine's tables in PostgreSQL, where the rows are: any number of machines read and write them.

They lie in a schema of their own, outside the migrations: derived, made anew when their form changes, and exchanged
whole by renaming. Nothing in them is a fact; what is due is kept by the outbox.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, ClassVar, NamedTuple

from django.db import Error, ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper

from search.engines import fts_sql as sql
from search.engines import tsvectors
from search.engines.base import Document, Operation, Removal, SearchError, Speech, microseconds
from search.engines.matching import SAID
from search.engines.reading import Reading
from search.engines.tables import Rows
from search.query_language import Phrase
from ui import plans

LOCK = 7_305_114_026  # one writes at a time: a number that nobody else locks
NOT_THERE = "42P01"  # undefined_table
NO_TEXTS = (None,) * (len(tsvectors.FACTS) - len(sql.FACTS))  # of what is gone


class TsvectorTables(Reading):
    MATCH = tsvectors.MATCH
    AMONG = "{table} AS {rows} WHERE {rows}.{key} = ANY (?::bigint[])"
    WORDS = ("fact", "lecture_id")
    JOINED = "string_agg(rowid::text, ',')"
    # The order is none that an index has: so the planner asks the index of tokens.
    IN_FULL = (
        "SELECT {shown}, tokens @@ ?::tsquery AS in_title, NULL AS keys FROM {at}fact AS fact"
        " WHERE tokens @@ ?::tsquery AND {may_see} ORDER BY {first}published_at DESC, lecture_id DESC LIMIT ?"
    )
    KEPT: ClassVar = plans.Kept()
    KEYS: ClassVar = {"fact": "lecture_id", "speech": "rowid"}

    def __init__(self, schema: str = "search_index") -> None:
        """`schema`: letters, digits and _ only."""
        self.schema = schema

    # ---- the tables themselves ----

    def ensure(self) -> None:
        if self._made_for() != tsvectors.FORM:
            self._make(anew=False)

    def reset(self) -> None:
        self._make(anew=True)

    def remove(self) -> None:
        with self._writing() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")

    def beside(self, build: str) -> TsvectorTables:
        return TsvectorTables(f"{self.schema}_{build}")

    def become(self, build: str) -> None:
        with self._writing() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")
            cursor.execute(f"ALTER SCHEMA {self.beside(build).schema} RENAME TO {self.schema}")

    def _made_for(self) -> str:
        """The form that these tables were made in; empty if they are not there."""
        with self._answering(), connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s)", [f"{self.schema}.meta"])
            if cursor.fetchone()[0] is None:
                return ""
        rows = self._all("SELECT value FROM {at}meta WHERE name = 'schema'")
        return str(rows[0][0]) if rows else ""

    def _make(self, *, anew: bool) -> None:
        with self._writing() as cursor:
            if not anew and self._made_for() == tsvectors.FORM:
                return  # another process was first
            cursor.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")
            cursor.execute(f"CREATE SCHEMA {self.schema}")
            for statement in tsvectors.create(f"{self.schema}."):
                cursor.execute(statement)
            cursor.execute(f"INSERT INTO {self.schema}.meta VALUES ('schema', %s)", [tsvectors.FORM])  # noqa: S608

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except Error as error:
            raise SearchError(f"{self.schema}: {error}") from error

    @contextmanager
    def _writing(self) -> Iterator[CursorWrapper]:
        with self._answering(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            yield cursor

    def _all(self, statement: str, params: Sequence[Any] = ()) -> Rows:
        """Tables that are not there (yet) are made: empty, as a file would be."""
        statement = statement.format(at=f"{self.schema}.").replace("?", "%s")
        with self._answering():
            try:
                return self._ask(statement, params)
            except ProgrammingError as error:
                if getattr(error.__cause__, "sqlstate", "") != NOT_THERE:
                    raise
            self.ensure()
            return self._ask(statement, params)

    def _ask(self, statement: str, params: Sequence[Any]) -> Rows:
        apart = transaction.atomic() if connection.in_atomic_block else nullcontext()  # our failure is not the caller's
        with apart, self.KEPT.cursor(binary=True) as cursor:
            cursor.execute(statement, tuple(map(self.KEPT.value, params)))
            return list(cursor.fetchall())

    def tidy(self) -> None:
        """PostgreSQL's autovacuum does."""

    # ---- writing ----

    def write(self, operations: Sequence[Operation]) -> None:
        prepared = [_prepared(one) for one in operations]  # before the lock is taken: that is the slow part
        self.ensure()
        with self._writing() as cursor:
            for operation, one in zip(operations, prepared, strict=True):
                self._take(cursor, operation, one.rows)
            tokens = sorted({token for one in prepared for text in one.texts for token in text.split()})
            known = f"INSERT INTO {self.schema}.token SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING"
            cursor.execute(known, [tokens])
            # What is said waits beside its index, as it goes in faster together; each question reads all that waits.
            cursor.execute("SELECT gin_clean_pending_list(%s)", [f"{self.schema}.speech_tokens"])

    def _take(self, cursor: CursorWrapper, operation: Operation, rows: list[Rows]) -> None:
        if isinstance(operation, Speech):
            self._hear(cursor, operation, rows)
            return
        self._put(cursor, "fact", rows[0], newer=True)
        if isinstance(operation, Removal):
            self._hear(cursor, Speech(operation.lecture_id, operation.read_at, "", ()), [[], []])

    def _hear(self, cursor: CursorWrapper, speech: Speech, rows: list[Rows]) -> None:
        heard = (speech.lecture_id, microseconds(speech.read_at), speech.fingerprint)
        if not self._put(cursor, "heard", [heard], newer=True):
            return
        here = sql.keys_of(speech.lecture_id)
        for (table, key), some in zip((("moment", "id"), ("speech", "rowid")), rows, strict=True):
            cursor.execute(f"DELETE FROM {self.schema}.{table} WHERE {key} BETWEEN %s AND %s", here)  # noqa: S608
            self._put(cursor, table, some)

    def _put(self, cursor: CursorWrapper, table: str, rows: list[tuple[Any, ...]], *, newer: bool = False) -> bool:
        """Insert; `newer`: in the place of one that was read earlier, or not at all. Says whether they are there."""
        if not rows:
            return True
        marks = ", ".join(["%s"] * len(rows[0]))
        statement = f"INSERT INTO {self.schema}.{table} AS known VALUES ({marks})"  # noqa: S608
        if newer:
            columns = tsvectors.FACTS if table == "fact" else ("lecture_id", "read_at", "fingerprint")
            values = ", ".join(f"{one} = EXCLUDED.{one}" for one in columns[1:])
            statement += f" ON CONFLICT (lecture_id) DO UPDATE SET {values} WHERE known.read_at <= EXCLUDED.read_at"
        cursor.executemany(statement, rows)
        return bool(cursor.rowcount)

    # ---- reading ----

    def _newest(self, table: str, expression: str, limit: int) -> list[int]:
        key = self.KEYS[table]
        return self._ids(self._matching(table, "?", f"ORDER BY {key} DESC"), [expression, limit])

    def _newest_said(self, expression: str, limit: int) -> tuple[str, list[Any]]:
        return self._matching("speech", "?", "ORDER BY rowid DESC"), [expression, limit]

    def _matching(self, table: str, expression: str, order: str = "") -> str:
        # Apart, so that the planner uses the index whatever it thinks of the order.
        key = self.KEYS[table]
        found = f"SELECT {key} FROM {{at}}{table} WHERE tokens @@ {expression}::tsquery"  # noqa: S608
        return f"WITH found AS MATERIALIZED ({found}) SELECT {key} FROM found {order} LIMIT ?"  # noqa: S608

    def _match_each(self, table: str, expressions: Sequence[str], limit: int) -> Rows:
        return self._for_each(self.KEYS[table], table, expressions, limit)

    def _count_each(self, table: str, expressions: Sequence[str], limit: int) -> Rows:
        return self._for_each("count(*)", table, expressions, limit)

    def _for_each(self, wanted: str, table: str, expressions: Sequence[str], limit: int) -> Rows:
        found = self._matching(table, "asked.expression")
        held = f"LATERAL (SELECT {wanted} AS wanted FROM ({found}) AS found) AS held"  # noqa: S608
        asked = "unnest(?::text[]) WITH ORDINALITY AS asked (expression, number)"
        return self._all(f"SELECT number - 1, wanted FROM {asked} CROSS JOIN {held}", [list(expressions), limit])  # noqa: S608

    def _keys(self, ids: Sequence[int]) -> str:
        return f"{{{','.join(map(str, ids))}}}"  # of one type, however large they are

    def known(self, tokens: Collection[str]) -> set[str]:
        return {token for (token,) in self._all("SELECT token FROM {at}token WHERE token = ANY (?)", [list(tokens)])}

    def said_in(self, lecture_ids: Sequence[int], phrases: Sequence[Phrase]) -> Rows:
        of_one = f"rowid BETWEEN asked.lecture * {sql.SLOTS} AND (asked.lecture + 1) * {sql.SLOTS} - 1"
        # By their keys first (so OFFSET): the index of tokens would find all that is said anywhere.
        said = f"LATERAL (SELECT * FROM {{at}}speech WHERE {of_one} OFFSET 0) AS said"  # noqa: S608
        asked = f"SELECT rowid, said.said FROM unnest(?::bigint[]) AS asked (lecture) CROSS JOIN {said}"  # noqa: S608
        keys = self._keys(lecture_ids)
        return self._all(f"{asked} WHERE tokens @@ ?::tsquery", [keys, self.MATCH.any_of(phrases, SAID)])


class _Prepared(NamedTuple):
    """Rows of the tables that an operation is kept in, and the texts in them."""

    rows: list[list[tuple[Any, ...]]]
    texts: Sequence[str] = ()


def _prepared(operation: Operation) -> _Prepared:
    if isinstance(operation, Document):
        _key, *texts, pinyin, initials = sql.words_row(operation)
        vector = tsvectors.text_vector(texts, pinyin, initials)
        return _Prepared([[(*sql.fact_row(operation), vector, *texts)]], texts)
    if isinstance(operation, Speech):
        said = [(key, tsvectors.spoken_vector(said, about), said) for key, said, about in sql.said_rows(operation)]
        return _Prepared([sql.moment_rows(operation), said], [text for *_, text in said])
    gone = sql.gone_row(operation.lecture_id, microseconds(operation.read_at))
    return _Prepared([[(*gone, *NO_TEXTS)]])
