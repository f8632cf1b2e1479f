"""How Elasticsearch reads Wagtail's pages, images and documents: by its own analysers, folded and in bigrams as our own
tokens are. Plain settings, read before any app is loaded."""

from __future__ import annotations

from typing import Any

from search.folding import simplified

BIGRAMS, BIGRAMS_AND_SINGLES = "cjk_bigram", "bigrams_and_singles"
STANDING_BY = "database"


def backends(url: str, *, prefix: str, replicas: int, api_key: str) -> dict[str, dict[str, Any]]:
    """WAGTAILSEARCH_BACKENDS: Elasticsearch, if there is one, with the database standing by; else the database."""
    in_the_database = {"BACKEND": "wagtail.search.backends.database"}
    if not url:
        return {"default": in_the_database}
    server = {
        "BACKEND": "search.page_backend",
        "URLS": [url],
        "INDEX_PREFIX": f"{prefix}-pages-",
        "TIMEOUT": 2,
        "OPTIONS": {"api_key": api_key} if api_key else {},
        "INDEX_SETTINGS": {"settings": {"index": {"number_of_replicas": replicas}, "analysis": _analysis()}},
    }
    return {"default": server, STANDING_BY: in_the_database}


def _analysis() -> dict[str, Any]:
    one_script = [f"{traditional} => {plain}" for traditional, plain in simplified().items()]
    return {
        "char_filter": {"one_script": {"type": "mapping", "mappings": one_script}},
        "filter": {BIGRAMS_AND_SINGLES: {"type": BIGRAMS, "output_unigrams": True}},
        # "default" reads texts and questions; the other one, texts that are to be found while somebody types.
        "analyzer": {"default": _analyser(BIGRAMS), "edgengram_analyzer": _analyser(BIGRAMS_AND_SINGLES, "edgengram")},
    }


def _analyser(*filters: str) -> dict[str, Any]:
    plain = ["cjk_width", "asciifolding", "lowercase"]
    return {
        "type": "custom", "char_filter": ["one_script"], "tokenizer": "standard", "filter": [*plain, *filters],
    }  # fmt: skip
