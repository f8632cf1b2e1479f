"""One question to Elasticsearch, in as few steps as it takes.

1. Which lectures say or show it (moments).
2. Lectures whose texts hold it, or that are among those: one page, counts of all facets.
3. Only when they are few: lectures that hold a part of it, put together here with the full ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from search import ranking
from search.engines import elastic_queries as q
from search.engines import pages
from search.engines.base import MOST_PARTIAL, MOST_SPOKEN, Found, Request, SearchError
from search.ranking import Facts, Traits
from search.windows import SLIDE, SPEECH

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

Json = dict[str, Any]
SCORED = 200  # lectures whose best moment's score counts; others found by their speech count as the last of these
STEPS = 6  # that score in so many steps
TIMEOUT = "800ms"  # then the server answers with what it has
# One copy of a shard for everybody, so that scores and pages do not change with the copy that answers.
SAME = "search"
FACTS = ("lecture_id", "kind", "topic", "speaker", "organisation", "course", "length", "year", "language", "captioned",
         "featured", "merit", "views", "published_at")  # fmt: skip


class Searching:
    def __init__(self, client: Elasticsearch, lectures: str, moments: str, request: Request) -> None:
        self.client, self.lectures, self.moments, self.request = client, lectures, moments, request
        self.may_see = q.may_see(request.seen_by, request.until)
        self.spoken: dict[int, float] = {}  # by the best moment
        self.sources: dict[str, list[int]] = {}

    def run(self) -> Found:
        request = self.request
        if request.scope == "names":
            return self._named()
        self._find_spoken()
        answer = self._page()
        full = answer["aggregations"]["all"]["doc_count"]
        if request.is_answered_by(full):
            found = answer["hits"]
            ids = [hit["fields"]["lecture_id"][0] for hit in found["hits"]]
            is_more = max(map(len, self.sources.values()), default=0) >= MOST_SPOKEN
            return Found(ids, found["total"]["value"], is_more, full, q.counts(answer["aggregations"]))
        return self._filled_up()

    def _named(self) -> Found:
        query = {"bool": {"must": q.every(self.request.query, ("title", "names")), "filter": self.may_see}}
        found = self.client.search(
            index=self.lectures, query=q.lifted(query, self.request.seen_by.now), size=self.request.limit,
            from_=self.request.offset, docvalue_fields=docvalues("lecture_id"), source=False,
            sort=q.order(self.request), timeout=TIMEOUT, preference=SAME,
        )["hits"]  # fmt: skip
        ids = [hit["fields"]["lecture_id"][0] for hit in found["hits"]]
        total = found["total"]["value"]
        return Found(ids, total, found["total"]["relation"] != "eq", total)

    # ---- 1: what is said ----

    def _find_spoken(self) -> None:
        ids = {"ids": {"terms": {"field": "lecture_id", "size": MOST_SPOKEN}}}
        asked: list[Any] = [
            {"index": self.moments, "preference": SAME},
            {
                "query": q.every_said(self.request.query), "collapse": {"field": "lecture_id"}, "size": SCORED,
                "_source": False, "timeout": TIMEOUT, "track_total_hits": False,
                "aggs": {
                    source: {"filter": {"term": {"source": source}}, "aggs": ids} for source in (SPEECH, SLIDE)
                },
            },
        ]  # fmt: skip
        left_out = q.excluded(self.request.query, ("said",))
        if left_out:
            said = {"query": {"bool": {"should": left_out, "minimum_should_match": 1}}, "size": 0, "aggs": ids}
            asked += [{"index": self.moments}, said]
        found, *others = _responses(self.client.msearch(searches=asked))
        self.sources = {one: _keys(found["aggregations"][one]["ids"]) for one in (SPEECH, SLIDE)}
        self.spoken = {hit["fields"]["lecture_id"][0]: hit["_score"] for hit in found["hits"]["hits"]}
        not_said = _keys(others[0]["aggregations"]["ids"]) if others else []
        self.left_out: list[Json] = [{"terms": {"lecture_id": not_said}}] if not_said else []

    def _said_in(self) -> list[Json]:
        """A clause for each step of scores, from the best."""
        by_score = sorted(self.spoken, key=lambda one: -self.spoken[one])
        size = max(1, -(-len(by_score) // STEPS))
        steps = [by_score[at : at + size] for at in range(0, len(by_score), size)]
        clauses = [_among(step, ranking.SPOKEN * self.spoken[step[0]]) for step in steps]
        rest = list({key for keys in self.sources.values() for key in keys} - self.spoken.keys())
        if rest:
            clauses.append(_among(rest, ranking.SPOKEN * min(self.spoken.values(), default=1.0)))
        return clauses

    # ---- 2: lectures that hold it ----

    @property
    def _full(self) -> Json:
        held = {"bool": {"must": q.every(self.request.query), "_name": "text"}}
        return {
            "bool": {
                "should": [held, *self._said_in()], "minimum_should_match": 1, "filter": self.may_see,
                "must_not": self.left_out,
            }
        }  # fmt: skip

    @property
    def _places(self) -> dict[str, Json]:
        places = {one: {"terms": {"lecture_id": keys}} for one, keys in self.sources.items() if keys}
        return {**places, "title": q.every(self.request.query, ("title",))}

    def _page(self) -> Json:
        request, places = self.request, self._places
        answer = self.client.search(
            index=self.lectures,
            query=q.lifted(self._full, request.seen_by.now),
            post_filter={"bool": {"filter": q.chosen(request.chosen, places)}},
            aggs={"all": {"filter": {"match_all": {}}}, **q.facets(request, places)},
            sort=q.order(request),
            from_=request.offset,
            size=request.limit,
            docvalue_fields=docvalues("lecture_id"),
            source=False,
            track_total_hits=True,
            timeout=TIMEOUT,
            preference=SAME,
        )
        return dict(answer.body)

    # ---- 3: lectures that hold a part of it ----

    def _filled_up(self) -> Found:
        request, query = self.request, self.request.query
        sources, said = self._partly_said()
        among: Json = {"terms": {"lecture_id": list(said)}}
        partly = q.any_of(query)
        full, texts, spoken = _responses(
            self.client.msearch(
                searches=[
                    {"index": self.lectures, "preference": SAME},
                    self._facts(self._full, named=True),
                    {"index": self.lectures, "preference": SAME},
                    self._facts({"bool": {"must": partly, "filter": self.may_see, "must_not": self.left_out}}),
                    {"index": self.lectures, "preference": SAME},
                    self._facts(
                        {
                            "bool": {
                                "filter": [*self.may_see, among], "should": [partly],
                                "must_not": [*self.left_out, *q.excluded(query, q.TEXTS)],
                            }
                        }
                    ),
                ]
            )
        )  # fmt: skip
        facts = {one.lecture_id: one for answer in (spoken, texts, full) for one in map(_facts_of, _hits(answer))}
        scores = {_key(hit): 1.0 + (hit["_score"] or 0.0) for answer in (spoken, texts) for hit in _hits(answer)}
        first = [_key(hit) for hit in _hits(full)]
        titles = {_key(hit) for hit in _hits(full) if "title" in hit.get("matched_queries", ())}
        for key, one in list(facts.items()):
            spoken_score = max(said.get(key, 0.0), self.spoken.get(key, 0.0))
            score = scores.get(key, 1.0) + ranking.SPOKEN * spoken_score
            scores[key] = ranking.lifted(score, one.merit, one.published_at, request.seen_by.now)
            if key in titles or key in sources:
                here = frozenset(sources.get(key, ())) | ({"title"} if key in titles else frozenset())
                facts[key] = one._replace(places=here)
        return self._put_together(facts, scores, first)

    def _partly_said(self) -> tuple[dict[int, set[str]], dict[int, float]]:
        """Where and how well lectures say a part of it, by their best moment."""
        found = self.client.search(
            index=self.moments, query=q.any_said(self.request.query), size=MOST_PARTIAL * 2, source=False,
            docvalue_fields=docvalues("lecture_id", "source"), track_total_hits=False, timeout=TIMEOUT, preference=SAME,
        )  # fmt: skip
        sources: dict[int, set[str]] = defaultdict(set)
        for source, keys in self.sources.items():
            for key in keys:
                sources[key].add(source)
        said: dict[int, float] = {}
        for hit in _hits(found.body):
            said.setdefault(_key(hit), hit["_score"])
            sources[_key(hit)].add(hit["fields"]["source"][0])
        return sources, said

    def _facts(self, query: Json, *, named: bool = False) -> Json:
        titled = [{"bool": {"filter": q.every(self.request.query, ("title",)), "_name": "title"}}] if named else []
        asked = {"bool": {"must": query, "should": titled}} if titled else query
        return {
            "query": asked, "size": MOST_PARTIAL, "docvalue_fields": list(FACTS), "_source": False,
            "rescore": q.by_characters(self.request.query), "timeout": TIMEOUT, "track_total_hits": False,
        }  # fmt: skip

    def _put_together(self, facts: Mapping[int, Facts], scores: dict[int, float], first: Sequence[int]) -> Found:
        least = ranking.LEAST_OF_BEST * max(scores.values(), default=0.0)
        full = set(first)
        partly = [one for one in facts.values() if one.lecture_id not in full and scores[one.lecture_id] >= least]
        return pages.page([facts[key] for key in first], partly, scores, self.request)


def docvalues(*fields: str) -> list[Json]:
    return [{"field": field} for field in fields]


def _among(lectures: Sequence[int], boost: float) -> Json:
    return {"constant_score": {"filter": {"terms": {"lecture_id": list(lectures)}}, "boost": max(boost, 0.01)}}


def _responses(answer: Any) -> list[Json]:
    """Of an msearch; one that failed fails all."""
    failed = [one["error"] for one in answer["responses"] if "error" in one]
    if failed:
        raise SearchError(str(failed[0])[:500])
    return list(answer["responses"])


def _hits(answer: Json) -> list[Json]:
    return list(answer["hits"]["hits"])


def _key(hit: Json) -> int:
    return int(hit["fields"]["lecture_id"][0])


def _keys(aggregation: Json) -> list[int]:
    return [int(one["key"]) for one in aggregation["buckets"]]


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
