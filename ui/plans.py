"""Prepared queries in PostgreSQL, which keeps their plans (docs/decisions/0020). Loaded where the rows are there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, Self

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import ClientCursor, Cursor
from psycopg.pq import Format
from psycopg.types.numeric import Int8

from ui.prepared import Plain, Slot


class Told(Cursor[Any]):
    """Says what was asked, values and all, where Django keeps a log of queries."""

    def execute(self, query: Any, params: Any = None, **how: Any) -> Self:
        done = super().execute(query, params, **how)
        said = ClientCursor(self.connection).mogrify(query, params)
        self._query = SimpleNamespace(query=said.encode())  # type: ignore[assignment]  # as Django reads it
        return done


class Kept(Plain):
    """Values go apart from the SQL, so that this is the same each time and its plan need not be made again."""

    def cursor(self, *, binary: bool = False) -> CursorWrapper:
        """`binary`: numbers come as such and not as text; moments, then, not as Django has them."""
        connection.ensure_connection()
        logged = connection.queries_logged
        apart: Any = (Told if logged else Cursor)(connection.connection)
        apart.format = Format(binary)
        return connection.make_debug_cursor(apart) if logged else connection.make_cursor(apart)

    def value(self, one: Any) -> Any:
        """Whole numbers have one type, be they small or large: each type would be a statement of its own."""
        return Int8(one) if type(one) is int else one

    def written(self, sql: str, parameters: Iterable[Any]) -> tuple[str, tuple[Any, ...]]:
        """With all that is known already in it: the plan is made for what it can see."""
        rest, slots = iter(parameters), []

        def known(mark: re.Match[str]) -> str:
            if mark[0] == "%%":
                return mark[0]
            one = next(rest)
            if isinstance(one, Slot):
                slots.append(one)
                return "%s"
            said: str = connection.ops.compose_sql("%s", [one])  # type: ignore[attr-defined]  # of PostgreSQL
            return said.replace("%", "%%")

        return re.sub("%[s%]", known, sql), tuple(slots)
