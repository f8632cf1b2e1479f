"""Lists in pages: `page_of` cuts a queryset by `?page=`, `paging.html` draws the way on. Filters stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

SIZE = 24


class Page:
    """One page of a list, and the addresses of its neighbours ("" where there is none)."""

    def __init__(self, items: list[Any], *, number: int, pages: int, total: int, request: HttpRequest) -> None:
        self.items, self.number, self.pages, self.total = items, number, pages, total
        self.previous = _address(request, number - 1) if number > 1 else ""
        self.next = _address(request, number + 1) if number < pages else ""

    def __iter__(self) -> Any:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def page_of(rows: QuerySet[Any] | Sequence[Any], request: HttpRequest, size: int = SIZE) -> Page:
    """The page `request` asks for; a number that is none shows the first, one too high the last."""
    paginator: Paginator[Any] = Paginator(rows, size)
    try:
        page = paginator.page(request.GET.get("page", "1"))
    except PageNotAnInteger:
        page = paginator.page(1)
    except EmptyPage:
        page = paginator.page(paginator.num_pages)
    return Page(
        list(page.object_list), number=page.number, pages=paginator.num_pages, total=paginator.count, request=request
    )


def _address(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    if number > 1:
        query["page"] = str(number)
    return f"?{query.urlencode()}" if query else request.path
