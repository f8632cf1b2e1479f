"""The embedded engine in PostgreSQL: the contract of all engines, and what is its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from search.engines.embedded import EmbeddedEngine
from search.engines.tsvector import TsvectorTables
from tests.search.engine_contract import *  # noqa: F403 - the suite
from tests.search.engine_contract import PLAIN, document, ids, speech
from tests.search.engine_contract_embedded import *  # noqa: F403 - the suite
from tests.search.engine_contract_moments import *  # noqa: F403 - the suite

if connection.vendor != "postgresql":
    pytest.skip("the rows are not in PostgreSQL: these run with -m postgres", allow_module_level=True)

pytestmark = pytest.mark.postgres


def made() -> EmbeddedEngine:
    return EmbeddedEngine("fts", TsvectorTables("search_test"))


@pytest.fixture
def engine(db: None) -> EmbeddedEngine:
    return made()


def test_an_index_of_another_form_is_made_anew(engine: EmbeddedEngine) -> None:
    engine.bulk([PLAIN])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE search_test.meta SET value = 'older'")
    engine.ensure()
    assert engine.count() == 0
    engine.bulk([PLAIN])
    assert ids(engine, "交接班") == [1]


def test_asking_tables_that_are_gone_leaves_the_callers_transaction_whole(engine: EmbeddedEngine) -> None:
    engine.bulk([PLAIN])
    with transaction.atomic():
        engine.discard()
        assert engine.count() == 0
        assert ids(engine, "交接班") == []


def test_what_is_said_does_not_wait_beside_its_index(engine: EmbeddedEngine) -> None:
    engine.bulk([PLAIN, speech(1, "从来没有说过的话")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('search_test.speech_tokens')")
        assert cursor.fetchone() == (0,)


def _put(first: int) -> None:
    try:
        for number in range(first, first + 20):
            made().bulk([document(number)])
    finally:
        connections.close_all()


def test_writers_that_begin_at_once_lose_nothing(committed_db: None) -> None:
    with ThreadPoolExecutor(3) as writers:
        list(writers.map(_put, (1, 101, 201)))
    assert made().count() == 60


def test_who_asks_while_a_build_takes_its_place_gets_one_or_the_other(committed_db: None) -> None:
    engine = made()
    engine.bulk([PLAIN])
    build = engine.build("later")
    build.bulk([PLAIN, document(2)])

    def ask() -> set[int]:
        try:
            return {made().count() for _ in range(50)}
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as readers:
        asking = [readers.submit(ask) for _ in range(2)]
        engine.become("later")
        counted = set.union(*(one.result() for one in asking))
    assert counted <= {1, 2}
    assert engine.count() == 2
