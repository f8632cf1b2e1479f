"""What editors keep and learn of search."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from search import counts, synonyms
from search.engines.base import SearchEngine, SearchError
from search.models import QueryCount, SynonymSet
from tests import cast
from tests.search.conftest import indexed

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> Client:
    return cast.signed_in(client, cast.editor())


def test_synonyms_hold_from_the_next_question_on(index: SearchEngine, desk: Client) -> None:
    lecture = cast.lecture(title="支部党员大会怎么开", visibility="public")
    indexed(lecture)
    assert lecture.get_absolute_url() not in Client().get("/search/?q=三会一课").content.decode().split("newest")[0]
    answer = desk.post(reverse("synonymset:add"), {"words": "三會一課， 支部党员大会\n\n"})
    assert answer.status_code == 302
    assert SynonymSet.objects.get().words == "三會一課\n支部党员大会"
    assert lecture.get_absolute_url() in Client().get("/search/?q=三会一课").content.decode().split("newest")[0]
    desk.post(reverse("synonymset:delete", args=[SynonymSet.objects.get().pk]))
    assert synonyms.known().synonyms == []


@pytest.mark.parametrize("words", ["", "三会一课", "三会一课\n三會一課", "，".join("词" * 41 for _ in range(2))])
def test_synonyms_that_make_no_sense_are_refused(desk: Client, words: str) -> None:
    assert desk.post(reverse("synonymset:add"), {"words": words}).status_code == 200
    assert not SynonymSet.objects.exists()


def test_what_was_not_found_is_counted_without_a_person_and_shown_to_editors(index: SearchEngine, desk: Client) -> None:
    cast.lecture(title="交接班", visibility="public")
    visitor = cast.signed_in(Client(), cast.member())
    for typed in ("拖拉機", "拖拉机", "别的"):
        visitor.get("/search/", {"q": typed})
    assert [(one.text, one.times) for one in counts.missed(now=timezone.now())] == [("拖拉机", 2), ("别的", 1)]
    assert {field.name for field in QueryCount._meta.get_fields()} == {"id", "day", "text", "searched", "found_nothing"}
    html = desk.get(reverse("search-missed")).content.decode()
    assert html.index("拖拉机") < html.index("别的")


def test_what_is_typed_letter_by_letter_is_not_counted(index: SearchEngine, client: Client) -> None:
    client.get("/search/?q=拖", headers={"X-Part": "results"})
    assert not QueryCount.objects.exists()


def test_what_is_narrowed_or_asked_of_no_engine_is_not_counted(
    index: SearchEngine, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/search/?q=拖拉机&captioned=yes")
    assert not QueryCount.objects.exists()

    def fail(request: object) -> None:
        raise SearchError("out")

    monkeypatch.setattr(index, "search", fail)
    assert client.get("/search/?q=拖拉机").status_code == 503
    assert not QueryCount.objects.exists()


def test_counts_are_kept_for_some_time_only() -> None:
    now = timezone.now()
    for days in (0, counts.KEPT_DAYS - 1, counts.KEPT_DAYS):
        counts.count("拖拉机", found=False, now=now - timedelta(days=days))
    assert counts.sweep(now=now) == 1
    assert QueryCount.objects.count() == 2


def test_an_empty_report_says_so(desk: Client) -> None:
    assert "搜过的都有结果" in desk.get(reverse("search-missed")).content.decode()
