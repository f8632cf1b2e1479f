"""Indices of the tests' own behind the door."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from courses.models import Lecture
from engagement.models import FeaturedMark, RuleSet
from search import engines, outbox
from search.engines.base import SearchEngine
from search.engines.elastic import ElasticEngine
from tests import cast

ELASTICSEARCH = os.environ.get("TEST_ELASTICSEARCH_URL", "")
with_elasticsearch = pytest.mark.skipif(
    not ELASTICSEARCH, reason="no Elasticsearch on this machine: script/services install brings one (Maven, Java 17)"
)


@pytest.fixture
def index(settings: Any, tmp_path: Path) -> Iterator[SearchEngine]:
    """The embedded engine, empty, for rules that reach it through `engines.default()`."""
    settings.SEARCH_INDEX_FILE, settings.ELASTICSEARCH_URL = tmp_path / "search.sqlite3", ""
    engines.forget()
    yield engines.default()
    engines.forget()


@pytest.fixture(params=["fts", pytest.param("elasticsearch", marks=with_elasticsearch)])
def any_index(request: Any, settings: Any, tmp_path: Path) -> Iterator[SearchEngine]:
    """Each engine in turn, as the one that answers."""
    settings.SEARCH_INDEX_FILE, settings.ELASTICSEARCH_URL = tmp_path / "search.sqlite3", ""
    engines.forget()
    if request.param == "fts":
        yield engines.default()
        engines.forget()
        return
    server = ElasticEngine(ELASTICSEARCH, prefix=f"test-rules-{os.getpid()}", refresh=True, timeout=30)
    server.reset()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engines, "elasticsearch", lambda: server)
        yield engines.default()
    engines.default.cache_clear()
    server.destroy()


def empty(engine: SearchEngine) -> None:
    """As after `reset`; a server makes a new index for that, which takes longer than an example has."""
    if not isinstance(engine, ElasticEngine):
        engine.reset()
        return
    engine.client.delete_by_query(index=engine.index, query={"match_all": {}}, refresh=True)


def indexed(*lectures: Lecture) -> None:
    """All engines know of them now."""
    outbox.note([one.pk for one in lectures])
    outbox.drain_all(timezone.now())


def sealed(lecture: Lecture) -> Lecture:
    """`lecture` as a featured one."""
    FeaturedMark.objects.create(
        lecture=lecture,
        topic=lecture.topic,
        period="2026-Q3",
        state=FeaturedMark.State.CONFIRMED,
        rules=RuleSet.objects.latest("version"),
        events_hash="0" * 64,
        found_at=cast.BEGINNING,
        decided_at=cast.BEGINNING,
    )
    return lecture
