"""Folding, tokens, the query language and highlights, without a database."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search import analysis
from search.folding import fold
from search.query_language import LONGEST_QUERY, MOST_TOKENS, Phrase, normalise_query, unquoted

MIXED = st.text(
    alphabet=st.one_of(st.sampled_from('党黨课課學习習交接班著藉ＡａB1 ，。"-“”İßﬁ㈱𠀀é'), st.characters()), max_size=60
)


def hits(text: str, query: str) -> list[str]:
    return [part for part, is_hit in analysis.highlight(text, normalise_query(query)) if is_hit]


@given(MIXED)
@example("İstanbul ﬁ ㈱ ＡＢＣ　黨課")
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(MIXED)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@given(MIXED, MIXED)
def test_a_highlight_is_the_original_in_pieces(text: str, typed: str) -> None:
    parts = analysis.highlight(text, normalise_query(typed))
    assert "".join(part for part, _ in parts) == text
    assert all(part for part, _ in parts)
    assert not any(first[1] and second[1] for first, second in pairwise(parts))


@given(MIXED)
@example("¼ ㈱黨課")
def test_what_a_text_holds_can_be_asked_for(text: str) -> None:
    held = [token.text for token in analysis.tokens(text)]
    for token in held:
        assert normalise_query(token[:LONGEST_QUERY]).tokens == (token,)


@given(MIXED, st.integers(10, 40))
def test_a_snippet_is_short_and_from_the_text(text: str, length: int) -> None:
    parts = analysis.snippet(text, normalise_query("党课"), length=length, before=5)
    joined = "".join(part for part, _ in parts)
    assert len(joined) <= length + 2
    assert joined.removeprefix("…").removesuffix("…") in text or joined in text


@pytest.mark.parametrize(
    ("written", "folded"),
    [("黨課", "党课"), ("ＧＤＰ２０２６", "gdp2026"), ("看著", "看着"), ("憑藉", "凭借"), ("　", " "), ("İ", "İ")],
)
def test_widths_cases_and_scripts_become_one(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("交接班", ["交接", "接班"]),
        ("党", ["党"]),
        ("三会一课 2026年GDP", ["三会", "会一", "一课", "2026", "年", "gdp"]),
        ("学习，党课", ["学习", "党课"]),
        ("，。", []),
    ],
)
def test_tokens_are_bigrams_and_words(text: str, expected: list[str]) -> None:
    assert [token.text for token in analysis.tokens(text)] == expected


def test_tokens_know_their_place_in_the_original() -> None:
    text = "，黨課ABC"
    assert [text[token.start : token.end] for token in analysis.tokens(text)] == ["黨課", "ABC"]


def test_a_query_is_words_phrases_and_exclusions() -> None:
    query = normalise_query('  交接班 “没什么事” -停机 - "" ')
    assert query.tokens == ("交接", "接班")
    assert query.phrases == ((Phrase(("没什", "什么", "么事")),),)
    assert query.excluded == ((Phrase(("停机",)),),)
    assert (query.quoted, query.left_out) == (("没什么事",), ("停机",))


def test_a_dash_inside_a_word_excludes_nothing() -> None:
    assert normalise_query("covid-19").excluded == ()


def test_a_query_of_exclusions_alone_asks_for_nothing() -> None:
    assert not normalise_query("-停机")


def test_single_characters_of_a_phrase_stand_alone() -> None:
    assert normalise_query('"a b 党 c"').phrases == ((Phrase(("a", "b", "党", "党", "c")),),)
    assert normalise_query('"党 课"').phrases == ((Phrase(("党",), is_open=True), Phrase(("课",), is_open=True)),)


def test_a_query_is_cut() -> None:
    query = normalise_query("党课学习" * 100)
    assert len(query.text) == LONGEST_QUERY
    varied = normalise_query("".join(chr(0x4E00 + at) for at in range(99)))
    assert len(varied.tokens) == MOST_TOKENS


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("站台上的交接班", "交接班", ["交接班"]),
        ("微黨課展播", "党课", ["黨課"]),
        ("我们的党", "党", ["党"]),
        ("党建和黨課", "党", ["党", "黨"]),
        ("ＧＤＰ 怎么算", "gdp", ["ＧＤＰ"]),
        ("<b>党课</b>", "党课", ["党课"]),
        ("别的", "党课", []),
    ],
)
def test_hits_are_marked_in_the_original_script(text: str, typed: str, marked: list[str]) -> None:
    assert hits(text, typed) == marked


def test_a_snippet_stands_around_the_first_hit() -> None:
    parts = analysis.snippet("前" * 100 + "党课" + "后" * 100, normalise_query("党课"), length=20, before=5)
    assert parts == [("…", False), ("前" * 5, False), ("党课", True), ("后" * 13, False), ("…", False)]


def test_threads_that_want_pinyin_at_once_all_get_it() -> None:
    """In a process of its own: the library is imported when first wanted, and by several threads it went wrong."""
    program = (
        "from concurrent.futures import ThreadPoolExecutor as Pool\n"
        "from search import pinyin\n"
        "acts = [lambda: pinyin.syllables('重庆'), lambda: pinyin.readings_of('党')] * 8\n"
        "with Pool(16) as pool:\n"
        "    print({str(one.result()) for one in [pool.submit(act) for act in acts]})\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "chong qing" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("typed", "without"),
    [
        ("“没什么事”", "没什么事"),
        ("五月天「第168场」在哪里", "五月天 第168场 在哪里"),
        ('停机 -"检修 班" “交接', '停机 -"检修 班" 交接'),
        ("“” 停机", "停机"),
    ],
)
def test_quotes_are_taken_off_what_is_asked_for_and_stay_on_what_is_not(typed: str, without: str) -> None:
    assert unquoted(typed) == without
