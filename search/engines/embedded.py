"""The engine of one machine: folded bigrams in an SQLite FTS5 file of its own. Any number of processes and threads
read it; one writes at a time. The file is derived: it may be deleted at any moment and is filled again."""

from __future__ import annotations

import logging
import math
import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from search.engines import fts
from search.engines.base import (
    FULL_PAGE,
    LEAST_SHARE,
    MOST_PARTIAL,
    Document,
    Found,
    Operation,
    Removal,
    Request,
    SearchError,
)

logger = logging.getLogger(__name__)

LAST_ID = 2**63 - 1
WAIT_FOR_WRITER = 10.0  # seconds; a bulk of 500 documents takes a small part of one
_ORDER = f"{fts.BM25}, fact.published_at DESC, fact.lecture_id"
_FROM = "FROM words JOIN fact ON fact.lecture_id = words.rowid WHERE words MATCH ?"
_KNOWN = "INSERT OR REPLACE INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class EmbeddedEngine:
    def __init__(self, path: Path | None = None) -> None:
        self.path = path or Path(settings.SEARCH_INDEX_FILE)
        self._local = threading.local()

    # ---- the index itself ----

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
            self.close()
            for suffix in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            self.ensure()

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def health(self) -> bool:
        try:
            self.count()
        except SearchError:
            logger.exception("the index does not answer")
            return False
        return True

    def count(self) -> int:
        with self._connected() as connection:
            row = connection.execute("SELECT count(*) FROM fact WHERE state != ?", [fts.GONE]).fetchone()
            return int(row[0])

    def fingerprints(self, *, after: int = 0, up_to: int | None = None) -> dict[int, str]:
        with self._connected() as connection:
            return dict(
                connection.execute(
                    "SELECT lecture_id, fingerprint FROM fact WHERE state != ? AND lecture_id > ? AND lecture_id <= ?",
                    [fts.GONE, after, LAST_ID if up_to is None else up_to],
                ).fetchall()
            )

    # ---- writing ----

    def bulk(self, operations: Sequence[Operation]) -> None:
        # Tokens are made before the lock is taken: that is the slow part.
        prepared = [(one, fts.words_row(one) if isinstance(one, Document) else ()) for one in operations]
        with self._connected() as connection, _writing(connection):
            for operation, words in prepared:
                _take(connection, operation, words)

    # ---- reading ----

    def search(self, request: Request) -> Found:
        if not request.query:
            return Found()
        with self._connected() as connection:
            topics = _count_by_topic(connection, request)
            if sum(topics.values()) < FULL_PAGE and len(request.query.tokens) > 1:
                return _filled_up(connection, request)
            total = topics.get(request.topic_id, 0) if request.topic_id else sum(topics.values())
            return Found(_page(connection, request), total, topics)

    # ---- connections ----

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connection()
        except sqlite3.Error as error:
            raise SearchError(f"{self.path.name}: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection, opened anew after a fork or when the file is another one than before."""
        opened = (os.getpid(), self._inode())
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None and self._local.opened == opened:
            return connection
        self.close()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=WAIT_FOR_WRITER, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may lose the last bulk: checked nightly
            _make(connection)
        except sqlite3.Error:
            connection.close()
            raise
        self._local.connection, self._local.opened = connection, (os.getpid(), self._inode())
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


def _make(connection: sqlite3.Connection, *, anew: bool = False) -> None:
    """Create the tables where they are missing, of another schema, or wanted `anew`."""
    if not anew and _schema(connection) == fts.SCHEMA:
        return
    _use_wal(connection)
    with _writing(connection):
        if not anew and _schema(connection) == fts.SCHEMA:
            return  # another process was first
        for table in fts.TABLES:
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in fts.CREATE:
            connection.execute(statement)
        connection.execute("INSERT INTO meta VALUES ('schema', ?)", [fts.SCHEMA])


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


def _take(connection: sqlite3.Connection, operation: Operation, words: tuple[Any, ...]) -> None:
    lecture_id, read_at = operation.lecture_id, fts.microseconds(operation.read_at)
    known = connection.execute(
        "SELECT row_version, read_at, state FROM fact WHERE lecture_id = ?", [lecture_id]
    ).fetchone()
    if known and _is_older(operation, read_at, known):
        return
    connection.execute("DELETE FROM words WHERE rowid = ?", [lecture_id])
    if isinstance(operation, Removal):
        version = known[0] if known else 0
        connection.execute(_KNOWN, [lecture_id, version, read_at, fts.GONE, "", *[None] * 4, "", None, 0, ""])
        return
    connection.execute(_KNOWN, fts.fact_row(operation))
    marks = ", ".join("?" * (len(fts.WEIGHTS) + 2))
    columns = ", ".join(["rowid", *fts.WEIGHTS, "singles"])
    connection.execute(f"INSERT INTO words ({columns}) VALUES ({marks})", words)  # noqa: S608 - our own names


def _is_older(operation: Operation, read_at: int, known: tuple[int, int, str]) -> bool:
    row_version, known_read_at, state = known
    if isinstance(operation, Removal) or state == fts.GONE:
        return read_at < known_read_at  # a missing row has no version: only the reading's time tells
    return (operation.row_version, read_at) < (row_version, known_read_at)


def _count_by_topic(connection: sqlite3.Connection, request: Request) -> dict[int, int]:
    where, params = fts.filters(request)
    return dict(
        connection.execute(
            f"SELECT coalesce(fact.topic_id, 0), count(*) {_FROM} AND {where} GROUP BY 1",
            [fts.match(request.query, every=True), *params],
        ).fetchall()
    )


def _page(connection: sqlite3.Connection, request: Request) -> list[int]:
    where, params = fts.filters(request)
    if request.topic_id:
        where, params = f"{where} AND fact.topic_id = ?", [*params, request.topic_id]
    found = connection.execute(
        f"SELECT fact.lecture_id {_FROM} AND {where} ORDER BY {_ORDER} LIMIT ? OFFSET ?",
        [fts.match(request.query, every=True), *params, request.limit, request.offset],
    )
    return [row[0] for row in found]


def _filled_up(connection: sqlite3.Connection, request: Request) -> Found:
    """Full matches first, then partial ones with enough of the tokens. Few enough to page and count here."""
    topic_of = _ranked(connection, request, every=True)
    for lecture, topic in _ranked(connection, request, every=False).items():
        topic_of.setdefault(lecture, topic)
    chosen = [lecture for lecture, topic in topic_of.items() if request.topic_id in (None, topic)]
    page = chosen[request.offset : request.offset + request.limit]
    return Found(page, len(chosen), dict(Counter(topic_of.values())))


def _ranked(connection: sqlite3.Connection, request: Request, *, every: bool) -> dict[int, int]:
    """{lecture: topic} in order, of full matches or of those that hold enough of the tokens."""
    where, params = fts.filters(request)
    columns = " || ' ' || ".join(f"words.{column}" for column in [*fts.WEIGHTS, "singles"])
    wanted = set(request.query.tokens)
    least = len(wanted) if every else math.ceil(len(wanted) * LEAST_SHARE)
    found = connection.execute(
        f"SELECT fact.lecture_id, coalesce(fact.topic_id, 0), {columns} {_FROM} AND {where} ORDER BY {_ORDER} LIMIT ?",
        [fts.match(request.query, every=every), *params, MOST_PARTIAL],
    )
    return {lecture: topic for lecture, topic, text in found if len(wanted.intersection(text.split())) >= least}
