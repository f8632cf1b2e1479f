"""What the embedded engine does in either database, and no other engine does so."""

from __future__ import annotations

from importlib import import_module

import pytest

from search.engines.base import FULL_PAGE
from search.engines.embedded import EmbeddedEngine
from tests.search.engine_contract import document, ids, look, plain

MANY = 2 * FULL_PAGE


@pytest.fixture
def much(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> EmbeddedEngine:
    """More than is listed; of the first topic are the oldest. The very oldest one says it in its title."""
    monkeypatch.setattr(import_module(EmbeddedEngine.__module__), "MOST_LISTED", MANY)
    engine.bulk([plain(1, "交接班", topic_id=1)])
    engine.bulk(
        [document(2 + at, title="别的", summary="交接班", topic_id=1 + at // FULL_PAGE) for at in range(2 * MANY)]
    )
    return engine


def test_what_more_hold_than_are_listed_is_found_at_least_so_often_and_exactly_once_something_is_chosen(
    much: EmbeddedEngine,
) -> None:
    found = look(much, "交接班")
    assert (found.total, found.full, found.is_more) == (MANY, MANY, True)

    chosen = look(much, "交接班", chosen={"topic": {"1"}})
    assert (chosen.total, chosen.is_more) == (FULL_PAGE + 1, False)


def test_a_title_that_answers_is_first_however_many_newer_ones_only_say_it(much: EmbeddedEngine) -> None:
    assert ids(much, "交接班")[0] == 1
    assert 1 not in ids(much, "交接班", order="new", limit=MANY)
    assert look(much, "交接班", order="watched").total == 2 * MANY + 1
