"""What the embedded engine does in either database, and no other engine does so."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import pytest

from search.engines.base import FULL_PAGE
from search.engines.embedded import EmbeddedEngine
from search.query_language import Phrase
from tests.search.engine_contract import document, ids, look, plain, speech

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


def test_of_more_moments_than_are_looked_at_the_last_are_found_and_all_once_something_is_chosen(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module(EmbeddedEngine.__module__), "MOST_MOMENTS_LISTED", MANY)
    numbers = range(1, 2 * MANY + 1)
    engine.bulk([plain(number, "课", topic_id=1) for number in numbers])
    engine.bulk([speech(number, "写在手套箱盖上") for number in numbers])
    found = look(engine, "手套箱", limit=2 * MANY)
    assert (sorted(found.ids), found.total, found.is_more) == ([*numbers][MANY:], MANY, True)
    chosen = look(engine, "手套箱", chosen={"topic": {"1"}})
    assert (chosen.total, chosen.is_more) == (2 * MANY, False)


def test_what_nobody_holds_is_counted_once_a_question(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.bulk([document(1), speech(1, "我把交接班的六句话写下来。")])
    counted: list[Phrase] = []
    count = engine.tables.count_moment_holders

    def told(phrases: Sequence[Phrase], limit: int) -> list[int]:
        counted.extend(phrases)
        return count(phrases, limit)

    monkeypatch.setattr(engine.tables, "count_moment_holders", told)
    assert ids(engine, "交接班 量子") == [1]
    assert counted.count(Phrase(("量子",))) == 1
