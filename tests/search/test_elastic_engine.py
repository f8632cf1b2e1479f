"""Elasticsearch itself: the contract of all engines, and what is its own: aliases, versions, a server that is out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from search.engines import elastic_writing
from search.engines.base import SearchError
from search.engines.elastic import ElasticEngine
from search.engines.elastic_writing import Writing
from tests.search.conftest import ELASTICSEARCH, with_elasticsearch
from tests.search.engine_contract import *  # noqa: F403 - the suite
from tests.search.engine_contract import LATER, PLAIN, document, ids, plain, speech
from tests.search.engine_contract_moments import *  # noqa: F403 - the suite

pytestmark = with_elasticsearch


@pytest.fixture(scope="module")
def server() -> Iterator[ElasticEngine]:
    engine = ElasticEngine(ELASTICSEARCH, prefix=f"test-{os.getpid()}", refresh=True, timeout=30)
    yield engine
    engine.destroy()


@pytest.fixture
def engine(server: ElasticEngine) -> ElasticEngine:
    server.reset()
    return server


def test_a_server_that_is_out_is_told_and_is_not_well() -> None:
    engine = ElasticEngine("http://127.0.0.1:9", prefix="none", timeout=0.2)
    assert not engine.health()
    for act in (engine.ensure, engine.count, lambda: engine.bulk([PLAIN]), lambda: ids(engine, "交接班")):
        with pytest.raises(SearchError):
            act()


def test_what_is_too_much_for_one_request_goes_in_several(
    engine: ElasticEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elastic_writing, "MOST_CHARACTERS", 1_000)
    engine.bulk([document(number) for number in range(1, 8)])
    assert set(engine.fingerprints()) == set(range(1, 8))


def test_an_index_that_no_name_leads_to_is_made_anew(engine: ElasticEngine) -> None:
    engine.bulk([PLAIN])
    for name in engine._generations():
        engine.client.indices.delete_alias(index=name, name=engine.alias)
    engine.ensure()
    assert engine.count() == 0
    engine.bulk([PLAIN])
    assert ids(engine, "交接班") == [1]


def test_writing_to_no_index_is_told(engine: ElasticEngine) -> None:
    engine.destroy()
    with pytest.raises(SearchError):
        engine.bulk([PLAIN])
    engine.ensure()
    engine.bulk([PLAIN])
    assert ids(engine, "交接班") == [1]


def test_an_index_of_other_documents_is_not_ours(engine: ElasticEngine) -> None:
    assert engine.is_ours()
    for name in engine._generations():
        engine.client.indices.put_mapping(index=name, meta={"schema": "older"})
    assert not engine.is_ours()


def test_a_speech_that_lost_the_race_leaves_nothing_behind(engine: ElasticEngine, monkeypatch: Any) -> None:
    """Both looked how many windows there were before either wrote; the older one writes last, and has more."""
    engine.bulk([plain(1, "课"), speech(1, "新话", read_at=LATER)])
    monkeypatch.setattr(Writing, "_known_windows", lambda self, lectures: {})
    engine.bulk([speech(1, "旧话一", "旧话二", "旧话三")])
    assert (ids(engine, "旧话"), ids(engine, "新话"), engine.count_moments()) == ([], [1], 1)


def test_what_is_not_asked_for_at_once_is_found_within_a_second(engine: ElasticEngine) -> None:
    lazy = ElasticEngine(ELASTICSEARCH, prefix=engine.prefix)
    lazy.bulk([document(1)])
    engine.client.indices.refresh(index=engine.alias)
    assert ids(engine, "交接班") == [1]
