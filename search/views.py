"""The search page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from search import queries
from search.analysis import LONGEST_QUERY
from search.queries import Results
from ui.paging import Page

Chip = dict[str, str | int | bool | None]


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
        "beginning": None if results.hits else queries.beginning(request.user, now),
    }
    return render(request, "search/search.html", context, status=503 if results.is_out else 200)


def _page_number(request: HttpRequest) -> int:
    number = request.GET.get("page", "1")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1


def _topic_chips(request: HttpRequest, results: Results) -> list[Chip]:
    everything: Chip = {
        "label": gettext("All topics"),
        "url": _address(request, topic=""),
        "is_current": results.topic is None,
        "count": sum(count for _, count in results.topics),
    }
    chosen = results.topic
    return [
        everything,
        *(
            {"label": topic.name, "url": _address(request, topic=topic.slug), "is_current": topic == chosen, "count": n}
            for topic, n in results.topics
        ),
    ]


def _address(request: HttpRequest, **changes: str) -> str:
    """This search with something changed ("": taken away), from its first page on."""
    query = QueryDict(mutable=True)
    for name in ("q", "topic", "featured"):
        if value := changes.get(name, request.GET.get(name, "")):
            query[name] = value
    return f"{request.path}?{query.urlencode()}"
