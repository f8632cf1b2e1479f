"""Elasticsearch itself: the contract of all engines, and what is its own: aliases, versions, a server that is out."""

from __future__ import annotations

import os
import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from search.engines import elastic_search, elastic_writing
from search.engines.base import FULL_PAGE, SearchError
from search.engines.elastic import ElasticEngine
from search.engines.elastic_line import Line
from search.engines.elastic_writing import Writing
from tests.search.conftest import ELASTICSEARCH, with_elasticsearch
from tests.search.engine_contract import *  # noqa: F403 - the suite
from tests.search.engine_contract import LATER, PLAIN, document, ids, look, plain, speech
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


class Closing(socketserver.StreamRequestHandler):
    """Says that it would listen on, and hangs up."""

    answer = b"{}"

    def handle(self) -> None:
        while (line := self.rfile.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        self.rfile.read(length)
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(self.answer), self.answer))


def test_a_kept_connection_that_was_closed_meanwhile_is_opened_anew() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), Closing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        line = Line(f"http://127.0.0.1:{server.server_address[1]}", api_key="", timeout=5)
        assert [line.ask("/", {}) for _ in range(3)] == [{}, {}, {}]
        server.shutdown()
    with pytest.raises(SearchError):
        line.ask("/", {})


def test_an_answer_that_is_not_of_elasticsearch_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Closing, "answer", b"<html>sign in first</html>")
    with socketserver.TCPServer(("127.0.0.1", 0), Closing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(SearchError):
            Line(f"http://127.0.0.1:{server.server_address[1]}", api_key="", timeout=5).ask("/", {})
        server.shutdown()


def test_what_the_server_refuses_is_told_in_its_words(engine: ElasticEngine) -> None:
    with pytest.raises(SearchError, match=r"400: .*no such query"):
        engine.line.ask(f"/{engine.index}/_search", {"query": {"no such query": {}}})


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


def test_an_index_that_nobody_asks_is_not_renewed_each_second(engine: ElasticEngine) -> None:
    for build in ("", "00000000000000-idle"):
        if build:
            engine.build(build).ensure()
            engine.become(build)
        [told] = engine.client.indices.get_settings(index=engine.alias).body.values()
        assert "refresh_interval" not in told["settings"]["index"]


@pytest.fixture
def much_said(engine: ElasticEngine, monkeypatch: pytest.MonkeyPatch) -> ElasticEngine:
    """More windows say it than are fetched. The second half of the lectures, which say it less, is of 2020."""
    monkeypatch.setattr(elastic_search, "MOST_SAYING", 2 * FULL_PAGE)
    for number in range(1, 3 * FULL_PAGE + 1):
        late = number > FULL_PAGE * 3 // 2
        text = "还有很多别的话要讲，" * late + "停机"
        engine.bulk([plain(number, "课", year=2020 if late else 2026, views=number), speech(number, text)])
    return engine


def test_what_is_said_in_too_many_places_is_at_least_so_often(much_said: ElasticEngine) -> None:
    found = look(much_said, "停机", limit=100)
    assert (found.total, found.full, found.is_more) == (2 * FULL_PAGE, 2 * FULL_PAGE, True)
    assert found.facets["place"] == {"speech": 2 * FULL_PAGE}
    assert set(found.ids) >= set(range(1, FULL_PAGE * 3 // 2 + 1))
    pages = [look(much_said, "停机", offset=offset) for offset in range(0, 2 * FULL_PAGE, FULL_PAGE)]
    assert [number for page in pages for number in page.ids] == found.ids


def test_what_is_chosen_is_found_among_all_that_say_it(much_said: ElasticEngine) -> None:
    found = look(much_said, "停机", chosen={"year": {"2020"}})
    assert (found.total, found.full, found.is_more) == (FULL_PAGE * 3 // 2, 3 * FULL_PAGE, False)
    assert found.facets["year"] == {"2020": FULL_PAGE * 3 // 2, "2026": FULL_PAGE * 3 // 2}


def test_an_order_is_one_of_all_that_say_it(much_said: ElasticEngine) -> None:
    found = look(much_said, "停机", order="watched", limit=5)
    assert (found.ids, found.is_more) == ([72, 71, 70, 69, 68], False)


def test_what_one_may_not_see_stands_in_nobodys_way(much_said: ElasticEngine) -> None:
    hidden = [plain(number, "课", state="draft", read_at=LATER) for number in range(1, FULL_PAGE * 3 // 2 + 1)]
    much_said.bulk(hidden)
    found = look(much_said, "停机")
    assert (found.total, found.full, found.is_more) == (FULL_PAGE * 3 // 2, FULL_PAGE * 3 // 2, False)


def test_a_new_index_is_one_segment_when_it_is_read(engine: ElasticEngine) -> None:
    made = engine.build("00000000000000-new")
    made.ensure()
    for number in (1, 2, 3):
        made.bulk([document(number), speech(number, "停机")])
    engine.become("00000000000000-new")
    told = engine.client.indices.stats(index=engine.alias, metric="segments")
    assert told["_all"]["total"]["segments"]["count"] == 1
    assert sorted(ids(engine, "停机")) == [1, 2, 3]


def test_tidying_leaves_one_segment_that_holds_the_same(engine: ElasticEngine) -> None:
    for number in (1, 2, 3):
        engine.bulk([document(number), speech(number, "停机")])
    engine.tidy()
    engine.client.indices.refresh(index=engine.alias)
    told = engine.client.indices.stats(index=engine.index, metric="segments")
    assert told["_all"]["total"]["segments"]["count"] == 1
    assert sorted(ids(engine, "交接班")) == sorted(ids(engine, "停机")) == [1, 2, 3]
