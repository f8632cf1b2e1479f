"""Queries whose SQL is made once. Django takes longer to make the SQL of a list than to have it answered, and makes
the same every time but for the values.

    @prepared
    def newest(places: list[int], now: datetime, *, most: int) -> QuerySet[Lecture, Lecture]:
        return Lecture.objects.filter(organisation__id__in=places, published_at__lte=now).order_by("-pk")[:most]

    newest([3, 5], now, most=8)         # a list of rows, in one query
    newest.count([3, 5], now, most=8)   # how many rows that would be

What is given by position are values: the function sees a placeholder for each and may only hand it to the query, as the
right side of a condition. What is given by name the function sees itself. The SQL is made anew and kept for whatever
else it depends on: what is given by name, how long a list is, and whether a value is None.

Lists are compared with a key's own column (`organisation__id__in`); Django would look into those of a relation, which
the `pk` of a Wagtail page is, too (`id__in`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from copy import copy
from datetime import date, datetime
from functools import lru_cache, update_wrapper
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import QuerySet, Value

Row = TypeVar("Row")
SHAPES_KEPT = 128  # of one query


class Slot:
    """Where a value goes: the `at`-th of those given, or the `inside`-th of that list."""

    def __init__(self, at: int, inside: int | None = None) -> None:
        self.at, self.inside = at, inside

    def value(self, given: tuple[Any, ...]) -> Any:
        value = given[self.at] if self.inside is None else given[self.at][self.inside]
        if isinstance(value, datetime):
            return connection.ops.adapt_datetimefield_value(value)
        return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


class Made(Generic[Row]):
    """A query with its SQL; without, if nothing can ever be found."""

    def __init__(self, queryset: QuerySet[Any, Row]) -> None:
        self.queryset = queryset
        self.compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            self.sql, self.parameters = self.compiler.as_sql()
        except EmptyResultSet:
            self.sql, self.parameters = "", ()

    def filled(self, given: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(one.value(given) if isinstance(one, Slot) else one for one in self.parameters)

    def rows(self, given: tuple[Any, ...]) -> list[Row]:
        if not self.sql:
            return []
        sql = self.sql, self.filled(given)
        compiler = copy(self.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # of this thread
        compiler.as_sql = lambda *_, **__: sql
        rows = self.queryset.all()
        rows.query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        return list(rows)

    def count(self, given: tuple[Any, ...]) -> int:
        if not self.sql:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM ({self.sql}) AS counted", self.filled(given))  # noqa: S608 - Django's
            return int(cursor.fetchone()[0])


class Prepared(Generic[Row]):
    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self.build = build
        self._made = lru_cache(maxsize=SHAPES_KEPT)(self._make)
        update_wrapper(self, build)

    def __call__(self, *given: Any, **named: Hashable) -> list[Row]:
        return self._made(_shape(given), **named).rows(given)

    def count(self, *given: Any, **named: Hashable) -> int:
        return self._made(_shape(given), **named).count(given)

    def _make(self, shape: tuple[int | None, ...], **named: Hashable) -> Made[Row]:
        return Made(self.build(*(_placeholder(at, one) for at, one in enumerate(shape)), **named))


def prepared(build: Callable[..., QuerySet[Any, Row]]) -> Prepared[Row]:
    return Prepared(build)


def _shape(given: tuple[Any, ...]) -> tuple[int | None, ...]:
    """The length of a list, -1 for one value, None for None."""
    return tuple(None if one is None else len(one) if isinstance(one, list) else -1 for one in given)


def _placeholder(at: int, shape: int | None) -> Any:
    if shape is None:
        return None
    return Value(Slot(at)) if shape < 0 else [Value(Slot(at, inside)) for inside in range(shape)]
