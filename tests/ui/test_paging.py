from __future__ import annotations

import pytest
from django.test import RequestFactory

from courses.models import Topic
from ui.paging import Page, page_of


@pytest.mark.parametrize(
    ("query", "number", "first"), [("", 1, 0), ("page=2", 2, 10), ("page=nonsense", 1, 0), ("page=99", 3, 20)]
)
def test_any_number_in_the_address_leads_to_a_page(query: str, number: int, first: int):
    page = page_of(range(25), RequestFactory().get(f"/list/?{query}"), size=10)
    assert (page.number, page.items[0], page.pages, page.total) == (number, first, 3, 25)


def test_filters_stay_in_the_addresses_of_other_pages():
    page = page_of(range(25), RequestFactory().get("/list/?topic=safety&page=2"), size=10)
    assert page.previous == "?topic=safety"
    assert page.next == "?topic=safety&page=3"


def test_the_first_page_of_a_plain_list_is_the_list_itself():
    page = page_of(range(15), RequestFactory().get("/list/?page=2"), size=10)
    assert (page.previous, page.next) == ("/list/", "")


def test_an_empty_list_is_one_empty_page():
    page = page_of([], RequestFactory().get("/list/"))
    assert (list(page), page.previous, page.next) == ([], "", "")


@pytest.mark.django_db
def test_a_long_list_is_counted_no_further_than_needed_and_goes_on_to_its_end():
    Topic.objects.bulk_create(Topic(name=f"专题{n:03}", slug=f"t{n}", position=n) for n in range(250))
    rows = Topic.objects.order_by("position").select_related()

    def page(number: int) -> Page:
        return page_of(rows, RequestFactory().get(f"/list/?page={number}"), size=10, counted=40)

    near, far, last, beyond = page(2), page(22), page(25), page(99)
    assert (near.is_open, near.next, near.items[0].position) == (True, "?page=3", 10)
    assert (far.is_open, far.next, [one.position for one in far]) == (True, "?page=23", list(range(210, 220)))
    assert (last.is_open, last.next, last.items[-1].position) == (False, "", 249)
    assert (beyond.number, beyond.total) == (25, 250)
