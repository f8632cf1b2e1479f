from __future__ import annotations

import pytest
from django.test import RequestFactory

from ui.paging import page_of


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
