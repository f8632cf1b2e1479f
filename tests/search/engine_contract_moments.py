"""The second half of the suite: what is said and shown, and how Chinese is typed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from search.engines.base import FULL_PAGE, Removal, SearchEngine, Speech
from search.query_language import left_open, normalise_query
from search.windows import SLIDE, SPEECH, Cue, moment, windows_of
from tests.search.engine_contract import LATER, MEMBER, NOW, Request, document, ids, look, plain, speech

SAID = "我把交接班的六句话写在手套箱盖上，谁来都看得见。"


def said_at(engine: SearchEngine, typed: str, lecture_id: int = 1, limit: int = 3) -> list[int]:
    """The seconds of the moments."""
    query = normalise_query(typed)
    return [moment(one, query).second for one in engine.moments(query, [lecture_id], limit).get(lecture_id, [])]


def test_what_is_said_finds_the_lecture_and_the_second(engine: SearchEngine) -> None:
    engine.bulk([plain(1, "站台"), plain(2, "站台"), speech(1, "没有", "问题出在前一个交接班，白班知道泵在响。")])
    found = look(engine, "交接班")
    assert (found.ids, found.facets["place"]) == ([1], {"speech": 1})
    assert said_at(engine, "交接班") == [10]
    assert ids(engine, "白班知道泵在响") == [1]


def test_what_stands_on_a_slide_finds_it_and_is_told_apart(engine: SearchEngine) -> None:
    engine.bulk(
        [plain(1, "交接班"), plain(2, "别的"), speech(2, "交接班记录", source=SLIDE), plain(3, "课"), speech(3, SAID)]
    )
    found = look(engine, "交接班")
    assert sorted(found.ids) == [1, 2, 3]
    assert found.facets["place"] == {"title": 1, "slide": 1, "speech": 1}
    assert ids(engine, "交接班", chosen={"place": {"slide"}}) == [2]
    assert sorted(ids(engine, "交接班", chosen={"place": {"title", "speech"}})) == [1, 3]


def test_places_are_counted_among_many(engine: SearchEngine) -> None:
    engine.bulk([plain(number, "交接班") for number in range(1, FULL_PAGE + 1)])
    engine.bulk([plain(90, "课"), speech(90, SAID), plain(91, "课"), speech(91, "交接班记录", source=SLIDE)])
    found = look(engine, "交接班")
    assert (found.total, found.facets["place"]) == (FULL_PAGE + 2, {"title": FULL_PAGE, "speech": 1, "slide": 1})
    assert ids(engine, "交接班", chosen={"place": {"slide"}}) == [91]


def test_a_title_comes_before_what_is_said_in_passing(engine: SearchEngine) -> None:
    engine.bulk([plain(1, "课"), speech(1, "顺便也说到停机，还有很多别的话要讲。"), plain(2, "停机十二分钟")])
    assert ids(engine, "停机") == [2, 1]


def test_who_and_what_was_said_find_the_moment_together(engine: SearchEngine) -> None:
    engine.bulk([plain(1, "站台", speaker="祁连生"), speech(1, SAID, about="站台。祁连生")])
    engine.bulk([plain(2, "站台", speaker="别人"), speech(2, SAID, about="站台。别人")])
    assert look(engine, "祁连生 手套箱").ids[0] == 1
    assert look(engine, "祁连生 手套箱").full == 1


def test_a_title_alone_makes_no_moment(engine: SearchEngine) -> None:
    engine.bulk([plain(1, "交接班"), speech(1, "别的话", about="交接班。")])
    found = look(engine, "交接班")
    assert (found.ids, found.facets["place"]) == ([1], {"title": 1})
    assert said_at(engine, "交接班") == []


def test_the_best_moments_come_first_and_no_more_than_asked(engine: SearchEngine) -> None:
    engine.bulk([plain(1, "课"), speech(1, "接班", "交接班", "没有", "也说交接", "交接班交接班")])
    assert set(said_at(engine, "交接班", limit=2)) == {10, 40}
    assert len(said_at(engine, "交接班", limit=9)) == 4


def test_a_moment_is_the_window_that_was_put(engine: SearchEngine) -> None:
    cues = [Cue(0, 4_000, "“交接班”", SPEECH, "zh-hans"), Cue(4_000, 9_000, "六句話 to go", SPEECH, "zh-hans")]
    put = windows_of([*cues, Cue(500, 9_000, "交接班记录", SLIDE, "zh-hant")])
    engine.bulk([plain(1, "课"), Speech(1, NOW, "课。", put)])
    assert set(engine.moments(normalise_query("交接班"), [1], 9)[1]) == set(put)


def test_moments_are_told_only_of_the_lectures_asked_for(engine: SearchEngine) -> None:
    engine.bulk([plain(number, "课") for number in (1, 2, 3)] + [speech(number, SAID) for number in (1, 2, 3)])
    assert set(engine.moments(normalise_query("交接班"), [1, 3], 3)) == {1, 3}
    assert engine.moments(normalise_query("交接班"), [], 3) == {}


def test_a_word_that_was_asked_for_before_anybody_said_it_shows_its_moment_at_once(engine: SearchEngine) -> None:
    engine.bulk([document(1), speech(1, "今天讲交接班。")])
    query = normalise_query("手套箱")
    assert (ids(engine, "手套箱"), engine.moments(query, [1], 3)) == ([], {})
    engine.bulk([speech(1, "今天讲手套箱。", read_at=LATER)])
    assert (ids(engine, "手套箱"), len(engine.moments(query, [1], 3)[1])) == ([1], 1)


def test_who_may_not_see_the_lecture_does_not_find_it_by_what_is_said(engine: SearchEngine) -> None:
    engine.bulk(
        [
            plain(1, "课", state="withdrawn"),
            speech(1, SAID),
            plain(2, "课", organisation_id=8, visibility="organisation"),
        ]
    )
    engine.bulk([speech(2, SAID), plain(3, "课", unpublish_at=NOW), speech(3, SAID)])
    for typed in ("手套箱", "交接班的六句话写在哪里"):
        found = look(engine, typed)
        assert (found.ids, found.total, found.facets["place"]) == ([], 0, {})


def test_a_question_finds_the_passage_that_answers_it(engine: SearchEngine) -> None:
    engine.bulk([plain(number, "课") for number in range(1, 9)])
    engine.bulk([speech(number, f"今天讲第{number}件事，大家安静听。") for number in range(1, 8)] + [speech(8, SAID)])
    assert ids(engine, "交接班的六句话写在了什么地方？")[0] == 8


def test_a_phrase_is_found_in_speech_as_it_stands(engine: SearchEngine) -> None:
    engine.bulk([plain(1, "课"), speech(1, "最怕一句没什么事"), plain(2, "课"), speech(2, "没什，什么，么事")])
    assert ids(engine, "“没什么事”") == [1]


def test_what_is_left_out_may_not_be_said_either(engine: SearchEngine) -> None:
    engine.bulk(
        [plain(1, "停机"), speech(1, "说到检修"), plain(2, "停机"), speech(2, "说到停机检修"), plain(3, "停机")]
    )
    assert ids(engine, "停机 -检修") == [3]


def test_a_new_speech_takes_the_place_of_the_old_one(engine: SearchEngine) -> None:
    engine.bulk([plain(1, "课"), speech(1, "旧话一", "旧话二", "旧话三")])
    engine.bulk([speech(1, "新话", read_at=LATER)])
    assert (ids(engine, "旧话"), ids(engine, "新话"), engine.count_moments()) == ([], [1], 1)
    assert said_at(engine, "旧话三") == []
    engine.bulk([speech(1, read_at=LATER + timedelta(seconds=1))])
    assert (ids(engine, "新话"), engine.count_moments()) == ([], 0)
    assert engine.fingerprints()[1].speech == ""


def test_a_late_speech_never_wins(engine: SearchEngine) -> None:
    engine.bulk([plain(1, "课"), speech(1, "新话", read_at=LATER)])
    engine.bulk([speech(1, "旧话一", "旧话二", "旧话三")])
    assert (ids(engine, "旧话"), ids(engine, "新话"), engine.count_moments()) == ([], [1], 1)


def test_a_removal_takes_its_speech_along(engine: SearchEngine) -> None:
    engine.bulk([plain(1, "课"), speech(1, SAID)])
    engine.bulk([Removal(1, LATER)])
    assert (ids(engine, "手套箱"), engine.count_moments()) == ([], 0)
    engine.bulk([speech(1, SAID)])
    assert (ids(engine, "手套箱"), engine.count_moments()) == ([], 0)


# ---- how Chinese is typed ----


@pytest.mark.parametrize(
    "typed",
    ["jiaojieban", "JiaoJieBan", "ｊｉａｏｊｉｅｂａｎ", "jiaojie", "jjb", "zhantai", "qiliansheng", "banzuanquan"],
)
def test_pinyin_finds_titles_and_names(engine: SearchEngine, typed: str) -> None:
    engine.bulk([document(1), plain(2, "停机十二分钟")])
    assert ids(engine, typed) == [1]


@pytest.mark.parametrize("typed", ["chongqing", "zhongqing"])
def test_a_character_read_in_two_ways_is_found_by_both(engine: SearchEngine, typed: str) -> None:
    engine.bulk([plain(1, "重庆支部"), plain(2, "别的")])
    assert ids(engine, typed) == [1]


def test_a_word_that_looks_like_pinyin_is_a_word_first(engine: SearchEngine) -> None:
    engine.bulk([plain(1, "Dang 软件"), plain(2, "党")])
    assert sorted(ids(engine, "dang")) == [1, 2]


@pytest.mark.parametrize("typed", ["三会一课", "支部党员大会", "怎么开三會一課", "三会一课 怎么"])
def test_synonyms_stand_for_each_other(engine: SearchEngine, typed: str) -> None:
    groups = [frozenset({"三会一课", "支部党员大会"})]
    engine.bulk([plain(1, "三会一课怎么开"), plain(2, "支部党员大会怎么开"), plain(3, "别的")])
    assert sorted(engine.search(Request(normalise_query(typed, groups), MEMBER)).ids) == [1, 2]


def test_a_synonym_is_found_in_speech_too(engine: SearchEngine) -> None:
    engine.bulk([plain(1, "课"), speech(1, "今天开支部党员大会")])
    query = normalise_query("三会一课", [frozenset({"三会一课", "支部党员大会"})])
    assert engine.search(Request(query, MEMBER)).ids == [1]
    assert set(engine.moments(query, [1], 3)) == {1}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("站", [1]),
        ("交接", [1]),
        ("jiaojieb", [1]),
        ("zhantaishangdeji", [1]),
        ("jj", [1]),
        ("qi", [1]),
        ("Less", [2]),
        ("手套", []),
    ],
)
def test_names_are_found_while_they_are_typed(engine: SearchEngine, typed: str, found: list[int]) -> None:
    engine.bulk([document(1, summary="手套箱"), plain(2, "Lessons learned"), speech(1, SAID)])
    request: Any = Request(left_open(normalise_query(typed)), MEMBER, scope="names")
    assert engine.search(request).ids == found


def test_only_variants_that_stand_somewhere_are_named(engine: SearchEngine) -> None:
    engine.bulk([plain(1, "站台上的交接班"), plain(2, "课"), speech(2, "交接班", "停机")])
    assert engine.standing(["交接版", "交接班", "停鸡", "停机", ""]) == ["交接班", "停机"]
    assert engine.standing([]) == []
