"""The search page and its API: what is found, marked, offered, and what it costs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.models import CataloguePage, CourseItem, CoursePage
from media_pipeline import text_tracks
from search import queries
from search.asked import Asked
from search.engines.base import FULL_PAGE, SearchEngine, SearchError
from tests import cast
from tests.search.conftest import indexed, sealed

pytestmark = pytest.mark.django_db


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def member_client(client: Client) -> Client:
    return cast.signed_in(client, cast.member())


@pytest.mark.parametrize("typed", ["党课", "黨課", "课展", "党"])
def test_simplified_traditional_and_inner_words_find_it_and_are_marked(
    index: SearchEngine, member_client: Client, typed: str
) -> None:
    lecture = cast.lecture(title="微党课展播", summary="一節黨課。")
    indexed(lecture, cast.lecture(cast.member("祁连生"), title="别的", summary="", topic=cast.topic("班组安全")))
    html = page(member_client, f"/search/?q={typed}")
    assert lecture.get_absolute_url() in html
    assert "<mark>" in html
    assert "别的" not in html


def test_words_in_quotes_that_stand_nowhere_are_asked_for_without_them(
    index: SearchEngine, member_client: Client
) -> None:
    lecture = cast.lecture(title="站台上的交接班")
    indexed(lecture, cast.lecture(title="别的"))
    html = page(member_client, "/search/?q=“交接班站台”")
    assert lecture.get_absolute_url() in html
    assert "没有“‘交接班站台’”。下面是<strong>“交接班站台”</strong>的结果" in html
    found = queries.search(cast.member(), Asked("“交接班站台” -别的"), now=timezone.now())
    assert (found.meant, found.shown.text, found.total) == ("交接班站台 -别的", "交接班站台 -别的", 1)
    exactly = queries.search(cast.member(), Asked("“交接班站台”", exactly=True), now=timezone.now())
    assert (exactly.meant, exactly.total) == ("", 0)


def test_what_is_typed_and_stored_stays_text(index: SearchEngine, member_client: Client) -> None:
    indexed(cast.lecture(title="<script>交接班</script>"))
    html = page(member_client, "/search/?q=交接班<b>")
    assert "&lt;script&gt;<mark>交接班</mark>&lt;/script&gt;" in html
    assert "交接班&lt;b&gt;" in html
    assert "<b>" not in html.split("<main")[1].split("</main")[0]


def test_every_text_of_a_hit_and_of_its_chips_stays_text(index: SearchEngine, member_client: Client) -> None:
    mark = '"><script>'
    place = cast.organisation(f"{mark}组织", short_name=f"{mark}简称")
    speaker = cast.member(f"{mark}讲者", organisation=place)
    lecture = cast.lecture(speaker, title=f"{mark}交接班", summary=f"{mark}简介", topic=cast.topic(f"{mark}专题"))
    assert lecture.asset.cut is not None
    said = "WEBVTT\n\n00:02.000 --> 00:06.000\n&quot;&gt;&lt;script&gt;交接班怎么说\n"
    text_tracks.add(lecture.asset.cut, said.encode(), language="zh-Hans", by=cast.editor(), now=timezone.now())
    indexed(lecture, cast.lecture(cast.member(f"{mark}交接班"), title="别的", summary=f"{mark}交接班"))
    shown = page(member_client, f"/search/?{urlencode({'q': '交接班', 'order': mark})}").split("<main")[1]
    assert "<script>" not in shown
    for text in ("讲者", "简称", "专题", "怎么说"):
        assert text in shown


def test_courses_and_organisations_narrow_by_their_names(index: SearchEngine, member_client: Client) -> None:
    place = cast.organisation("检修班党支部", short_name="检修班")
    inside = cast.lecture(cast.member(organisation=place), title="交接班")
    for title, slug in (("班组安全十讲", "anquan"), ("岗位四讲", "gangwei")):
        CataloguePage.objects.get().add_child(
            instance=CoursePage(title=title, slug=slug, items=[CourseItem(lecture=inside)])
        )
    indexed(inside, cast.lecture(cast.member(organisation=cast.organisation()), title="交接班的规矩"))
    html = page(member_client, "/search/?q=交接班")
    assert "班组安全十讲 1</a>" in html
    assert "岗位四讲 1</a>" in html
    assert "检修班 1</a>" in html


def test_topics_narrow_and_say_how_many(index: SearchEngine, member_client: Client) -> None:
    safety, history = cast.topic("班组安全"), cast.topic("厂史")
    lectures = [cast.lecture(title="交接班", topic=topic) for topic in (safety, safety, history)]
    indexed(*lectures)
    html = page(member_client, f"/search/?q=交接班&topic={history.slug}")
    assert f'aria-current="true">{history.name} 1</a>' in html
    assert f"{safety.name} 2</a>" in html
    assert lectures[2].get_absolute_url() in html
    assert lectures[0].get_absolute_url() not in html


def test_featured_only(index: SearchEngine, member_client: Client) -> None:
    with_seal, without = sealed(cast.lecture(title="交接班")), cast.lecture(title="交接班")
    indexed(with_seal, without)
    html = page(member_client, "/search/?q=交接班&featured=1")
    assert with_seal.get_absolute_url() in html
    assert without.get_absolute_url() not in html
    assert 'class="seal"' in html


def test_a_visitor_finds_only_what_is_for_everyone(index: SearchEngine, client: Client) -> None:
    public, inside = cast.lecture(title="交接班", visibility="public"), cast.lecture(title="交接班")
    indexed(public, inside)
    html = page(client, "/search/?q=交接班")
    assert public.get_absolute_url() in html
    assert inside.get_absolute_url() not in html


def test_without_a_question_topics_and_the_newest_are_shown(index: SearchEngine, member_client: Client) -> None:
    lecture = cast.lecture()
    hidden = cast.lecture(state="withdrawn")
    html = page(member_client, "/search/")
    assert f"{lecture.topic.name} 1</a>" in html
    assert lecture.get_absolute_url() in html
    assert hidden.topic.name not in html


def test_an_empty_site_says_so(index: SearchEngine, member_client: Client) -> None:
    assert 'class="empty"' in page(member_client, "/search/")


def test_no_hit_offers_a_way_on(index: SearchEngine, member_client: Client) -> None:
    lecture = cast.lecture(title="交接班")
    indexed(lecture)
    html = page(member_client, f"/search/?q=拖拉机&topic={lecture.topic.slug}")
    assert 'href="?q=%E6%8B%96%E6%8B%89%E6%9C%BA"' in html
    assert lecture.get_absolute_url() in html


@pytest.mark.parametrize(
    "address",
    [
        "?q=交接班&page=x",
        "?q=交接班&page=0",
        "?q=交接班&page=²",
        "?q=交接班&until=99999999999999999999",
        "?q=交接班&until=1&page=2",
        "?q=交接班&order=nonsense&year=x&organisation=99999999999999999999&course=-1&length=5",
        "?q=交接班&topic=no-such",
        "?q=交接班&until=253402300799999990&page=2",
        "?q=%00",
        "?q=党%00课",
        "?q=" + "党" * 900,
    ],
)
def test_odd_addresses_are_answered(index: SearchEngine, member_client: Client, address: str) -> None:
    indexed(cast.lecture(title="交接班"))
    page(member_client, f"/search/{address}")


def test_an_index_that_is_out_is_said_and_costs_no_page(
    index: SearchEngine, member_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    lecture = cast.lecture(title="交接班")

    def fail(request: Any) -> None:
        raise SearchError("disk gone")

    monkeypatch.setattr(index, "search", fail)
    response = member_client.get("/search/?q=交接班")
    assert response.status_code == 503
    assert lecture.get_absolute_url() in response.content.decode()
    answer = member_client.get("/api/v1/search?q=交接班")
    assert (answer.status_code, answer.json()["code"]) == (503, "search_out")


def test_pages_lead_on(index: SearchEngine, member_client: Client) -> None:
    topic, author = cast.topic(), cast.member()
    indexed(*(cast.lecture(author, title="交接班", topic=topic) for _ in range(FULL_PAGE + 3)))
    assert "page=2" in page(member_client, "/search/?q=交接班")
    assert page(member_client, "/search/?q=交接班&page=2").count("<article") == 3


@pytest.mark.parametrize("many", [2, 12])
def test_a_search_costs_three_queries_however_much_it_finds(
    index: SearchEngine, django_assert_num_queries: Any, many: int
) -> None:
    branch = cast.organisation(parent=cast.organisation(kind="committee"))
    indexed(*(cast.lecture(cast.member(organisation=branch), title="交接班") for _ in range(many)))
    searcher = cast.member(organisation=branch)
    with django_assert_num_queries(3):  # what it begins with, hits, names of what can be chosen
        results = queries.search(searcher, Asked("交接班"), now=timezone.now())
    assert len(results.hits) == many


@pytest.mark.parametrize("address", ["/search/?q=交接班", "/search/"])
def test_the_page_costs_the_same_queries_for_two_and_for_twelve(
    index: SearchEngine, member_client: Client, address: str
) -> None:
    costs = []
    for more in (2, 10):
        indexed(*(cast.lecture(title="交接班") for _ in range(more)))
        page(member_client, address)  # what is searched for the first time on a day is a row to make
        with CaptureQueriesContext(connection) as counted:
            page(member_client, address)
        costs.append(len(counted))
    assert costs[0] == costs[1] <= 6


def test_the_api_answers_with_the_places_of_the_hits(index: SearchEngine, member_client: Client) -> None:
    lecture = cast.lecture(cast.member("祁连生"), title="站台上的交接班", summary="没有")
    indexed(lecture)
    answer = member_client.get("/api/v1/search?q=交接班").json()
    assert (answer["query"], answer["total"], answer["page"], answer["pages"]) == ("交接班", 1, 1, 1)
    [found] = answer["results"]
    assert (found["id"], found["speaker"], found["title"]) == (lecture.public_id, "祁连生", "站台上的交接班")
    assert found["highlights"]["title"] == [["站台上的", False], ["交接班", True]]
    assert isinstance(answer["took_ms"], int)


def test_the_api_wants_somebody(index: SearchEngine, client: Client) -> None:
    assert client.get("/api/v1/search?q=交接班").status_code == 401


@pytest.mark.parametrize("typed", ["", "   ", "-停机"])
def test_the_api_answers_no_question_with_nothing(index: SearchEngine, member_client: Client, typed: str) -> None:
    indexed(cast.lecture(title="停机"))
    answer = member_client.get("/api/v1/search", {"q": typed}).json()
    assert (answer["total"], answer["results"]) == (0, [])


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_searching_changes_nothing(member_client: Client, method: str) -> None:
    assert getattr(member_client, method)("/search/").status_code == 405
    assert getattr(member_client, method)("/api/v1/search").status_code == 405


def test_the_api_wants_moments_with_their_zone(index: SearchEngine, member_client: Client) -> None:
    assert member_client.get("/api/v1/search", {"q": "交接班", "until": "2026-01-01T00:00:00"}).status_code == 422
    assert member_client.get("/api/v1/search", {"q": "交接班", "until": "2026-01-01T00:00:00Z"}).status_code == 200
