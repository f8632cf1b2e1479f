"""What is offered: corrections, suggestions, moments, and searching inside one lecture."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone

from courses.models import Lecture
from media_pipeline import text_tracks
from search import corrections, inside, queries, suggestions
from search.asked import Asked
from search.engines.base import SearchEngine
from search.queries import Results
from tests import cast
from tests.search.conftest import indexed

VTT = (
    "WEBVTT\n\n00:00:02.000 --> 00:00:06.000\n先把班前会开好。\n\n"
    "00:00:40.000 --> 00:00:46.000\n我把交接班的六句话写在手套箱盖上，谁来都看得见。\n"
)


def look(text: str, member: Any = None, **facts: Any) -> Results:
    return queries.search(member or cast.member(), Asked(text, **facts), now=timezone.now())


def with_captions(lecture: Lecture) -> Lecture:
    assert lecture.asset.cut is not None
    text_tracks.add(lecture.asset.cut, VTT.encode(), language="zh-Hans", by=cast.editor(), now=timezone.now())
    return lecture


@pytest.mark.parametrize(
    ("typed", "meant"), [("交接版", "交接班"), ("交揭班", "交接班"), ("交接斑", "交接班"), ("教接班", "交接班")]
)
@pytest.mark.django_db
def test_one_wrong_character_is_put_right_and_said(any_index: SearchEngine, typed: str, meant: str) -> None:
    lecture = cast.lecture(title="站台上的交接班", topic=cast.topic("安全"), summary="")
    indexed(lecture)
    found = look(typed)
    # Two tokens of three: where a part of it is found anyway, the right word is offered beside it.
    assert meant in {found.meant, found.maybe}
    assert [hit.lecture.pk for hit in found.hits] == [lecture.pk]
    assert look(typed, exactly=True).meant == ""


@pytest.mark.django_db
def test_nothing_is_offered_for_what_stands_there_or_for_what_nothing_sounds_like(index: SearchEngine) -> None:
    indexed(cast.lecture(title="交接班"))
    for typed in ("交接班", "停机", "jiaojieban"):
        found = look(typed)
        assert (found.meant, found.maybe) == ("", "")


@pytest.mark.django_db
def test_nothing_is_guessed_while_somebody_types(any_index: SearchEngine) -> None:
    indexed(cast.lecture(title="停机十二分钟", summary=""))
    assert look("停鸡").meant == "停机"
    typing = look("停鸡", is_typing=True)
    assert (typing.hits, typing.meant, typing.maybe) == ([], "", "")


@pytest.mark.django_db
def test_the_page_says_what_it_did(index: SearchEngine, client: Client) -> None:
    indexed(cast.lecture(title="停机十二分钟", summary="", visibility="public"))
    html = client.get("/search/?q=停鸡").content.decode()
    assert "没有“停鸡”" in html
    assert "<strong>“停机”</strong>" in html
    assert "exactly=1" in html
    assert "停机" not in client.get("/search/?q=停鸡&exactly=1").content.decode().split("newest")[0]


@pytest.mark.django_db
def test_only_a_character_whose_rest_stands_is_guessed_at(index: SearchEngine) -> None:
    indexed(cast.lecture(title="交接班", summary="", topic=cast.topic("安全")))
    rests = corrections.rests("交揭班")
    assert rests == {0: " 揭班", 1: "交 班", 2: "交揭 "}
    assert index.standing(list(rests.values())) == ["交 班"]
    assert "交接班" in corrections.guesses("交揭班", [1])
    assert all((one[0], one[2]) == ("交", "班") for one in corrections.guesses("交揭班", [1]))


def test_guesses_are_few_and_never_the_same() -> None:
    for typed in ("十", "是是是是是是是是", "交接班", "拖拉机", "abc", "", "长" * 13):
        guesses = corrections.guesses(typed, corrections.rests(typed))
        assert len(guesses) == len(set(guesses)) <= corrections.MOST_GUESSES
        assert typed not in guesses
        assert all(len(one) == len(typed) for one in guesses)


@pytest.mark.parametrize("typed", ["交", "jiaoj", "jj", "站台", "QLS"])
@pytest.mark.django_db
def test_titles_are_suggested_while_they_are_typed(any_index: SearchEngine, typed: str) -> None:
    lecture = cast.lecture(cast.member("祁连生"), title="站台上的交接班")
    indexed(lecture)
    found = suggestions.suggest(cast.member(), typed, now=timezone.now())
    assert lecture.get_absolute_url() in {one.url for one in found}


@pytest.mark.django_db
def test_speakers_and_topics_are_suggested_by_name(index: SearchEngine, client: Client) -> None:
    author, topic = cast.member("祁连生"), cast.topic("班组安全")
    indexed(*(cast.lecture(author, title=f"第{at}节", topic=topic, visibility="public") for at in range(3)))
    answer = client.get("/search/suggestions/?q=祁").json()["suggestions"]
    assert [one["kind"] for one in answer] == ["speaker", "lecture", "lecture", "lecture"]
    assert answer[0]["parts"] == [["祁", True], ["连生", False]]
    assert client.get("/search/suggestions/?q=班组").json()["suggestions"][0]["kind"] == "topic"
    assert client.get("/search/suggestions/").json() == {"suggestions": []}


@pytest.mark.parametrize(("typed", "found"), [("zhantaishangdeji", True), ("Less", True), ("班", True), ("好", False)])
@pytest.mark.django_db
def test_results_come_before_a_word_is_finished(any_index: SearchEngine, typed: str, found: bool) -> None:
    indexed(cast.lecture(title="站台上的交接班 Lessons", summary="", topic=cast.topic("安全")))
    assert bool(look(typed, is_typing=True).hits) == found


@pytest.mark.django_db
def test_a_hit_in_speech_says_the_sentence_and_opens_its_second(any_index: SearchEngine, client: Client) -> None:
    lecture = with_captions(cast.lecture(title="站台", topic=cast.topic("别的"), summary="", visibility="public"))
    indexed(lecture)
    [hit] = look("手套箱").hits
    [moment] = hit.moments
    assert (moment.url, moment.second) == (f"{lecture.get_absolute_url()}?t=40", 40)
    assert ("手套箱", True) in moment.parts
    assert moment.tile is not None
    assert (moment.tile.x, moment.tile.y) == (0, 90)  # the 11th of 15 tiles of a minute, ten in a row
    html = client.get("/search/?q=手套箱").content.decode()
    assert f'href="{lecture.get_absolute_url()}?t=40"' in html
    assert "00:40" in html
    assert 'data-tile="0 90 160 90"' in html


@pytest.mark.django_db
def test_one_lecture_is_searched_in_the_order_of_time(any_index: SearchEngine, client: Client) -> None:
    lecture = with_captions(cast.lecture(title="站台", visibility="public"))
    other = with_captions(cast.lecture(title="别的", visibility="public"))
    indexed(lecture, other)
    found = inside.search(lecture, "班", now=timezone.now())
    assert {one.url.split("?")[0] for one in found.moments} == {lecture.get_absolute_url()}
    seconds = [one.second for one in found.moments]
    assert seconds == sorted(seconds) != []
    html = client.get(f"{lecture.get_absolute_url()}?q=手套箱").content.decode()
    assert "?t=40" in html
    assert client.get(f"/search/in/{lecture.public_id}/?q=手套箱").content.decode().count("<li>") == 1
    assert "没有说到" in client.get(f"/search/in/{lecture.public_id}/?q=拖拉机").content.decode()


@pytest.mark.django_db
def test_a_lecture_without_texts_has_no_box_to_search_in(index: SearchEngine, client: Client) -> None:
    lecture = cast.lecture(visibility="public")
    assert 'id="inside"' not in client.get(lecture.get_absolute_url()).content.decode()
    with_captions(lecture)
    assert 'id="inside"' in client.get(lecture.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_twenty_hits_with_moments_cost_six_queries_at_most(
    index: SearchEngine, django_assert_max_num_queries: Any
) -> None:
    branch = cast.organisation(parent=cast.organisation(kind="committee"))
    indexed(*(with_captions(cast.lecture(cast.member(organisation=branch), title="站台")) for _ in range(20)))
    searcher = cast.member(organisation=branch)
    with django_assert_max_num_queries(3):  # and on the page session, member, and the question counted
        found = queries.search(searcher, Asked("手套箱"), now=timezone.now())
    assert len(found.hits) == 20
    assert all(hit.moments for hit in found.hits)
    assert found.facets["organisation"].values[0].label == branch.short_name


@pytest.mark.django_db
def test_a_visitor_is_offered_nothing_of_what_is_for_members(any_index: SearchEngine) -> None:
    indexed(with_captions(cast.lecture(cast.member("祁连生"), title="站台上的交接班", topic=cast.topic("班组安全"))))
    visitor = AnonymousUser()
    for typed in ("交", "祁", "班组", "jj"):
        assert suggestions.suggest(visitor, typed, now=timezone.now()) == []
    for typed in ("交接版", "交接班", "手套香", "手套箱"):
        found = look(typed, visitor)
        assert (found.total, found.meant, found.maybe) == (0, "", "")
        assert not any(facet.values for facet in found.facets.values())
