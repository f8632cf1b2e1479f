"""What editors find in Wagtail's admin where Elasticsearch answers: the real server, by Wagtail's own backend."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.search.backends import get_search_backend

from courses.models import CataloguePage, CoursePage
from search import page_analysis, page_backend
from tests import cast
from tests.search.conftest import ELASTICSEARCH, with_elasticsearch


def configure(settings: Any, url: str) -> None:
    chosen = page_analysis.backends(url, prefix=f"test-{os.getpid()}", replicas=0, api_key="")
    if url == ELASTICSEARCH:
        chosen["default"]["TIMEOUT"] = 30  # making an index takes seconds on a busy machine
    settings.WAGTAILSEARCH_BACKENDS = chosen


@pytest.fixture
def course(db: None) -> CoursePage:
    page = CoursePage(title="基層微党课展播 Party", slug="weidangke")
    CataloguePage.objects.get().add_child(instance=page)
    return page


@pytest.fixture
def server(settings: Any, course: CoursePage) -> Iterator[Any]:
    configure(settings, ELASTICSEARCH)
    page_backend.rebuild()
    backend = get_search_backend("default")
    backend.get_index_for_model(CoursePage).refresh()
    yield backend
    for name in backend.es.indices.get(index=f"test-{os.getpid()}-pages-*").body:
        backend.es.indices.delete(index=name)


@with_elasticsearch
@pytest.mark.parametrize("typed", ["党课", "黨課", "基层", "微党课", "ｐａｒｔｙ"])
def test_a_page_is_found_by_part_of_a_word_in_either_script(server: Any, course: CoursePage, typed: str) -> None:
    assert list(server.search(typed, CoursePage)) == [course]
    assert list(server.autocomplete(typed, CoursePage)) == [course]


@with_elasticsearch
def test_while_typing_one_character_and_the_beginning_of_a_word_do(server: Any, course: CoursePage) -> None:
    assert list(server.autocomplete("课", CoursePage)) == [course]
    assert list(server.autocomplete("par", CoursePage)) == [course]
    assert list(server.autocomplete("京大", CoursePage)) == []


@with_elasticsearch
def test_the_admin_finds_it(server: Any, course: CoursePage, client: Client) -> None:
    client.force_login(cast.editor())
    answer = client.get(reverse("wagtailadmin_pages:search"), {"q": "黨課"})
    assert course.title in answer.content.decode()


def test_while_the_server_is_out_the_database_answers_and_saving_goes_on(course: CoursePage, settings: Any) -> None:
    configure(settings, "http://127.0.0.1:9")
    course.save_revision().publish()
    backend = get_search_backend("default")
    assert list(backend.search("party", CoursePage)) == [course]
    assert backend.search("party", CoursePage).count() == 1
    assert list(backend.autocomplete("par", CoursePage)) == [course]
    page_backend.rebuild()
