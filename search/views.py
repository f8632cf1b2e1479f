"""The search page, what it offers while somebody types, and searching inside one lecture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from courses import access
from search import asked as asking
from search import counts, inside, queries, ranking
from search import suggestions as suggesting
from search.asked import Asked
from search.facets import Facet
from search.queries import Results
from search.query_language import LONGEST_QUERY
from ui.paging import Page

Chip = dict[str, str | int | bool | None]
# Chips that are always there, and those under "more".
FIRST, FURTHER = "place", ("topic", "speaker", "organisation", "course", "length", "year", "language", "kind")


@dataclass(frozen=True)
class Group:
    label: str
    chips: list[Chip]


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    is_part = request.headers.get("X-Part") == "results"  # as somebody types: the page is there already
    asked = replace(asking.read(request.GET), is_typing=is_part)
    results = queries.search(request.user, asked, now=now)
    context = {
        "typed": asked.text[:LONGEST_QUERY],
        "results": results,
        "page": _page(request, results),
        "kept": [pair for pair in asked.pairs if pair[0] not in {"q", "exactly", "page", "until"}],
        "exactly": replace(asked, exactly=True).query_string,
        "maybe": replace(asked, text=results.maybe, page=1).query_string,
        "everywhere": asked.everywhere().query_string,
        "beginning": None if results.hits else _beginning(request),
        **(_chips(results) if results.facets else {}),
    }
    # What is narrowed, or asked while no engine answers, says nothing about what is missing.
    if results.query and not (is_part or asked.is_narrowed or results.is_out) and asked.page == 1:
        counts.count(results.query.text, found=bool(results.hits) and not results.meant, now=now)
    template = "search/_results.html" if is_part else "search/search.html"
    response = render(request, template, context, status=503 if results.is_out else 200)
    patch_vary_headers(response, ["X-Part"])
    return response


@require_safe
def suggestions(request: HttpRequest) -> JsonResponse:
    found = suggesting.suggest(request.user, request.GET.get("q", ""), now=timezone.now())
    return JsonResponse({"suggestions": [vars(one) for one in found]})


@require_safe
def inside_lecture(request: HttpRequest, public_id: str) -> HttpResponse:
    """The moments alone, for the watch page, which shows them itself where no script runs."""
    lecture = access.lecture_for(request.user, public_id)
    found = inside.search(lecture, request.GET.get("q", ""), now=timezone.now())
    return render(request, "search/_inside.html", {"inside": found}, status=503 if found.is_out else 200)


def _page(request: HttpRequest, results: Results) -> Page:
    asked = replace(results.shown, until=results.until)
    page = Page(results.hits, number=asked.page, pages=results.pages, total=results.total, request=request)
    page.previous = replace(asked, page=asked.page - 1).query_string if page.previous else ""
    page.next = replace(asked, page=asked.page + 1).query_string if page.next else ""
    return page


def _chips(results: Results) -> dict[str, Any]:
    asked, found = results.shown, results.facets
    further = [
        Group(found[name].label, _of(found[name], asked))
        for name in FURTHER
        if len(found[name].values) > 1 or found[name].is_chosen
    ]
    return {
        "places": _places(found[FIRST], results),
        "switches": [chip for name in ("featured", "captioned") for chip in _of(found[name], asked)],
        "further": [*further, Group(gettext("Order"), _orders(asked))],
        "is_further": asked.order != "best" or any(found[name].is_chosen for name in FURTHER),
    }


def _places(facet: Facet, results: Results) -> list[Chip]:
    """One of them or all; none if there is nothing to choose."""
    asked = results.shown
    if len(facet.values) < 2 and not facet.is_chosen:
        return []
    nowhere = asked.with_chosen(facet.name, frozenset())
    count = None if facet.is_chosen else results.total
    return [
        _chip(gettext("Everywhere"), nowhere, count, is_current=not facet.is_chosen),
        *(
            _chip(one.label, asked.with_chosen(facet.name, frozenset({one.key})), one.count, is_current=one.is_chosen)
            for one in facet.values
        ),
    ]


def _of(facet: Facet, asked: Asked) -> list[Chip]:
    return [
        _chip(one.label, asked.toggled(facet.name, one.key), one.count, is_current=one.is_chosen)
        for one in facet.values
    ]


def _orders(asked: Asked) -> list[Chip]:
    labels = {
        "best": gettext("Best first"),
        "new": gettext("Newest first"),
        "watched": gettext("Most watched first"),
        "featured": gettext("Featured first"),
    }
    return [
        _chip(labels[order], replace(asked, order=order, page=1), is_current=asked.order == order)  # type: ignore[arg-type]
        for order in ranking.ORDERS
    ]


def _chip(label: str, leads_to: Asked, count: int | None = None, *, is_current: bool = False) -> Chip:
    return {"label": label, "url": leads_to.query_string, "count": count, "is_current": is_current}


def _beginning(request: HttpRequest) -> dict[str, Any]:
    shown = queries.beginning(request.user, timezone.now())
    chips = [{"label": one.name, "url": one.url, "count": one.lectures} for one in shown.topics]
    return {"topics": chips, "newest": shown.newest}
