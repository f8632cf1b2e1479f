"""What is asked of Elasticsearch, as plain dicts. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from search import ranking
from search.engines.base import Request, microseconds
from search.permissions import Clause
from search.query_language import Phrase, Phrases, Query, Word

Json = dict[str, Any]
ALL, TITLE, NAMES, SAID = ("texts",), ("title",), ("title", "names"), ("said",)
# So many of the best are put in order by their single characters, too.
RESCORED = 60
NO_MATCH: Json = {"match_none": {}}


# ---- what lectures and windows hold ----


def every(query: Query, fields: Sequence[str] = ALL) -> Json:
    """All words, all phrases and nothing excluded, in the texts of a lecture."""
    must = [_word(one, fields) for one in query.words]
    must += [_phrases(one, fields) for one in query.phrases]
    return {"bool": {"must": must, "must_not": excluded(query, ALL)}}


def any_of(query: Query, fields: Sequence[str] = ALL) -> Json:
    """Any token; all phrases; nothing excluded."""
    filters = [_phrases(one, fields) for one in query.phrases]
    return {"bool": {"must": [_one_of(query, fields)], "filter": filters, "must_not": excluded(query, fields)}}


def _one_of(query: Query, fields: Sequence[str]) -> Json:
    plain = [term.tokens[0] for word in query.words for term in word.terms if not term.is_open]
    open_ = [phrase_in(term, fields) for word in query.words for term in word.terms if term.is_open]
    instead = [_phrases(one, fields) for word in query.words for one in word.instead]
    tokens = _match(plain, fields, "or") if plain else None
    return {"bool": {"should": [*filter(None, [tokens]), *open_, *instead], "minimum_should_match": 1}}


def every_said(query: Query) -> Json:
    """All words and phrases in one window, of which not all may stand in what it is about; and nothing excluded."""
    said = [_word(one, SAID, sounds=False) for one in query.words]
    if len(said) > 1 or query.phrases:
        must = [_any([here, _about(one)]) for here, one in zip(said, query.words, strict=True)]
        here = [] if query.phrases else [_any(said)]
    else:
        must, here = said, []
    must += [_phrases(one, SAID) for one in query.phrases]
    return {"bool": {"must": must, "filter": here, "must_not": excluded(query, SAID)}}


def _about(word: Word) -> Json:
    """Its tokens in what a window is about, in whatever order: of those it is known only that they are there."""
    ways = [word.terms, *([Phrase((token,)) for one in phrases for token in one.tokens] for phrases in word.instead)]
    return _any([{"bool": {"must": [phrase_in(term, ("about",)) for term in terms]}} for terms in ways])


def said(query: Json, **how: Any) -> Json:
    """Lectures with a window that answers `query`."""
    return {"has_child": {"type": "window", "query": query, **how}}


def excluded(query: Query, fields: Sequence[str]) -> list[Json]:
    return [_phrases(one, fields) for one in query.excluded]


def _any(ways: list[Json]) -> Json:
    return ways[0] if len(ways) == 1 else {"dis_max": {"queries": ways}}


def _word(word: Word, fields: Sequence[str], *, sounds: bool = True) -> Json:
    plain = [term.tokens[0] for term in word.terms if not term.is_open]
    open_ = [phrase_in(term, fields) for term in word.terms if term.is_open]
    ways: list[Json] = [{"bool": {"must": [*([_match(plain, fields, "and")] if plain else []), *open_]}}]
    ways += [_phrases(one, fields) for one in word.instead]
    if sounds:
        ways += [phrase_in(one, ("pinyin",)) for one in word.readings]
        ways += [phrase_in(word.initials, ("initials",))] if word.initials else []
    return _any(ways)


def _match(tokens: Iterable[str], fields: Sequence[str], operator: str) -> Json:
    """In one field by the terms themselves, of which the server passes over those that cannot win."""
    wanted = {"query": " ".join(tokens), "operator": operator}
    if len(fields) == 1:
        return {"match": {fields[0]: wanted}}
    return {"combined_fields": {**wanted, "fields": [f"{name}^{ranking.WEIGHTS[name]}" for name in fields]}}


def _phrases(phrases: Phrases, fields: Sequence[str]) -> Json:
    return {"bool": {"must": [phrase_in(one, fields) for one in phrases]}}


def phrase_in(phrase: Phrase, fields: Sequence[str]) -> Json:
    return _any([_in_one(phrase, field, ranking.WEIGHTS.get(field, 1.0)) for field in fields])


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
    return {"terms": {facet: values}} if facet in ranking.FACETS else NO_MATCH


def facets(request: Request, places: Mapping[str, Json]) -> Json:
    """An aggregation a facet, under what is chosen of the others; below one that holds all, by a field nobody has.

    At the top, the server would ask the whole question again for each aggregation that filters.
    """
    found = {facet: _facet(facet, chosen(request.chosen, places, but=facet), places) for facet in ranking.FACETS}
    return {"all": {"missing": {"field": "nobody has it"}, "aggs": found}}


def _facet(facet: str, others: list[Json], places: Mapping[str, Json]) -> Json:
    by_place: Json = {"filters": {"filters": dict(places)}}
    counted = by_place if facet == "place" else {"terms": {"field": facet, "size": 100}}
    return {"filter": {"bool": {"filter": others}}, "aggs": {"values": counted}} if others else counted


def counts(aggregations: Json) -> ranking.Counts:
    found = ((facet, aggregations.get(facet, {})) for facet in ranking.FACETS)
    return {facet: _counts(one.get("values", one).get("buckets", [])) for facet, one in found}


def _counts(buckets: Any) -> dict[str, int]:
    named = buckets.items() if isinstance(buckets, dict) else ((one["key"], one) for one in buckets)
    return {name: one["doc_count"] for name, one in named if one["doc_count"]}


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
    """Ends with the lecture's key."""
    tail: list[Json] = [{"published_at": {"order": "desc", "missing": "_last"}}, {"lecture_id": "asc"}]
    first: dict[str, list[Json]] = {
        "best": [{"_score": "desc"}],
        "new": [],
        "watched": [{"views": "desc"}],
        "featured": [{"featured": {"order": "desc", "missing": "_last"}}, {"_score": "desc"}],
    }
    return [*first[request.order], *tail]
