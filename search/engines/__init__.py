"""The door to the index. `default()` is what answers; `fed()` are all that are kept up to date."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from search.engines.base import SearchEngine
from search.engines.embedded import EmbeddedEngine
from search.engines.fts import FtsTables

if TYPE_CHECKING:
    from search.engines.elastic import ElasticEngine


@cache
def default() -> SearchEngine:
    """One engine per process; it keeps a connection for each thread."""
    return elasticsearch() or embedded()


@cache
def embedded() -> EmbeddedEngine:
    """Its tables are in PostgreSQL where the rows are there, so that all machines have the same; else in a file."""
    if connection.vendor == "postgresql":
        from search.engines.tsvector import TsvectorTables

        return EmbeddedEngine("fts", TsvectorTables())
    return EmbeddedEngine("fts", FtsTables(Path(settings.SEARCH_INDEX_FILE)))


@cache
def elasticsearch() -> ElasticEngine | None:
    """The one that ELASTICSEARCH_URL names; none if it is empty."""
    if not settings.ELASTICSEARCH_URL:
        return None
    from search.engines.elastic import ElasticEngine  # its client only where it is used

    return ElasticEngine(
        settings.ELASTICSEARCH_URL,
        prefix=settings.ELASTICSEARCH_PREFIX,
        replicas=settings.ELASTICSEARCH_REPLICAS,
        api_key=settings.ELASTICSEARCH_API_KEY,
    )


def fed() -> list[SearchEngine]:
    """All engines that every change must reach: the embedded one also where it only stands by."""
    server = elasticsearch()
    return [server, embedded()] if server else [embedded()]


def forget() -> None:
    """Settings have changed (tests)."""
    for made in (default, embedded, elasticsearch):
        made.cache_clear()
