"""The embedded engine's tables in an SQLite FTS5 file of their own. Any number of processes and threads read it; one
writes at a time. The file is derived: it may be deleted at any moment and is filled again."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from search.engines import fts_sql as sql
from search.engines.base import Document, Operation, Removal, SearchError, Speech, microseconds
from search.engines.reading import Reading
from search.engines.tables import Rows
from search.query_language import Phrase

MOST_PIECES, MERGED = 4, 2_000  # of a list of words; pages in one step, of 4 KiB
WAIT_FOR_WRITER = 10.0  # seconds; a bulk of 500 documents takes a small part of one


class FtsTables(Reading):
    MATCH = sql.MATCH
    JOINED = "group_concat(rowid)"
    # In this order: each key is looked up.
    AMONG = "json_each(?) AS asked CROSS JOIN {table} AS {rows} ON {rows}.{key} = asked.value"
    WORDS = ("words", "rowid")
    IN_FULL = (
        "SELECT {shown}, fact.lecture_id IN (SELECT rowid FROM words WHERE words MATCH ?) AS in_title, NULL AS keys"
        " FROM words CROSS JOIN fact ON fact.lecture_id = words.rowid"
        " WHERE words MATCH ? AND {may_see} ORDER BY {first}words.rowid DESC LIMIT ?"
    )

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    # ---- the file itself ----

    def ensure(self) -> None:
        with self._connected():
            pass  # opening makes it

    def reset(self) -> None:
        self.close()
        try:
            with self._connected() as connection:
                _make(connection, anew=True)
        except SearchError:
            if not self._is_broken():
                raise
            self.remove()
            self.ensure()

    def remove(self) -> None:
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def beside(self, build: str) -> FtsTables:
        return FtsTables(self.path.with_name(f"{self.path.stem}-{build}{self.path.suffix}"))

    def become(self, build: str) -> None:
        """From now on the file of that build. Who has the old one open reads on in it until the next question."""
        made = self.beside(build)
        made.fold_up()
        before = self.path.resolve()
        link = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        link.symlink_to(made.path.name)
        link.replace(self.path)
        self.close()
        if before not in {self.path, made.path.resolve()}:
            FtsTables(before).remove()

    def fold_up(self) -> None:
        """All that was written, in the one file; and each list of words in one piece there, as it is read fastest."""
        with self._connected() as connection:
            for table in ("words", "speech"):
                connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # noqa: S608 - our own names
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.close()

    def tidy(self) -> None:
        """Lists of words that lie in many pieces are put together, some pages at a time: writers wait for one step."""
        with self._connected() as connection:
            for table in ("words", "speech"):
                (pieces,) = connection.execute(f"SELECT count(DISTINCT segid) FROM {table}_idx").fetchone()  # noqa: S608 - our own names
                wanted = -MERGED  # below nothing: all pieces, whatever their size
                while pieces > MOST_PIECES:
                    before = connection.total_changes
                    connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)", [wanted])  # noqa: S608
                    if connection.total_changes - before < 2:  # FTS5: then nothing is left to do
                        break
                    wanted = MERGED

    # ---- connections ----

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connection()
        except sqlite3.Error as error:
            raise SearchError(f"{self.path.name}: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection, opened anew after a fork or when the file is another one than before."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None and self._local.opened == (os.getpid(), self._inode()):
            return connection
        self.close()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch()
        # The file as it is before it is opened: if another takes its place meanwhile, the next question opens that.
        opened = (os.getpid(), self._inode())
        connection = sqlite3.connect(self.path, timeout=WAIT_FOR_WRITER, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may lose the last bulk: checked nightly
            connection.execute("PRAGMA mmap_size = 1073741824")
            _make(connection)
        except sqlite3.Error:
            connection.close()
            raise
        self._local.connection, self._local.opened = connection, opened
        return connection

    def _inode(self) -> int:
        try:
            return self.path.stat().st_ino
        except FileNotFoundError:
            return 0

    def _is_broken(self) -> bool:
        """Whether the file is no index at all (as after a full disk), rather than busy."""
        try:
            self.ensure()
        except SearchError as unavailable:
            return not isinstance(unavailable.__cause__, sqlite3.OperationalError)
        return False

    # ---- writing ----

    def write(self, operations: Sequence[Operation]) -> None:
        prepared = [_prepared(one) for one in operations]  # before the lock is taken: that is the slow part
        with self._connected() as connection, _writing(connection):
            for operation, rows in zip(operations, prepared, strict=True):
                _take(connection, operation, rows)

    # ---- reading ----

    def _all(self, statement: str, params: Sequence[Any] = ()) -> Rows:
        with self._connected() as connection:
            return connection.execute(statement.format(at=""), params).fetchall()

    def _newest(self, table: str, expression: str, limit: int) -> list[int]:
        """FTS5 goes backwards at twice the cost: only where that decides which ones."""
        found = f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rowid"  # noqa: S608 - our own names
        ids = self._ids(f"{found} LIMIT ?", [expression, limit])
        return ids[::-1] if len(ids) < limit else self._ids(f"{found} DESC LIMIT ?", [expression, limit])

    def _newest_said(self, expression: str, limit: int) -> tuple[str, list[Any]]:
        keys = self._keys(self._newest("speech", expression, limit))
        return "SELECT value AS rowid FROM json_each(?)", [keys]

    def _match_each(self, table: str, expressions: Sequence[str], limit: int) -> Rows:
        return self._for_each("rowid", table, expressions, limit)

    def _count_each(self, table: str, expressions: Sequence[str], limit: int) -> Rows:
        return self._for_each("count(*)", table, expressions, limit)

    def _for_each(self, wanted: str, table: str, expressions: Sequence[str], limit: int) -> Rows:
        found = f"SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT ?"  # noqa: S608
        asked = (f"SELECT {number}, {wanted} FROM ({found})" for number in range(len(expressions)))  # noqa: S608
        return self._all(" UNION ALL ".join(asked), [one for each in expressions for one in (each, limit)])

    def _keys(self, ids: Sequence[int]) -> str:
        return json.dumps(list(ids))

    def known(self, tokens: Collection[str]) -> set[str]:
        found = self._all(
            "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM speech WHERE speech MATCH value)"
            " OR EXISTS (SELECT 1 FROM words WHERE words MATCH value)",
            [json.dumps([f'"{token}"' for token in tokens])],
        )
        return {quoted[1:-1] for (quoted,) in found}

    def said_in(self, lecture_ids: Sequence[int], phrases: Sequence[Phrase]) -> Rows:
        """All: FTS5 would look for each phrase in each lecture, which takes longer."""
        of_one = f"speech.rowid BETWEEN asked.value * {sql.SLOTS} AND (asked.value + 1) * {sql.SLOTS} - 1"
        asked = "json_each(?) AS asked CROSS JOIN speech"
        return self._all(f"SELECT speech.rowid, said FROM {asked} ON {of_one}", [self._keys(lecture_ids)])  # noqa: S608


def _make(connection: sqlite3.Connection, *, anew: bool = False) -> None:
    """Create the tables where they are missing, of another schema, or wanted `anew`."""
    if not anew and _schema(connection) == sql.SCHEMA:
        return
    _use_wal(connection)
    with _writing(connection):
        if not anew and _schema(connection) == sql.SCHEMA:
            return  # another process was first
        for table in sql.TABLES:
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in sql.CREATE:
            connection.execute(statement)
        connection.execute("INSERT INTO meta VALUES ('schema', ?)", [sql.SCHEMA])


def _use_wal(connection: sqlite3.Connection) -> None:
    """Readers go on while one writes. Two processes that switch a new file at once do not wait but fail: try again."""
    for left in range(20, -1, -1):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:
            if not left:
                raise
            time.sleep(0.05)


def _schema(connection: sqlite3.Connection) -> str:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
        return ""
    row = connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
    return str(row[0]) if row else ""


@contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


_Prepared = list[list[tuple[Any, ...]]]


def _prepared(operation: Operation) -> _Prepared:
    if isinstance(operation, Document):
        return [[sql.fact_row(operation)], [sql.words_row(operation)]]
    if isinstance(operation, Speech):
        return [sql.moment_rows(operation), sql.said_rows(operation)]
    return []


def _take(connection: sqlite3.Connection, operation: Operation, rows: _Prepared) -> None:
    if isinstance(operation, Removal):
        if _is_newer(connection, "fact", operation):
            connection.execute("DELETE FROM words WHERE rowid = ?", [operation.lecture_id])
            _put(connection, "fact", [sql.gone_row(operation.lecture_id, microseconds(operation.read_at))])
        _hear(connection, Speech(operation.lecture_id, operation.read_at, "", ()), [[], []])
    elif isinstance(operation, Speech):
        _hear(connection, operation, rows)
    elif _is_newer(connection, "fact", operation):
        connection.execute("DELETE FROM words WHERE rowid = ?", [operation.lecture_id])
        _put(connection, "fact", rows[0])
        columns = ", ".join(("rowid", *sql.TEXTS))
        _put(connection, f"words ({columns})", rows[1])


def _hear(connection: sqlite3.Connection, speech: Speech, rows: _Prepared) -> None:
    if not _is_newer(connection, "heard", speech):
        return
    here = sql.keys_of(speech.lecture_id)
    connection.execute("DELETE FROM speech WHERE rowid BETWEEN ? AND ?", here)
    connection.execute("DELETE FROM moment WHERE id BETWEEN ? AND ?", here)
    _put(connection, "moment", rows[0])
    _put(connection, "speech (rowid, said, about)", rows[1])
    _put(connection, "heard", [(speech.lecture_id, microseconds(speech.read_at), speech.fingerprint)])


def _is_newer(connection: sqlite3.Connection, table: str, operation: Operation) -> bool:
    known = connection.execute(f"SELECT read_at FROM {table} WHERE lecture_id = ?", [operation.lecture_id]).fetchone()  # noqa: S608
    return known is None or known[0] <= microseconds(operation.read_at)


def _put(connection: sqlite3.Connection, table: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", rows)  # noqa: S608
