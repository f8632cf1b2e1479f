"""One question to Elasticsearch, in as few requests as it takes.

1. Lectures whose texts hold it, or of whose windows one does: one page, counts of all facets. Mostly, that is all.
2. Only when they are few: what holds a part of it, put together here with the full ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from search import ranking
from search.engines import elastic_queries as q
from search.engines import pages
from search.engines.base import MOST_PARTIAL, Found, Request, SearchError
from search.ranking import Facts, Traits

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

Json = dict[str, Any]
TIMEOUT = "800ms"  # then the server answers with what it has
# One copy of a shard for everybody, so that scores and pages do not change with the copy that answers.
SAME = "search"
FACTS = ("lecture_id", "kind", "topic", "speaker", "organisation", "course", "length", "year", "language", "captioned",
         "featured", "merit", "views", "published_at")  # fmt: skip


class Searching:
    def __init__(self, client: Elasticsearch, index: str, request: Request) -> None:
        self.client, self.index, self.request = client, index, request
        self.query, self.may_see = request.query, q.may_see(request.seen_by, request.until)

    def run(self) -> Found:
        if self.request.scope == "names":
            return self._named()
        answer = self._page()
        counted, found = answer["aggregations"]["all"], answer["hits"]
        full = counted["doc_count"]
        if self.request.is_answered_by(full):
            return Found(list(map(_key, found["hits"])), found["total"]["value"], False, full, q.counts(counted))
        return self._filled_up()

    def _named(self) -> Found:
        query = {"bool": {"must": q.every(self.query, ("title", "names")), "filter": self.may_see}}
        found = self.client.search(
            index=self.index, query=q.lifted(query, self.request.seen_by.now), size=self.request.limit,
            from_=self.request.offset, docvalue_fields=docvalues("lecture_id"), source=False,
            sort=q.order(self.request), timeout=TIMEOUT, preference=SAME,
        )["hits"]  # fmt: skip
        total = found["total"]["value"]
        return Found(list(map(_key, found["hits"])), total, found["total"]["relation"] != "eq", total)

    # ---- 1: lectures that hold it ----

    @cached_property
    def _left_out(self) -> list[Json]:
        """What may not be said either."""
        excluded = q.excluded(self.query, ("said",))
        return [q.said({"bool": {"should": excluded}})] if excluded else []

    @property
    def _full(self) -> Json:
        held = q.every(self.query)
        in_a_window = q.said(q.every_said(self.query), score_mode="max", boost=ranking.SPOKEN)
        return {
            "bool": {
                "should": [held, in_a_window], "minimum_should_match": 1, "filter": self.may_see,
                "must_not": self._left_out,
            }
        }  # fmt: skip

    def _page(self) -> Json:
        request, places = self.request, q.places(self.query)
        answer = self.client.search(
            index=self.index,
            query=q.lifted(self._full, request.seen_by.now),
            post_filter={"bool": {"filter": chosen}} if (chosen := q.chosen(request.chosen, places)) else None,
            aggs=q.facets(request, places),
            sort=q.order(request),
            from_=request.offset,
            size=request.limit,
            docvalue_fields=docvalues("lecture_id"),
            source=False,
            track_total_hits=True,
            timeout=TIMEOUT,
            preference=SAME,
            request_cache=False,
        )
        return dict(answer.body)

    # ---- 2: lectures that hold a part of it ----

    def _filled_up(self) -> Found:
        """First what says a part of it best, among the windows alone: the server then passes over most of them."""
        request, partly = self.request, q.any_of(self.query)
        sayings, full, texts = self._ask(
            {
                "query": q.any_said(self.query), "size": MOST_PARTIAL * 2, "_source": False,
                "docvalue_fields": ["lecture_id", "source"], "timeout": TIMEOUT, "track_total_hits": False,
            },
            self._facts(self._full, named=q.places(self.query)),
            self._facts({"bool": {"must": partly, "filter": self.may_see, "must_not": self._left_out}}),
        )  # fmt: skip
        said, sources = _by_lecture(sayings)
        unlike = [*self._left_out, *q.excluded(self.query, q.TEXTS)]
        among = [*self.may_see, {"terms": {"lecture_id": list(said)}}]
        [spoken] = self._ask(self._facts({"bool": {"filter": among, "should": [partly], "must_not": unlike}}))
        facts = {one.lecture_id: one for hits in (spoken, texts, full) for one in map(_facts_of, hits)}
        scores = {_key(hit): hit["_score"] or 0.0 for hits in (spoken, texts) for hit in hits}
        for hit in full:
            sources.setdefault(_key(hit), set()).update(hit.get("matched_queries", ()))
        for key, one in list(facts.items()):
            score = 1.0 + scores.get(key, 0.0) + ranking.SPOKEN * said.get(key, 0.0)
            scores[key] = ranking.lifted(score, one.merit, one.published_at, request.seen_by.now)
            facts[key] = one._replace(places=frozenset(sources.get(key, ())))
        return self._put_together(facts, scores, list(map(_key, full)))

    def _facts(self, query: Json, *, named: Mapping[str, Json] | None = None) -> Json:
        """Those that answer best, with what is to be known of them, and which of `named` they answer, too."""
        named = named or {}
        told = [{"bool": {"filter": one, "_name": name}} for name, one in named.items()]
        return {
            "query": {"bool": {"must": query, "should": told}} if told else query,
            "size": MOST_PARTIAL, "docvalue_fields": list(FACTS), "_source": False,
            "rescore": q.by_characters(self.query), "timeout": TIMEOUT, "track_total_hits": False,
        }  # fmt: skip

    def _ask(self, *asked: Json) -> list[list[Json]]:
        """The hits of each."""
        at = {"index": self.index, "preference": SAME}
        answers = self.client.msearch(searches=[part for one in asked for part in (at, one)])["responses"]
        failed = [one["error"] for one in answers if "error" in one]
        if failed:
            raise SearchError(str(failed[0])[:500])
        return [one["hits"]["hits"] for one in answers]

    def _put_together(self, facts: Mapping[int, Facts], scores: Mapping[int, float], first: Sequence[int]) -> Found:
        least = ranking.LEAST_OF_BEST * max(scores.values(), default=0.0)
        full = set(first)
        partly = [one for one in facts.values() if one.lecture_id not in full and scores[one.lecture_id] >= least]
        return pages.page([facts[key] for key in first], partly, scores, self.request)


def _by_lecture(windows: Sequence[Json]) -> tuple[dict[int, float], dict[int, set[str]]]:
    """Of each lecture the score of the first, which is the best; and their sources."""
    said: dict[int, float] = {}
    sources: dict[int, set[str]] = {}
    for hit in windows:
        said.setdefault(_key(hit), hit["_score"])
        sources.setdefault(_key(hit), set()).add(hit["fields"]["source"][0])
    return said, sources


def docvalues(*fields: str) -> list[Json]:
    return [{"field": field} for field in fields]


def _key(hit: Json) -> int:
    return int(hit["fields"]["lecture_id"][0])


def _facts_of(hit: Json) -> Facts:
    kept = {name: values[0] for name, values in hit["fields"].items()}

    def number(name: str) -> int | None:
        return int(kept[name]) if name in kept else None

    return Facts(
        kept["lecture_id"],
        Traits(
            kind=kept["kind"],
            topic=number("topic"),
            speaker=kept.get("speaker", ""),
            organisation=number("organisation"),
            courses=tuple(map(int, hit["fields"].get("course", ()))),
            length=kept.get("length", ""),
            year=number("year"),
            language=kept.get("language", ""),
            is_captioned=kept.get("captioned", False),
            is_featured=kept.get("featured", False),
        ),
        merit=kept.get("merit", 0.0),
        views=kept.get("views", 0),
        published_at=kept.get("published_at", 0),
    )
