"""The plain ways to search the same texts: LIKE, Wagtail's backend for the database, and Elasticsearch as it comes.

All look into one row a lecture, its title and all that is said in it; none of them tells where in it the words stand.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property, reduce
from operator import and_
from typing import Any, Protocol

from django.db import connection, models
from django.db.models import Q
from wagtail.search import index
from wagtail.search.backends import get_search_backend

FIRST = 24
BULK = 1_000


class PlainText(index.Indexed, models.Model):  # type: ignore[misc]  # Wagtail has no types
    """What is searched. Its table lives as long as the benchmark's copy of the database."""

    key = models.CharField(max_length=64)
    title = models.CharField(max_length=255)
    text = models.TextField()

    search_fields = [index.SearchField("title", boost=2), index.SearchField("text")]

    class Meta:
        app_label = "config"

    def __str__(self) -> str:
        return self.title


class Way(Protocol):
    name: str

    def take(self, rows: list[PlainText]) -> None: ...

    def settle(self) -> None: ...

    def find(self, typed: str) -> list[str]:
        """Keys of the first ones."""
        ...


class Like:
    """Every word somewhere, newest first."""

    name = "LIKE"

    def take(self, rows: list[PlainText]) -> None:
        pass  # the rows are the index

    def settle(self) -> None:
        pass

    def find(self, typed: str) -> list[str]:
        words = typed.strip("“”").split()
        asked = reduce(and_, (Q(title__contains=one) | Q(text__contains=one) for one in words))
        return list(PlainText.objects.filter(asked).order_by("-pk").values_list("key", flat=True)[:FIRST])


class Wagtail:
    name = "Wagtail's backend"

    @cached_property
    def backend(self) -> Any:
        return get_search_backend("default")

    def take(self, rows: list[PlainText]) -> None:
        self.backend.add_bulk(PlainText, rows)

    def settle(self) -> None:
        pass

    def find(self, typed: str) -> list[str]:
        return [one.key for one in self.backend.search(typed, PlainText)[:FIRST]]


class Standard:
    """One index with the analyser `standard`, which makes one token of each Chinese character."""

    name = "Elasticsearch, standard"

    def __init__(self, url: str) -> None:
        self.url, self.index = url, f"bench-plain-{os.getpid()}"

    @cached_property
    def client(self) -> Any:
        from elasticsearch import Elasticsearch

        return Elasticsearch(self.url, request_timeout=120)

    def create(self) -> None:
        text = {"type": "text", "analyzer": "standard"}
        fields = {"title": text, "text": text, "key": {"type": "keyword"}}
        self.client.indices.create(
            index=self.index, mappings={"properties": fields}, settings={"number_of_replicas": 0}
        )

    def remove(self) -> None:
        self.client.indices.delete(index=self.index, ignore_unavailable=True)

    def take(self, rows: list[PlainText]) -> None:
        lines: list[dict[str, Any]] = []
        for one in rows:
            lines += [{"index": {}}, {"key": one.key, "title": one.title, "text": one.text}]
        self.client.bulk(index=self.index, operations=lines)

    def settle(self) -> None:
        self.client.indices.refresh(index=self.index)
        self.__dict__.pop("client")  # a connection of its own for each process that asks

    def find(self, typed: str) -> list[str]:
        query = {"multi_match": {"query": typed, "fields": ["title^2", "text"]}}
        hits = self.client.search(index=self.index, query=query, size=FIRST, source=["key"])["hits"]["hits"]
        return [one["_source"]["key"] for one in hits]


@contextmanager
def filled(rows: Iterable[PlainText], elasticsearch: str) -> Iterator[list[Way]]:
    """The ways, all with these rows in them."""
    ways: list[Way] = [Like(), Wagtail()]
    standard = Standard(elasticsearch)
    with connection.schema_editor() as editor:
        editor.create_model(PlainText)
    try:
        if elasticsearch:
            standard.create()
            ways.append(standard)
        for page in _pages(rows):
            PlainText.objects.bulk_create(page)
            for way in ways:
                way.take(page)
        for way in ways:
            way.settle()
        yield ways
    finally:
        if elasticsearch:
            standard.remove()
        get_search_backend("default").reset_indexes()
        with connection.schema_editor() as editor:
            editor.delete_model(PlainText)


def _pages(rows: Iterable[PlainText]) -> Iterator[list[PlainText]]:
    page: list[PlainText] = []
    for row in rows:
        page.append(row)
        if len(page) == BULK:
            yield page
            page = []
    if page:
        yield page
