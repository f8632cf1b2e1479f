"""Wagtail's own Elasticsearch backend, for pages, images and documents in the admin: with our analysers, and with the
backend in the database, which is fed all the same, standing by while the server is out or has no index yet."""

from __future__ import annotations

import logging
from typing import Any

from django.core.management import call_command
from elasticsearch import ApiError, TransportError
from wagtail.search.backends import elasticsearch8 as wagtails
from wagtail.search.backends import get_search_backend

from search.page_analysis import STANDING_BY

logger = logging.getLogger(__name__)


class Mapping(wagtails.Elasticsearch8Mapping):  # type: ignore[misc]  # Wagtail has no types
    # Questions while typing are read as all others are: not by "standard", which knows nothing of one script.
    edgengram_analyzer_config = {"analyzer": "edgengram_analyzer", "search_analyzer": "default"}


class QueryCompiler(wagtails.Elasticsearch8SearchQueryCompiler):  # type: ignore[misc]
    mapping_class = Mapping


class AutocompleteQueryCompiler(wagtails.Elasticsearch8AutocompleteQueryCompiler):  # type: ignore[misc]
    mapping_class = Mapping


class Results(wagtails.Elasticsearch8SearchResults):  # type: ignore[misc]
    def _do_search(self) -> list[Any]:
        try:
            return list(super()._do_search())
        except (ApiError, TransportError) as error:
            return list(self._standing_by(error))

    def _do_count(self) -> int:
        try:
            return int(super()._do_count())
        except (ApiError, TransportError) as error:
            return int(self._standing_by(error).count())

    def _standing_by(self, error: Exception) -> Any:
        logger.warning("the search server fails for pages; the database answers", extra={"error": str(error)[:500]})
        asked, spare = self.query_compiler, get_search_backend(STANDING_BY)
        ask = spare.autocomplete if isinstance(asked, AutocompleteQueryCompiler) else spare.search
        found = ask(asked.query, asked.queryset, fields=asked.fields, order_by_relevance=asked.order_by_relevance)
        return found[self.start : self.stop]


class SearchBackend(wagtails.Elasticsearch8SearchBackend):  # type: ignore[misc]
    mapping_class = Mapping
    query_compiler_class = QueryCompiler
    autocomplete_query_compiler_class = AutocompleteQueryCompiler
    results_class = Results


def rebuild() -> None:
    """The server's index of pages, images and documents anew, beside the one in use."""
    try:
        call_command("update_index", backend_name="default", verbosity=0)
    except (ApiError, TransportError) as error:
        logger.warning("the index of pages is not made anew: no server", extra={"error": str(error)[:500]})
