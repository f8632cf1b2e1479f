"""Lists in pages: `page_of` cuts a queryset by `?page=`, `paging.html` draws the way on. Filters stay as they are.

A page costs the same in a list of a hundred rows and of a hundred thousand: nobody needs to know that there are 4,167
pages, so rows are counted exactly only up to `COUNTED`; beyond, the list is `is_open` and simply goes on. There a list
that can be walked (`Walk`) leads on by the place of a page's last row, so that no rows are skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from django.db.models import QuerySet
from django.http import HttpRequest

SIZE = 24
COUNTED = 2_000
NEAR = 200  # rows that may be skipped with all their joins; beyond, keys are skipped and then their rows fetched


class Listing(Protocol):
    """A list that asks for what is shown of it only. `most`: how far to count, None to the end."""

    def count(self, most: int | None = None) -> int: ...

    def __getitem__(self, cut: slice) -> list[Any]: ...


@runtime_checkable
class Walk(Listing, Protocol):
    """One that can be entered at any row: `place_of` says where a row stands, for an address."""

    def place_of(self, row: Any) -> str: ...

    def beside(self, place: str, size: int, *, forwards: bool) -> list[Any]:
        """The rows after a place, or the last ones before it, in the list's order. None of what is no place."""
        ...


Rows = QuerySet[Any] | Listing | Sequence[Any]


class Page:
    """One page of a list, and the addresses of its neighbours ("" where there is none).

    `pages` and `total` are what was counted: of a list that `is_open` there are more.
    """

    def __init__(
        self, items: list[Any], *, number: int, pages: int, total: int, request: HttpRequest, is_open: bool = False
    ) -> None:
        self.items, self.number, self.pages, self.total, self.is_open = items, number, pages, total, is_open
        self.previous = _address(request, number - 1) if number > 1 else ""
        self.next = _address(request, number + 1) if number < pages else ""

    def __iter__(self) -> Any:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def page_of(rows: Rows, request: HttpRequest, size: int = SIZE, *, counted: int | None = COUNTED) -> Page:
    """The page `request` asks for; a number that is none shows the first, one too high the last.

    `counted` None counts all rows. One query where the list ends or is not counted any more, two where it goes on; one
    more on far pages of a queryset.
    """
    number = _number(request.GET.get("page", "1"))
    start = (number - 1) * size
    if (
        isinstance(rows, Walk)
        and counted is not None
        and start >= counted
        and (page := _walked(rows, request, size, counted))
    ):
        return page
    items = _cut(rows, start, size + 1)  # one more than is shown tells whether the list goes on
    if len(items) > size:
        far = counted is not None and start + size >= counted
        total, is_open = (0, True) if far else _count(rows, counted)
        total = max(total, start + len(items))  # what was counted may be older than what is here
    elif items or number == 1:
        total, is_open = start + len(items), False
    else:
        total, is_open = _count(rows, None if counted is None else max(counted, start))
        number = max(-(-total // size), 1)
        items = _cut(rows, (number - 1) * size, size)
    pages = max(-(-total // size), 1)
    page = Page(items[:size], number=number, pages=pages, total=total, request=request, is_open=is_open)
    if isinstance(rows, Walk) and counted is not None:
        _lead_on(page, rows, request, size, counted)
    return page


def _walked(rows: Walk, request: HttpRequest, size: int, counted: int) -> Page | None:
    """The page after or before the place in the address, if there is one."""
    number = _number(request.GET["page"])
    start = (number - 1) * size
    if items := rows.beside(request.GET.get("after", ""), size + 1, forwards=True):
        total = start + len(items)
    elif items := rows.beside(request.GET.get("before", ""), size, forwards=False):
        total = start + size + 1  # the one we come from follows
    else:
        return None
    is_open = total > start + size
    page = Page(items[:size], number=number, pages=-(-total // size), total=total, request=request, is_open=is_open)
    _lead_on(page, rows, request, size, counted)
    return page


def _lead_on(page: Page, rows: Walk, request: HttpRequest, size: int, counted: int) -> None:
    """Neighbours that lie beyond what is counted are found from here."""
    if page.next and page.number * size >= counted:
        page.next = _address(request, page.number + 1, after=rows.place_of(page.items[-1]))
    if page.previous and page.items and (page.number - 2) * size >= counted:
        page.previous = _address(request, page.number - 1, before=rows.place_of(page.items[0]))


def _number(said: str) -> int:
    try:
        return max(int(said), 1) if len(said) < 8 else 1
    except ValueError:
        return 1


def _count(rows: Rows, at_most: int | None) -> tuple[int, bool]:
    """How many there are, up to `at_most`, and whether there are more."""
    if isinstance(rows, Sequence):
        return len(rows), False
    if at_most is None:
        return rows.count(), False
    at_least = at_most + 1
    found = rows.order_by().values("pk")[:at_least].count() if isinstance(rows, QuerySet) else rows.count(at_least)
    return min(found, at_most), found > at_most


def _cut(rows: Rows, start: int, size: int) -> list[Any]:
    if not isinstance(rows, QuerySet) or start < NEAR:
        return list(rows[start : start + size])
    keys = list(rows.values_list("pk", flat=True)[start : start + size])
    found = rows.in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _address(request: HttpRequest, number: int, **place: str) -> str:
    query = request.GET.copy()
    for name in ("page", "after", "before"):
        query.pop(name, None)
    if number > 1:
        query["page"] = str(number)
    query.update(place)
    return f"?{query.urlencode()}" if query else request.path
