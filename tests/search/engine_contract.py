"""What every search engine must do. A test module of an engine imports all of this and brings the fixture `engine`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from search.engines.base import FULL_PAGE, Document, Fingerprint, Found, Removal, Request, SearchEngine, Speech
from search.permissions import Clause
from search.query_language import normalise_query
from search.windows import Cue, windows_of

NOW = datetime(2026, 7, 1, 10, tzinfo=UTC)
MEMBER = Clause(NOW, frozenset({"public", "members"}), frozenset({7}))
ANYONE = Clause(NOW, frozenset({"public"}))
PLAIN = Document(
    lecture_id=1,
    read_at=NOW,
    title="站台上的交接班",
    speaker="祁连生",
    topic="班组安全",
    courses=(),
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
    course_ids=(),
    length="5-10",
    year=2026,
    language="zh-hans",
    is_captioned=False,
    is_featured=False,
    merit=0.0,
    views=0,
)
LATER = NOW + timedelta(seconds=1)


def document(lecture_id: int, **facts: Any) -> Document:
    return replace(PLAIN, lecture_id=lecture_id, **facts)


def plain(lecture_id: int, title: str, **facts: Any) -> Document:
    """Nothing but a title."""
    return document(
        lecture_id, **{"title": title, "summary": "", "topic": "", "speaker": "", "organisation": "", **facts}
    )


def speech(lecture_id: int, *texts: str, about: str = "", read_at: datetime = NOW, source: str = "speech") -> Speech:
    """Each text is a window of its own, ten seconds long."""
    cues = [[Cue(at * 10_000, at * 10_000 + 10_000, text, source)] for at, text in enumerate(texts)]
    return Speech(lecture_id, read_at, about, tuple(window for one in cues for window in windows_of(one)))


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
    assert look(engine, "交接班", is_full=True).ids == [2]


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
            found = look(engine, typed, seen_by=seen_by)
            assert (found.ids, found.total, found.full) == (([1], 1, 1) if sees else ([], 0, 0))
            assert found.facets["topic"] == ({"1": 1} if sees else {})


def test_each_facet_is_counted_under_what_is_chosen_of_the_others(engine: SearchEngine) -> None:
    engine.bulk([document(number, topic_id=1 + number % 2, year=2020 + number // 4) for number in range(1, 6)])
    for typed in ("班", "交接", "交接班"):
        found = look(engine, typed, chosen={"topic": {"2"}})
        assert (sorted(found.ids), found.total, found.full) == ([1, 3, 5], 3, 5)
        assert found.facets["topic"] == {"1": 2, "2": 3}
        assert found.facets["year"] == {"2020": 2, "2021": 1}
        both = look(engine, typed, chosen={"topic": {"2"}, "year": {"2021"}})
        assert (both.ids, both.facets["topic"], both.facets["year"]) == ([5], {"1": 1, "2": 1}, {"2020": 2, "2021": 1})


def test_several_values_of_one_facet_widen(engine: SearchEngine) -> None:
    engine.bulk([document(number, topic_id=number) for number in range(1, 4)])
    assert sorted(ids(engine, "交接班", chosen={"topic": {"1", "3"}})) == [1, 3]


@pytest.mark.parametrize(
    ("facet", "facts", "value"),
    [
        ("speaker", {"speaker": "周桂兰"}, "周桂兰"),
        ("organisation", {"organisation_id": 9}, "9"),
        ("course", {"course_ids": (4, 5), "courses": ("班组安全十讲", "别的")}, "5"),
        ("length", {"length": "20-"}, "20-"),
        ("year", {"year": 2024}, "2024"),
        ("language", {"language": "en"}, "en"),
        ("captioned", {"is_captioned": True}, "1"),
        ("featured", {"is_featured": True}, "1"),
        ("kind", {"kind": "replay"}, "replay"),
    ],
)
@pytest.mark.parametrize("others", [1, FULL_PAGE + 1])
def test_every_facet_narrows_and_counts(
    engine: SearchEngine, facet: str, facts: dict[str, Any], value: str, others: int
) -> None:
    engine.bulk([document(1, **facts), *(document(2 + number) for number in range(others))])
    found = look(engine, "交接班", chosen={facet: {value}})
    assert (found.ids, found.total, found.facets[facet][value]) == ([1], 1, 1)
    assert ids(engine, "交接班", chosen={facet: {"no such"}}) == []


def test_a_facet_nobody_knows_holds_nothing(engine: SearchEngine) -> None:
    engine.bulk([PLAIN])
    assert ids(engine, "交接班", chosen={"nonsense": {"1"}}) == []


@pytest.mark.parametrize("many", [10, 60])
def test_pages_hold_each_lecture_once(engine: SearchEngine, many: int) -> None:
    engine.bulk([document(number) for number in range(1, many + 1)])
    pages = [look(engine, "交接班", offset=offset, limit=7) for offset in range(0, many, 7)]
    assert sorted(number for page in pages for number in page.ids) == list(range(1, many + 1))
    assert {page.total for page in pages} == {many}


def test_pages_do_not_shift_when_something_new_comes_out(engine: SearchEngine) -> None:
    engine.bulk([document(number) for number in range(1, 31)])
    first = look(engine, "交接班", until=NOW, limit=10)
    engine.bulk([document(99, published_at=LATER)])
    second = look(engine, "交接班", until=NOW, offset=10, limit=10)
    assert not set(first.ids) & set(second.ids)
    assert (first.total, second.total, look(engine, "交接班").total) == (30, 30, 31)


def test_orders_are_by_date_by_viewers_and_featured_first(engine: SearchEngine) -> None:
    for number in (1, 2, 3):
        published = NOW - timedelta(days=400 + number)
        engine.bulk([document(number, published_at=published, views=number * 10, is_featured=number == 2)])
    assert ids(engine, "交接班", order="new") == [1, 2, 3]
    assert ids(engine, "交接班", order="watched") == [3, 2, 1]
    assert ids(engine, "交接班", order="featured") == [2, 1, 3]


def test_orders_of_many_are_the_same(engine: SearchEngine) -> None:
    many = range(1, FULL_PAGE + 6)
    engine.bulk([document(number, views=number, is_featured=number == 7) for number in many])
    assert ids(engine, "交接班", order="watched", limit=100) == list(reversed(many))
    assert ids(engine, "交接班", order="featured", limit=100)[0] == 7


def test_what_is_earned_and_new_goes_first_among_equals(engine: SearchEngine) -> None:
    old = NOW - timedelta(days=900)
    engine.bulk([document(1, published_at=old), document(2, published_at=old, merit=0.2), document(3)])
    assert ids(engine, "交接班") in ([2, 3, 1], [3, 2, 1])


def test_no_merit_beats_a_clear_answer(engine: SearchEngine) -> None:
    engine.bulk([plain(1, "停机十二分钟", published_at=NOW - timedelta(days=900))])
    engine.bulk([plain(2, "别的", summary="说到停机" + "与此无关的话" * 20, merit=0.5)])
    engine.bulk([plain(number, "还有很多课") for number in range(3, 30)])
    assert ids(engine, "停机") == [1, 2]


def test_what_was_put_again_is_there_once_and_new(engine: SearchEngine) -> None:
    engine.bulk([document(1, title="旧题目")])
    engine.bulk([document(1, title="新题目", read_at=LATER)])
    assert (ids(engine, "旧题"), ids(engine, "新题"), engine.count()) == ([], [1], 1)


@pytest.mark.parametrize(("microseconds", "wins"), [(-1, False), (0, True), (1, True)])
def test_an_older_document_never_wins(engine: SearchEngine, microseconds: int, wins: bool) -> None:
    engine.bulk([document(1, title="先来")])
    engine.bulk([document(1, title="后到", read_at=NOW + timedelta(microseconds=microseconds))])
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
    documents = {number: document(number, views=number * 10) for number in (3, 1, 2)}
    said = speech(2, "说到")
    engine.bulk([*documents.values(), said])
    assert engine.fingerprints(up_to=2) == {
        1: Fingerprint(documents[1].fingerprint, ""),
        2: Fingerprint(documents[2].fingerprint, said.fingerprint),
    }
    assert engine.fingerprints(after=2) == {3: Fingerprint(documents[3].fingerprint, "")}


def test_a_fingerprint_tells_contents_apart_and_not_readings() -> None:
    assert replace(PLAIN, read_at=NOW + timedelta(days=1)).fingerprint == PLAIN.fingerprint
    assert replace(PLAIN, speaker="别人").fingerprint != PLAIN.fingerprint
    assert speech(1, "一", read_at=LATER).fingerprint == speech(1, "一").fingerprint != speech(1, "二").fingerprint


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
    assert engine.is_ours()


def test_an_index_made_beside_takes_the_place_at_once(engine: SearchEngine) -> None:
    engine.bulk([plain(1, "旧的")])
    made = engine.build("next")
    made.reset()
    made.bulk([plain(2, "新的")])
    assert (ids(engine, "旧的"), ids(engine, "新的"), ids(made, "新的")) == ([1], [], [2])
    engine.become("next")
    assert (ids(engine, "旧的"), ids(engine, "新的")) == ([], [2])
    engine.bulk([plain(3, "新的")])
    assert sorted(ids(engine, "新的")) == [2, 3]
    for name in ("third", "fourth"):
        again = engine.build(name)
        again.reset()
        again.bulk([plain(4, name)])
    engine.build("third").discard()
    engine.become("fourth")
    assert ids(engine, "fourth") == [4]
