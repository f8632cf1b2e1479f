"""When the search server is out: who answers, what people are told, and how the server catches up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from search import answering, engines, outbox, tasks
from search.answering import FAILURES, LEFT_ALONE, Breaker
from search.engines.base import SearchEngine, SearchError
from search.engines.elastic import ElasticEngine
from search.models import OutboxEntry
from tests import cast
from tests.search.conftest import ELASTICSEARCH, with_elasticsearch

TIMEOUT = 0.3


@pytest.fixture
def hanging() -> Iterator[str]:
    """The address of a server that takes every call and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        kept: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for one in kept:
            one.close()


@pytest.fixture
def refusing() -> str:
    """The address of a server that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.fixture(params=["refusing", "hanging"])
def out(request: Any, index: SearchEngine) -> Iterator[ElasticEngine]:
    """An Elasticsearch that is set, and out; the embedded engine beside it."""
    server = ElasticEngine(request.getfixturevalue(request.param), prefix="out", timeout=TIMEOUT)
    answering.forget()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engines, "elasticsearch", lambda: server)
        engines.default.cache_clear()
        yield server
    answering.forget()


@pytest.mark.django_db
def test_the_embedded_engine_answers_and_says_so(out: ElasticEngine, client: Client) -> None:
    lecture = cast.lecture(title="交接班", visibility="public")
    outbox.note([lecture.pk])
    tasks.drain()
    html = client.get("/search/?q=交接班").content.decode()
    assert lecture.get_absolute_url() in html
    assert "备用搜索" in html
    cast.signed_in(client, cast.member())
    answer = client.get("/api/v1/search?q=交接班").json()
    assert [one["id"] for one in answer["results"]] == [lecture.public_id]
    assert answer["notice"]["code"] == "search_in_reserve"
    assert set(answer["notice"]["message"]) == {"zh-hans", "en"}


@pytest.mark.django_db
def test_nobody_waits_for_a_server_that_failed_several_times(
    out: ElasticEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    count = out.count
    monkeypatch.setattr(out, "count", lambda: (asked.append(out.name), count())[1])
    for _ in range(FAILURES + 20):
        assert answering.ask(lambda engine: engine.count()) == (0, True)
    assert asked == [out.name] * FAILURES


@pytest.mark.django_db
def test_ready_with_one_engine(out: ElasticEngine) -> None:
    from config import health

    assert health.CHECKS["search"]()


@pytest.mark.django_db
def test_what_the_server_missed_waits_for_it_and_keeps_no_other_waiting(out: ElasticEngine) -> None:
    lecture = cast.lecture(title="交接班")
    outbox.note([lecture.pk])
    tasks.drain()
    assert set(OutboxEntry.objects.values_list("engine", flat=True)) == {"elasticsearch"}
    lag = {one.engine: one for one in outbox.lag(timezone.now())}
    assert (lag["elasticsearch"].waiting, lag["fts"].waiting) == (2, 0)


@with_elasticsearch
@pytest.mark.django_db
def test_a_server_that_is_back_catches_up_and_answers(out: ElasticEngine) -> None:
    lecture = cast.lecture(title="交接班")
    outbox.note([lecture.pk])
    tasks.drain()
    back = ElasticEngine(ELASTICSEARCH, prefix=f"test-back-{lecture.public_id.lower()}", refresh=True, timeout=30)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engines, "elasticsearch", lambda: back)
        tasks.drain()
        assert not OutboxEntry.objects.exists()
        assert answering.ask(lambda engine: (engine.name, engine.count())) == (("elasticsearch", 1), False)
    back.destroy()


@pytest.mark.django_db
def test_an_error_of_the_only_engine_is_an_error(index: SearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> int:
        raise SearchError("disk gone")

    monkeypatch.setattr(index, "count", fail)
    with pytest.raises(SearchError):
        answering.ask(lambda engine: engine.count())


def test_a_breaker_opens_after_some_failures_and_lets_one_try_again() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    for _ in range(FAILURES):
        assert breaker.lets_through()
        breaker.failed()
    assert not breaker.lets_through()
    now[0] = LEFT_ALONE
    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]
    breaker.failed()
    now[0] += LEFT_ALONE - 0.1
    assert not breaker.lets_through()
    now[0] += 0.1
    assert breaker.lets_through()
    breaker.worked()
    assert all(breaker.lets_through() for _ in range(3))


def test_failures_that_are_not_in_a_row_open_nothing() -> None:
    breaker = Breaker(lambda: 0.0)
    for _ in range(FAILURES * 2):
        breaker.failed()
        breaker.worked()
    assert breaker.lets_through()
