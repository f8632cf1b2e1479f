"""What is sent to Elasticsearch: mappings and queries as plain dicts. Pure.

The tokens are ours (analysis.words), so the server only splits at blanks, and both engines find the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from search import ranking
from search.analysis import characters, words
from search.engines.base import Document, Request, Speech, maybe_microseconds, microseconds
from search.engines.fts_sql import FOLDS, MADE_WITH
from search.permissions import Clause
from search.query_language import Phrase, Phrases, Query, Word
from search.windows import SLIDE, SPEECH, Window

Json = dict[str, Any]
GONE = "gone"
TEXTS = tuple(ranking.WEIGHTS)
WEIGHTED = [f"{name}^{weight}" for name, weight in ranking.WEIGHTS.items()]
# So many of the best are put in order by their single characters, too.
RESCORED = 100
NO_MATCH: Json = {"match_none": {}}
LECTURE: Json = {"term": {"part": "lecture"}}
WINDOW: Json = {"term": {"part": "window"}}
to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

# ---- indices ----

_ANALYSIS: Json = {"analyzer": {"ready": {"type": "custom", "tokenizer": "whitespace"}}}
_SIMILARITY: Json = {
    "default": {"type": "BM25", "k1": ranking.K1, "b": ranking.B},
    "presence": {"type": "BM25", "k1": 0.0, "b": 0.0},  # that it is there, and how rare it is
}
_TEXT: Json = {"type": "text", "analyzer": "ready"}
_PRESENT: Json = {
    "type": "text", "analyzer": "ready", "similarity": "presence", "index_options": "docs", "norms": False,
}  # fmt: skip
_SOUND: Json = {"type": "text", "analyzer": "ready", "norms": False, "similarity": "presence"}
_KEPT: Json = {"type": "keyword", "index": False}
_SHOWN: Json = {"index": False, "doc_values": False, "store": True}
_KEYWORDS = ("topic", "speaker", "organisation", "course", "length", "year", "language", "kind", "state", "visibility")
_NUMBERS = ("lecture_id", "publish_at", "unpublish_at", "published_at", "views")
# Lectures, and the windows of what is said in them as their children: docs/decisions/0018
MAPPING: Json = {
    "dynamic": "strict",
    "_source": {"enabled": False},
    "properties": {
        "part": {"type": "join", "relations": {"lecture": "window"}},
        "lecture_id": {"type": "long"},
        "fingerprint": _KEPT,
        # of a lecture
        **dict.fromkeys(TEXTS, _TEXT),
        **dict.fromkeys(("pinyin", "initials"), _SOUND),
        **{key: {"type": "keyword"} for key in _KEYWORDS},
        **{key: {"type": "long"} for key in _NUMBERS},
        "characters": _PRESENT,
        "captioned": {"type": "boolean"},
        "featured": {"type": "boolean"},
        "merit": {"type": "float"},
        # of a window
        "said": _TEXT,
        "about": _TEXT,  # norms as of "said": combined_fields wants them alike
        "source": {"type": "keyword"},
        "slot": {"type": "integer"},
        "windows": {"type": "integer", **_SHOWN},
        "shown": {"type": "keyword", **_SHOWN},  # JSON: what a hit shows
    },
}
SCHEMA = hashlib.sha256(repr((MAPPING, _SIMILARITY, FOLDS, MADE_WITH)).encode()).hexdigest()[:10]


def index_body(*, replicas: int, refresh: str | None = None) -> Json:
    return {
        "settings": {
            "number_of_shards": 1,
            "number_of_replicas": replicas,
            "refresh_interval": refresh,
            "analysis": _ANALYSIS,
            "similarity": _SIMILARITY,
        },
        "mappings": {**MAPPING, "_meta": {"schema": SCHEMA}},
    }


# ---- documents ----


def document_body(document: Document) -> Json:
    groups = document.groups
    return {
        "part": "lecture",
        **{name: words(text) for name, text in groups.items()},
        "characters": characters(groups.values()),
        "pinyin": document.pinyin,
        "initials": document.initials,
        "lecture_id": document.lecture_id,
        "state": document.state,
        "visibility": document.visibility,
        "organisation": _maybe(document.organisation_id),
        "publish_at": maybe_microseconds(document.publish_at),
        "unpublish_at": maybe_microseconds(document.unpublish_at),
        "published_at": maybe_microseconds(document.published_at),
        "kind": document.kind,
        "topic": _maybe(document.topic_id),
        "speaker": document.speaker or None,
        "course": list(map(str, document.course_ids)),
        "length": document.length or None,
        "year": _maybe(document.year),
        "language": document.language,
        "captioned": document.is_captioned,
        "featured": document.is_featured,
        "merit": document.merit,
        "views": document.views,
        "fingerprint": document.fingerprint,
    }


def gone_body(lecture_id: int) -> Json:
    """It stays, so that a late older document does not bring the lecture back."""
    return {"part": "lecture", "lecture_id": lecture_id, "state": GONE}


def window_bodies(speech: Speech) -> list[Json]:
    """One for each window; the first, also of a silent lecture, knows how many there are."""
    about, common = words(speech.about), _window_of(speech.lecture_id)
    bodies: list[Json] = [
        {
            **common, "slot": slot, "said": words(one.text), "about": about, "source": one.source,
            "shown": to_json((one.start_ms, one.end_ms, one.text, one.source, one.language, one.starts)),
        }
        for slot, one in enumerate(speech.windows)
    ]  # fmt: skip
    bodies = bodies or [gone_window_body(speech.lecture_id, 0)]
    bodies[0] |= {"windows": len(speech.windows), "fingerprint": speech.fingerprint}
    return bodies


def gone_window_body(lecture_id: int, slot: int) -> Json:
    return {**_window_of(lecture_id), "slot": slot, "source": GONE}


def _window_of(lecture_id: int) -> Json:
    return {"part": {"name": "window", "parent": str(lecture_id)}, "lecture_id": lecture_id}


def window(shown: str) -> Window:
    start_ms, end_ms, text, source, language, starts = json.loads(shown)
    return Window(start_ms, end_ms, text, source, language, tuple((at, ms) for at, ms in starts))


def _maybe(value: int | None) -> str | None:
    return None if value is None else str(value)


# ---- what is asked ----


def every(query: Query, fields: Sequence[str] = TEXTS) -> Json:
    """All words, all phrases and nothing excluded, in the texts of a lecture."""
    must = [_word(one, fields) for one in query.words]
    must += [_phrases(one, fields) for one in query.phrases]
    return {"bool": {"must": must, "must_not": excluded(query, TEXTS)}}


def any_of(query: Query) -> Json:
    """Any token; all phrases; nothing excluded."""
    should = [_one_of(query, TEXTS)]
    filters = [_phrases(one, TEXTS) for one in query.phrases]
    return {
        "bool": {"should": should, "minimum_should_match": 1, "filter": filters, "must_not": excluded(query, TEXTS)}
    }


def _one_of(query: Query, fields: Sequence[str]) -> Json:
    plain = [term for word in query.words for term in word.terms if not term.is_open]
    open_ = [phrase_in(term, fields) for word in query.words for term in word.terms if term.is_open]
    instead = [_phrases(one, fields) for word in query.words for one in word.instead]
    tokens = _combined([term.tokens[0] for term in plain], fields, "or") if plain else None
    return {"bool": {"should": [*filter(None, [tokens]), *open_, *instead], "minimum_should_match": 1}}


def every_said(query: Query) -> Json:
    """All words and phrases in one window, of which not all may stand in what it is about; and nothing excluded."""
    both = ("said", "about")
    must = [_word(one, both, sounds=False) for one in query.words]
    must += [_phrases(one, ("said",)) for one in query.phrases]
    here = [] if query.phrases else [_one_of(query, ("said",))]
    return {"bool": {"must": must, "filter": here, "must_not": excluded(query, both)}}


def any_said(query: Query) -> Json:
    filters = [_phrases(one, ("said",)) for one in query.phrases]
    return {"bool": {"must": [_one_of(query, ("said",))], "filter": filters, "must_not": excluded(query, ("said",))}}


def said(query: Json, **how: Any) -> Json:
    """Lectures with a window that answers `query`."""
    return {"has_child": {"type": "window", "query": query, **how}}


def places(query: Query) -> dict[str, Json]:
    """Where a lecture may hold all of it."""
    here = every_said(query)
    spoken = {one: said({"bool": {"filter": [{"term": {"source": one}}, here]}}) for one in (SPEECH, SLIDE)}
    return {"title": every(query, ("title",)), **spoken}


def excluded(query: Query, fields: Sequence[str]) -> list[Json]:
    return [_phrases(one, fields) for one in query.excluded]


def _word(word: Word, fields: Sequence[str], *, sounds: bool = True) -> Json:
    plain = [term.tokens[0] for term in word.terms if not term.is_open]
    open_ = [phrase_in(term, fields) for term in word.terms if term.is_open]
    ways: list[Json] = [{"bool": {"must": [*([_combined(plain, fields, "and")] if plain else []), *open_]}}]
    ways += [_phrases(one, fields) for one in word.instead]
    if sounds:
        ways += [phrase_in(one, ("pinyin",)) for one in word.readings]
        ways += [phrase_in(word.initials, ("initials",))] if word.initials else []
    return ways[0] if len(ways) == 1 else {"dis_max": {"queries": ways}}


def _combined(tokens: Iterable[str], fields: Sequence[str], operator: str) -> Json:
    weighted = [one for one in WEIGHTED if one.split("^")[0] in fields] or list(fields)
    return {"combined_fields": {"query": " ".join(tokens), "fields": weighted, "operator": operator}}


def _phrases(phrases: Phrases, fields: Sequence[str]) -> Json:
    return {"bool": {"must": [phrase_in(one, fields) for one in phrases]}}


def phrase_in(phrase: Phrase, fields: Sequence[str]) -> Json:
    weights = [ranking.WEIGHTS.get(field, 1.0) for field in fields]
    ways = [_in_one(phrase, field, weight) for field, weight in zip(fields, weights, strict=True)]
    return ways[0] if len(ways) == 1 else {"dis_max": {"queries": ways}}


def _in_one(phrase: Phrase, field: str, boost: float) -> Json:
    if len(phrase.tokens) == 1:
        kind = "prefix" if phrase.is_open else "term"
        return {kind: {field: {"value": phrase.tokens[0], "boost": boost}}}
    kind = "match_phrase_prefix" if phrase.is_open else "match_phrase"
    options: Json = {"query": " ".join(phrase.tokens), "boost": boost}
    return {kind: {field: options | ({"max_expansions": 500} if phrase.is_open else {})}}


# ---- who may see it, what was chosen ----


def may_see(seen_by: Clause, until: datetime | None) -> list[Json]:
    """One clause, of terms and of what must not be: each part by itself would be looked up for all lectures first."""
    now = microseconds(seen_by.now)
    for_whom: list[Json] = [{"term": {"visibility": one}} for one in sorted(seen_by.visibilities)]
    if seen_by.organisation_ids:
        mine = {"terms": {"organisation": sorted(map(str, seen_by.organisation_ids))}}
        for_whom.append({"bool": {"filter": [{"term": {"visibility": "organisation"}}, mine]}})
    too_early_or_late: list[Json] = [{"range": {"publish_at": {"gt": now}}}, {"range": {"unpublish_at": {"lte": now}}}]
    filters: list[Json] = [{"term": {"state": "published"}}]
    if until is not None:
        filters.append({"range": {"published_at": {"lte": microseconds(until)}}})
    return [
        {
            "bool": {
                "filter": filters, "should": for_whom, "minimum_should_match": 1, "must_not": too_early_or_late
            }
        }
    ]  # fmt: skip


def chosen(wanted: Mapping[str, Collection[str]], places: Mapping[str, Json], *, but: str = "") -> list[Json]:
    """A filter for each facet with something chosen, `but` aside. `places` are filters made for this query."""
    return [_chosen(facet, sorted(values), places) for facet, values in wanted.items() if values and facet != but]


def _chosen(facet: str, values: list[str], places: Mapping[str, Json]) -> Json:
    if facet == "place":
        return {"bool": {"should": [places.get(one, NO_MATCH) for one in values], "minimum_should_match": 1}}
    if facet in {"captioned", "featured"}:
        return {"term": {facet: True}} if "1" in values else NO_MATCH
    return {"terms": {facet: values}} if facet in ranking.FACETS else NO_MATCH


def facets(request: Request, places: Mapping[str, Json]) -> Json:
    """An aggregation a facet, under what is chosen of the others; below one that holds all, by a field nobody has.

    At the top, the server would ask the whole question again for each aggregation that filters.
    """
    found = {facet: _facet(facet, chosen(request.chosen, places, but=facet), places) for facet in ranking.FACETS}
    return {"all": {"missing": {"field": "nobody has it"}, "aggs": found}}


def _facet(facet: str, others: list[Json], places: Mapping[str, Json]) -> Json:
    if facet == "place":
        counted: Json = {"filters": {"filters": dict(places)}}
    elif facet in {"captioned", "featured"}:
        counted = {"filters": {"filters": {"1": {"term": {facet: True}}}}}
    else:
        counted = {"terms": {"field": facet, "size": 100}}
    return {"filter": {"bool": {"filter": others}}, "aggs": {"values": counted}}


def counts(aggregations: Json) -> ranking.Counts:
    return {facet: _counts(aggregations[facet]["values"]) for facet in ranking.FACETS if facet in aggregations}


def _counts(found: Json) -> dict[str, int]:
    buckets = found.get("buckets", [])
    pairs = (
        ((name, one["doc_count"]) for name, one in buckets.items())
        if isinstance(buckets, dict)
        else ((str(one["key"]), one["doc_count"]) for one in buckets)
    )
    return {name: count for name, count in pairs if count}


# ---- in which order ----


def lifted(query: Json, now: datetime) -> Json:
    """`query` with the bounded boosts of ranking.lifted."""
    steps = zip(ranking.FRESH, [(0, 0.0), *ranking.FRESH], strict=False)
    fresh = [
        {
            "filter": {
                "range": {"published_at": {"gt": _ago(now, days)} | ({"lte": _ago(now, below)} if below else {})}
            },
            "weight": lift,
        }
        for (days, lift), (below, _) in steps
    ]
    earned = {"field_value_factor": {"field": "merit", "missing": 0}}
    return {
        "function_score": {
            "query": query, "functions": [{"weight": 1}, earned, *fresh], "score_mode": "sum",
            "boost_mode": "multiply", "max_boost": ranking.MOST_LIFT,
        }
    }  # fmt: skip


def _ago(now: datetime, days: int) -> int:
    return microseconds(now - timedelta(days=days))


def by_characters(query: Query) -> list[Json]:
    if not query.marked_characters:
        return []
    wanted = {"match": {"characters": " ".join(query.marked_characters)}}
    again = {"rescore_query": wanted, "query_weight": 1.0, "rescore_query_weight": ranking.SINGLE_CHARACTERS}
    return [{"window_size": RESCORED, "query": again}]


def order(request: Request) -> list[Json]:
    tail: list[Json] = [{"published_at": {"order": "desc", "missing": "_last"}}, {"lecture_id": "asc"}]
    first: dict[str, list[Json]] = {
        "best": [{"_score": "desc"}],
        "new": [],
        "watched": [{"views": "desc"}],
        "featured": [{"featured": "desc"}, {"_score": "desc"}],
    }
    return [*first[request.order], *tail]
