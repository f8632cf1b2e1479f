"""Queries whose SQL is made once. Django takes longer to make the SQL of a list than to have it answered, and makes
the same every time but for the values.

    @prepared
    def newest(places: list[int], now: datetime, *, most: int) -> QuerySet[Lecture, Lecture]:
        return Lecture.objects.filter(organisation__id__in=places, published_at__lte=now).order_by("-pk")[:most]

    newest([3, 5], now, most=8)         # a list of rows, in one query
    newest.count([3, 5], now, most=8)   # how many rows that would be

What is given by position are values: the function sees a placeholder for each and may only hand it to the query, as the
right side of a condition. What is given by name the function sees itself. The SQL is made anew and kept for whatever
else it depends on: what is given by name, about how long a list is, and whether a value is None. Lists are sets: some
of their values may be repeated.

PostgreSQL keeps the plan, too, one for all values (docs/decisions/0020). What the function itself compares with stands
in the SQL, so that the plan knows it.

Lists are compared with a key's own column (`organisation__id__in`); Django would look into those of a relation, which
the `pk` of a Wagtail page is, too (`id__in`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import date, datetime
from functools import cache, lru_cache, update_wrapper
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet, Value
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")
SHAPES_KEPT = 128  # of one query


class Slot:
    """Where a value goes: the `at`-th of those given, or the `inside`-th of that list."""

    def __init__(self, at: int, inside: int | None = None) -> None:
        self.at, self.inside = at, inside

    def of(self, given: tuple[Any, ...]) -> Any:
        value = given[self.at]
        return value if self.inside is None else value[min(self.inside, len(value) - 1)]


class Plain:
    """How values come to the database: with the SQL, as Django does it. PostgreSQL has a way of its own (ui.plans)."""

    def cursor(self) -> CursorWrapper:
        return connection.cursor()

    def value(self, one: Any) -> Any:
        if isinstance(one, datetime):
            return connection.ops.adapt_datetimefield_value(one)
        return connection.ops.adapt_datefield_value(one) if isinstance(one, date) else one

    def written(self, sql: str, parameters: Iterable[Any]) -> tuple[str, tuple[Any, ...]]:
        """The SQL as it is sent, and what goes with it."""
        return sql, tuple(parameters)


@cache
def _way() -> Plain:
    if connection.vendor == "postgresql":
        from ui import plans  # and its library only there

        return plans.Kept()
    return Plain()


class Instances:
    """Makes models of rows as Django does; what it works out anew for every list is worked out once."""

    def __init__(self, compiler: SQLCompiler) -> None:
        known: dict[str, Any] = compiler.klass_info or {}
        columns = known["select_fields"]
        self.model, self.own = known["model"], slice(columns[0], columns[-1] + 1)
        self.names = [column.target.attname for column, *_ in compiler.select[self.own]]
        self.related = get_related_populators(known, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # of 6.1
        self.annotations = list((compiler.annotation_col_map or {}).items())

    def __call__(self, row: tuple[Any, ...]) -> Any:
        made = self.model.from_db(DEFAULT_DB_ALIAS, self.names, row[self.own])
        for one in self.related:
            one.populate(row, made)
        for name, at in self.annotations:
            setattr(made, name, row[at])
        return made


class Made(Generic[Row]):
    """A query with its SQL; without, if nothing can ever be found."""

    def __init__(self, queryset: QuerySet[Any, Row]) -> None:
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self.way = _way()
        try:
            self.sql, self.parameters = self.way.written(*compiler.as_sql())
        except EmptyResultSet:
            self.sql, self.parameters = "", ()
            return
        self.counting = f"SELECT COUNT(*) FROM ({self.sql}) AS counted"  # noqa: S608 - it is Django's
        columns = [column for column, *_ in compiler.select[: compiler.col_count]]
        self.converters = list(compiler.get_converters(columns).items())
        self.instance = Instances(compiler) if queryset._fields is None else None  # type: ignore[attr-defined]

    def filled(self, given: tuple[Any, ...]) -> tuple[Any, ...]:
        value = self.way.value
        return tuple(value(one.of(given)) if isinstance(one, Slot) else one for one in self.parameters)

    def rows(self, given: tuple[Any, ...]) -> list[Row]:
        if not self.sql:
            return []
        with self.way.cursor() as cursor:
            cursor.execute(self.sql, self.filled(given))
            found: list[Any] = cursor.fetchall()
        if self.converters:
            found = [self._converted(row) for row in found]
        return [self.instance(row) for row in found] if self.instance else found

    def _converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for at, (converters, column) in self.converters:
            for convert in converters:
                values[at] = convert(values[at], column, connection)
        return tuple(values)

    def count(self, given: tuple[Any, ...]) -> int:
        if not self.sql:
            return 0
        with self.way.cursor() as cursor:
            cursor.execute(self.counting, self.filled(given))
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
    """A length for a list, of which there are few: the next power of two. -1 for one value, None for None."""
    return tuple(None if one is None else _length(len(one)) if isinstance(one, list) else -1 for one in given)


def _length(exact: int) -> int:
    return 1 << (exact - 1).bit_length() if exact else 0


def _placeholder(at: int, shape: int | None) -> Any:
    if shape is None:
        return None
    return Value(Slot(at)) if shape < 0 else [Value(Slot(at, inside)) for inside in range(shape)]
