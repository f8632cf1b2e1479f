"""The search page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from search import queries
from search.analysis import LONGEST_QUERY
from search.queries import Results
from ui.paging import Page

Chip = dict[str, str | int | bool]


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    typed, only_featured = request.GET.get("q", ""), "featured" in request.GET
    results = queries.search(
        request.user,
        typed,
        topic=request.GET.get("topic", ""),
        featured=only_featured,
        page=_page_number(request),
        now=now,
    )
    context = {
        "typed": typed[:LONGEST_QUERY],
        "results": results,
        "page": Page(results.hits, number=results.page, pages=results.pages, total=results.total, request=request),
        "topic_chips": _topic_chips(request, results),
        "featured_chip": _address(request, featured="" if only_featured else "on"),
        "only_featured": only_featured,
        "everywhere": _address(request, topic="", featured=""),
        "beginning": None if results.hits else _beginning(request),
    }
    return render(request, "search/search.html", context, status=503 if results.is_out else 200)


def _page_number(request: HttpRequest) -> int:
    number = request.GET.get("page", "1")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1


def _topic_chips(request: HttpRequest, results: Results) -> list[Chip]:
    """All topics, then each with its hits; one is chosen."""
    chosen, everywhere = results.topic, sum(count for _, count in results.topics)
    chips = [_chip(gettext("All topics"), _address(request, topic=""), everywhere, is_current=chosen is None)]
    for topic, count in results.topics:
        chips.append(_chip(topic.name, _address(request, topic=topic.slug), count, is_current=topic == chosen))
    return chips


def _chip(label: str, url: str, count: int, *, is_current: bool = False) -> Chip:
    return {"label": label, "url": url, "count": count, "is_current": is_current}


def _beginning(request: HttpRequest) -> dict[str, Any]:
    shown = queries.beginning(request.user, timezone.now())
    # The topic's page stands above us in the house: its address, not its name.
    chips = [_chip(topic.name, f"/topics/{topic.slug}/", count) for topic, count in shown.topics]
    return {"topics": chips, "newest": shown.newest}


def _address(request: HttpRequest, **changes: str) -> str:
    """This search with something changed ("": taken away), from its first page on."""
    query = QueryDict(mutable=True)
    for name in ("q", "topic", "featured"):
        if value := changes.get(name, request.GET.get(name, "")):
            query[name] = value
    return f"{request.path}?{query.urlencode()}"
