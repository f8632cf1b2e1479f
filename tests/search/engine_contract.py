"""What every search engine must do. A test module of an engine imports all of this and brings the fixture `engine`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from search.analysis import normalise_query
from search.engines.base import FULL_PAGE, Document, Found, Removal, Request, SearchEngine
from search.permissions import Clause

NOW = datetime(2026, 7, 1, 10, tzinfo=UTC)
MEMBER = Clause(NOW, frozenset({"public", "members"}), frozenset({7}))
ANYONE = Clause(NOW, frozenset({"public"}))
PLAIN = Document(
    lecture_id=1,
    row_version=1,
    read_at=NOW,
    title="站台上的交接班",
    speaker="祁连生",
    topic="班组安全",
    summary="交班的人要说清楚查了哪几样。",
    organisation="物流站党支部",
    state="published",
    visibility="members",
    organisation_id=7,
    publish_at=None,
    unpublish_at=None,
    published_at=NOW - timedelta(days=3),
    kind="lecture",
    topic_id=1,
    is_featured=False,
)


def document(lecture_id: int, **facts: Any) -> Document:
    return replace(PLAIN, lecture_id=lecture_id, **facts)


def look(engine: SearchEngine, text: str, *, seen_by: Clause = MEMBER, **facts: Any) -> Found:
    return engine.search(Request(normalise_query(text), seen_by, **facts))


def ids(engine: SearchEngine, text: str, **facts: Any) -> list[int]:
    return look(engine, text, **facts).ids


@pytest.mark.parametrize(
    "typed", ["党课", "黨課", "微党课", "党课展播", "党", "黨", '"微党课展"', "ＧＤＰ", "gdp 党课", "2026"]
)
def test_any_script_width_and_part_of_a_word_finds_it(engine: SearchEngine, typed: str) -> None:
    engine.bulk([document(1, title="微党课展播"), document(2, title="微黨課展播")])
    engine.bulk([document(3, title="GDP 2026 微党课展播"), document(4, title="别的", organisation="")])
    found = ids(engine, typed)
    assert 4 not in found
    assert 3 in found
    assert ({1, 2} <= set(found)) or typed in {"ＧＤＰ", "2026"}


@pytest.mark.parametrize("typed", ["祁连生", "班组安全", "查了哪几样", "物流站"])
def test_all_that_is_said_of_a_lecture_finds_it(engine: SearchEngine, typed: str) -> None:
    engine.bulk([PLAIN])
    assert ids(engine, typed) == [1]


def test_a_title_comes_before_a_summary(engine: SearchEngine) -> None:
    engine.bulk([document(1, title="班前会", summary="也说停机"), document(2, title="停机", summary="没有")])
    assert ids(engine, "停机") == [2, 1]


def test_full_matches_come_before_partial_ones(engine: SearchEngine) -> None:
    engine.bulk([document(1, title="接班"), document(2, title="接班记录本 交接班的规矩"), document(3, title="别的")])
    found = look(engine, "交接班")
    assert found.ids == [2, 1]
    assert found.total == 2


def test_a_sliver_of_a_long_question_is_no_match(engine: SearchEngine) -> None:
    engine.bulk([document(1, title="清楚", summary=""), document(2, title="设备停机处理办法", summary="")])
    assert ids(engine, "说清楚设备停机处理办法") == [2]


def test_enough_full_matches_need_no_partial_ones(engine: SearchEngine) -> None:
    engine.bulk([document(number, title="交接班") for number in range(1, FULL_PAGE + 1)])
    engine.bulk([document(100, title="交接", summary="")])
    assert look(engine, "交接班").total == FULL_PAGE


def test_a_quoted_phrase_stands_as_it_is(engine: SearchEngine) -> None:
    engine.bulk(
        [document(1, title="没什么事"), document(2, title="没什，什么，么事"), document(3, title="没什 什么 么事")]
    )
    engine.bulk([document(4, title="Party School 党校 2026"), document(5, title="School Party, 2026 党校")])
    assert ids(engine, "“没什么事”") == [1]
    assert ids(engine, '"party school"') == [4]
    assert ids(engine, '"school 党校 2026"') == [4]
    assert ids(engine, '"party school 党"') == [4]


def test_excluded_words_do_not_occur(engine: SearchEngine) -> None:
    engine.bulk([document(1, title="停机检修"), document(2, title="停机十二分钟")])
    assert ids(engine, "停机 -检修") == [2]
    assert ids(engine, "停机 -修") == [2]
    assert ids(engine, "-检修") == []


@pytest.mark.parametrize("typed", ['"', "*", "AND", "title:交", "(", "NEAR(交 接)", "-", "'; DROP TABLE words", "\x00"])
def test_nothing_typed_is_read_as_the_engines_language(engine: SearchEngine, typed: str) -> None:
    engine.bulk([document(1, title="别的", summary="", topic="", speaker="", organisation="")])
    assert ids(engine, typed) == []
    assert ids(engine, "别的") == [1]


@pytest.mark.parametrize(
    ("facts", "member", "anyone"),
    [
        ({"visibility": "public"}, True, True),
        ({"visibility": "members"}, True, False),
        ({"visibility": "organisation", "organisation_id": 7}, True, False),
        ({"visibility": "organisation", "organisation_id": 8}, False, False),
        ({"visibility": "organisation", "organisation_id": None}, False, False),
        ({"visibility": "public", "state": "draft"}, False, False),
        ({"visibility": "public", "state": "withdrawn"}, False, False),
        ({"visibility": "public", "publish_at": NOW}, True, True),
        ({"visibility": "public", "publish_at": NOW + timedelta(microseconds=1)}, False, False),
        ({"visibility": "public", "unpublish_at": NOW}, False, False),
        ({"visibility": "public", "unpublish_at": NOW + timedelta(microseconds=1)}, True, True),
    ],
)
def test_only_what_one_may_see_is_found_and_counted(
    engine: SearchEngine, facts: dict[str, Any], member: bool, anyone: bool
) -> None:
    engine.bulk([document(1, **facts)])
    for seen_by, sees in ((MEMBER, member), (ANYONE, anyone)):
        for typed in ("交接班", "班"):
            assert look(engine, typed, seen_by=seen_by) == (Found([1], 1, {1: 1}) if sees else Found())


def test_topics_are_counted_whatever_topic_is_chosen(engine: SearchEngine) -> None:
    engine.bulk([document(number, topic_id=1 + number % 2) for number in range(1, 6)])
    for typed in ("班", "交接", "交接班"):
        found = look(engine, typed, topic_id=2)
        assert (sorted(found.ids), found.total, found.topics) == ([1, 3, 5], 3, {1: 2, 2: 3})


def test_only_featured_ones(engine: SearchEngine) -> None:
    engine.bulk([document(1, is_featured=True), document(2)])
    assert ids(engine, "交接班", only_featured=True) == [1]


@pytest.mark.parametrize("many", [10, 60])
def test_pages_hold_each_lecture_once(engine: SearchEngine, many: int) -> None:
    engine.bulk([document(number) for number in range(1, many + 1)])
    pages = [look(engine, "交接班", offset=offset, limit=7) for offset in range(0, many, 7)]
    assert sorted(number for page in pages for number in page.ids) == list(range(1, many + 1))
    assert {page.total for page in pages} == {many}


def test_what_was_put_again_is_there_once_and_new(engine: SearchEngine) -> None:
    engine.bulk([document(1, title="旧题目")])
    engine.bulk([document(1, title="新题目", row_version=2)])
    assert (ids(engine, "旧题"), ids(engine, "新题"), engine.count()) == ([], [1], 1)


@pytest.mark.parametrize(
    ("row_version", "seconds", "wins"), [(4, 9, False), (5, -1, False), (5, 0, True), (5, 1, True), (6, -9, True)]
)
def test_an_older_document_never_wins(engine: SearchEngine, row_version: int, seconds: int, wins: bool) -> None:
    engine.bulk([document(1, title="先来", row_version=5)])
    engine.bulk([document(1, title="后到", row_version=row_version, read_at=NOW + timedelta(seconds=seconds))])
    assert ids(engine, "后到") == ([1] if wins else [])
    assert ids(engine, "先来") == ([] if wins else [1])


def test_a_removal_takes_a_lecture_out(engine: SearchEngine) -> None:
    engine.bulk([PLAIN, document(2)])
    engine.bulk([Removal(1, NOW + timedelta(seconds=1)), Removal(99, NOW)])
    assert (ids(engine, "交接班"), ids(engine, "班"), engine.count(), set(engine.fingerprints())) == ([2], [2], 1, {2})


def test_a_late_document_does_not_bring_a_removed_lecture_back(engine: SearchEngine) -> None:
    engine.bulk([Removal(1, NOW + timedelta(seconds=1)), PLAIN])
    assert ids(engine, "交接班") == []
    engine.bulk([replace(PLAIN, read_at=NOW + timedelta(seconds=2))])
    assert ids(engine, "交接班") == [1]


def test_a_late_removal_does_not_take_out_what_came_after(engine: SearchEngine) -> None:
    engine.bulk([PLAIN, Removal(1, NOW - timedelta(seconds=1))])
    assert ids(engine, "交接班") == [1]


def test_fingerprints_come_by_ranges_of_ids(engine: SearchEngine) -> None:
    documents = {number: document(number, row_version=number * 10) for number in (3, 1, 2)}
    engine.bulk(list(documents.values()))
    assert engine.fingerprints(up_to=2) == {1: documents[1].fingerprint, 2: documents[2].fingerprint}
    assert engine.fingerprints(after=2) == {3: documents[3].fingerprint}


def test_a_fingerprint_tells_contents_apart_and_not_readings() -> None:
    assert replace(PLAIN, read_at=NOW + timedelta(days=1)).fingerprint == PLAIN.fingerprint
    assert replace(PLAIN, speaker="别人").fingerprint != PLAIN.fingerprint


def test_ensuring_keeps_and_resetting_empties(engine: SearchEngine) -> None:
    engine.bulk([PLAIN])
    engine.ensure()
    assert engine.count() == 1
    engine.reset()
    assert (engine.count(), ids(engine, "交接班")) == (0, [])
    engine.bulk([PLAIN])
    assert ids(engine, "交接班") == [1]


def test_an_engine_that_runs_is_well(engine: SearchEngine) -> None:
    assert engine.health()
