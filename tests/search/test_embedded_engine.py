"""The embedded engine: the contract of all engines, and what is its own: files, processes, threads."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from pathlib import Path

import pytest

from search.engines import fts, fts_sql
from search.engines.base import SearchError
from search.engines.embedded import EmbeddedEngine
from search.engines.fts import FtsTables
from tests.search.engine_contract import *  # noqa: F403 - the suite
from tests.search.engine_contract import PLAIN, document, ids
from tests.search.engine_contract_embedded import *  # noqa: F403 - the suite
from tests.search.engine_contract_moments import *  # noqa: F403 - the suite


def made(path: Path) -> EmbeddedEngine:
    return EmbeddedEngine("fts", FtsTables(path))


@pytest.fixture
def engine(tmp_path: Path) -> EmbeddedEngine:
    return made(tmp_path / "search.sqlite3")


def _put(path: Path, first: int) -> None:
    engine = made(path)
    for number in range(first, first + 20):
        engine.bulk([document(number)])


def test_processes_that_start_and_write_at_once_lose_nothing(engine: EmbeddedEngine) -> None:
    spawn = multiprocessing.get_context("fork")
    writers = [spawn.Process(target=_put, args=(engine.tables.path, first)) for first in (1, 101, 201)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert engine.count() == 60


def test_threads_write_and_read_at_once(engine: EmbeddedEngine) -> None:
    wrong: list[BaseException] = []

    def work(first: int) -> None:
        try:
            for number in range(first, first + 10):
                engine.bulk([document(number)])
                assert number in ids(engine, "交接班", limit=100)
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(first,)) for first in (1, 101)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, engine.count()) == ([], 20)


def test_a_deleted_file_is_made_again(engine: EmbeddedEngine) -> None:
    engine.bulk([PLAIN])
    engine.tables.path.unlink()
    assert engine.count() == 0
    engine.bulk([PLAIN])
    assert ids(engine, "交接班") == [1]


def test_an_index_that_takes_the_place_while_the_old_one_is_opened_answers_next(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.bulk([document(1)])
    for number in (2, 3):
        engine.build("next").bulk([document(number)])
    late, ready = made(engine.tables.path), fts._make

    def swapped_meanwhile(connection: sqlite3.Connection) -> None:
        ready(connection)
        monkeypatch.undo()
        engine.become("next")

    monkeypatch.setattr(fts, "_make", swapped_meanwhile)
    assert (late.count(), late.count()) == (1, 2)


def test_an_index_of_another_schema_is_made_anew(engine: EmbeddedEngine) -> None:
    engine.bulk([PLAIN])
    engine.tables.close()
    with sqlite3.connect(engine.tables.path) as other:
        other.execute("UPDATE meta SET value = 'older'")
    other.close()
    engine.ensure()
    assert engine.count() == 0
    engine.bulk([PLAIN])
    assert ids(engine, "交接班") == [1]


def test_a_broken_file_is_told_and_can_be_reset(engine: EmbeddedEngine) -> None:
    engine.tables.path.write_bytes(b"this is no index" * 500)
    assert not engine.health()
    with pytest.raises(SearchError):
        ids(engine, "交接班")
    engine.reset()
    engine.bulk([PLAIN])
    assert ids(engine, "交接班") == [1]


def test_a_bulk_that_fails_leaves_nothing_behind(engine: EmbeddedEngine) -> None:
    engine.bulk([PLAIN])
    with sqlite3.connect(engine.tables.path) as other:
        other.execute(
            "CREATE TRIGGER full BEFORE INSERT ON fact WHEN new.lecture_id = 3 "
            "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    other.close()
    with pytest.raises(SearchError):
        engine.bulk([document(2), document(3)])
    assert set(engine.fingerprints()) == {1}


def test_by_night_words_in_many_pieces_come_together_and_are_found_as_before(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fts, "MERGED", 1)  # page by page: as many steps as a large file takes
    for number in range(1, 12):
        engine.bulk([document(number)])
    found = ids(engine, "交接班", limit=100)

    def pieces() -> int:
        with sqlite3.connect(engine.tables.path) as file:
            return int(file.execute("SELECT count(DISTINCT segid) FROM words_idx").fetchone()[0])

    before = pieces()
    engine.tidy()

    assert before > fts.MOST_PIECES
    assert pieces() == 1
    assert ids(engine, "交接班", limit=100) == found
    assert len(found) == 11


def test_the_schema_names_every_column() -> None:
    assert len(fts_sql.fact_row(PLAIN)) == len(fts_sql.gone_row(1, 1)) == len(fts_sql.FACTS)
    assert len(fts_sql.words_row(PLAIN)) == len(fts_sql.TEXTS) + 1
