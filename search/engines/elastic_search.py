"""One question to Elasticsearch, in as few and as cheap requests as it takes.

1. The windows that say all of it best: the server passes over most others.
2. Lectures that are theirs, or whose texts hold it: one page, counts of all facets. Mostly, that is all.
3. Where those are few, and at once where few say it: what says and holds a part, put together here with the full ones.

Where more windows say it than are fetched, lectures that only say it are "at least" so many. When that would hide
something (one may see few of them, something is chosen, another order is wanted), all windows are asked by way of
their lectures instead, which costs several times as much.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from search import ranking
from search.engines import elastic_index as shape
from search.engines import elastic_queries as q
from search.engines import pages
from search.engines.base import FULL_PAGE, Found, Request
from search.engines.elastic_line import Line
from search.engines.fts_sql import SLOTS, source_of
from search.ranking import Facts
from search.windows import SLIDE, SPEECH

Json = dict[str, Any]
TIMEOUT = "800ms"  # then the server answers with what it has
# One copy of a shard for everybody, so that scores and pages do not change with the copy that answers.
SAME = "search"
# Of windows that say all of it, of windows that say a part, and of lectures that hold a part: so many of the best.
MOST_SAYING, MOST_SAYING_A_PART, MOST_PARTIAL = 200, 120, 60
STEPS = 16  # of how well something is said; so many clauses at most are asked of lectures
FULL = 10_000.0  # beyond what any part scores
READ = "aggregations,hits.total,hits.hits.sort,hits.hits._score,hits.hits.fields,hits.hits.matched_queries"


class Heard:
    """Lectures of the windows found: how well the best of each answers, and where. `is_cut`: there may be more."""

    def __init__(self, windows: Json, most: int) -> None:
        self.scores: dict[int, float] = {}
        self.sources: dict[int, set[str]] = defaultdict(set)
        for hit in _hits(windows):
            score, moment = hit["sort"]
            self.scores.setdefault(moment // SLOTS, score)
            self.sources[moment // SLOTS].add(source_of(moment))
        self.is_cut = len(_hits(windows)) >= most

    @property
    def is_short(self) -> bool:
        return not self.is_cut and len(self.scores) < FULL_PAGE

    @property
    def spoken(self) -> Spoken:
        return Spoken(self.clauses, self.places, self.is_cut, self.sources)

    @property
    def clauses(self) -> list[Json]:
        """Any of the lectures, with what being said adds to their scores."""
        best = max(self.scores.values(), default=0.0) or 1.0
        steps: dict[int, list[int]] = defaultdict(list)
        for lecture, score in self.scores.items():
            steps[round(STEPS * score / best)].append(lecture)
        return [
            {"constant_score": {"filter": _among(some), "boost": ranking.SPOKEN * best * step / STEPS}}
            for step, some in steps.items()
        ]

    @property
    def places(self) -> dict[str, Json]:
        return {
            source: _among([lecture for lecture, found in self.sources.items() if source in found])
            for source in (SPEECH, SLIDE)
        }


@dataclass
class Spoken:
    """Lectures that say all of it: any of the clauses, and where. `is_cut`: there may be more. `sources`: the same as
    `places` tell, where it is known."""

    clauses: list[Json]
    places: dict[str, Json]
    is_cut: bool = False
    sources: Mapping[int, set[str]] | None = None


class Searching:
    def __init__(self, line: Line, index: str, request: Request) -> None:
        self.line, self.index, self.request, self.query = line, index, request, request.query
        self.held, self.here = q.every(request.query), q.every_said(request.query)
        self.is_plain = request.order == "best" and not any(request.chosen.values())

    def run(self) -> Found:
        if self.request.scope == "names":
            return self._named()
        windows = self._ask(self._windows(self.here, MOST_SAYING))
        heard = Heard(windows, MOST_SAYING)
        if heard.is_short and not self.request.is_answered_by(0):
            found = self._filled_up(heard.spoken)
            if not self.request.is_answered_by(found.full):
                return found
        for spoken in self._ways(heard):
            page = self._ask(self._page(spoken))
            counted = page["aggregations"]["all"]
            if not spoken.is_cut or counted["doc_count"] >= FULL_PAGE:
                break
        if self.request.is_answered_by(counted["doc_count"]):
            total = page["hits"]["total"]["value"]
            return Found(_keys(page), total, spoken.is_cut, counted["doc_count"], q.counts(counted))
        return self._filled_up(spoken)

    def _ways(self, heard: Heard) -> Iterator[Spoken]:
        if self.is_plain or not heard.is_cut:
            yield heard.spoken
        places = {one: q.said({"bool": {"filter": [{"term": {"source": one}}, self.here]}}) for one in (SPEECH, SLIDE)}
        yield Spoken([q.said(self.here, score_mode="max", boost=ranking.SPOKEN)], places)

    def _named(self) -> Found:
        query = {"bool": {"must": q.every(self.query, q.NAMES), "filter": self._may_see}}
        found = self._ask(self._sorted(query))
        total = found["hits"]["total"]["value"]
        return Found(_keys(found), total, False, total)

    # ---- windows ----

    def _windows(self, query: Json, most: int) -> Json:
        return {**_bare(most), "query": query, "sort": [{"_score": "desc"}, {"moment": "asc"}]}

    # ---- lectures that hold it ----

    @cached_property
    def _may_see(self) -> list[Json]:
        return q.may_see(self.request.seen_by, self.request.until)

    @cached_property
    def _unlike(self) -> list[Json]:
        """What may neither be written nor said."""
        said = q.excluded(self.query, q.SAID)
        return [*q.excluded(self.query, q.ALL), q.said({"bool": {"should": said}})] if said else []

    def _any_of(self, ways: list[Json]) -> Json:
        return {
            "bool": {"should": ways, "minimum_should_match": 1, "filter": self._may_see, "must_not": self._unlike}
        }  # fmt: skip

    def _page(self, spoken: Spoken) -> Json:
        places = {"title": q.every(self.query, q.TITLE), **spoken.places}
        chosen = q.chosen(self.request.chosen, places)
        return {
            **self._sorted(self._any_of([self.held, *spoken.clauses])),
            "aggs": q.facets(self.request, places),
            **({"post_filter": {"bool": {"filter": chosen}}} if chosen else {}),
        }

    def _sorted(self, query: Json) -> Json:
        return {
            **_bare(self.request.limit), "from": self.request.offset, "track_total_hits": True,
            "query": q.lifted(query, self.request.seen_by.now), "sort": q.order(self.request),
        }  # fmt: skip

    # ---- lectures that hold a part of it ----

    def _filled_up(self, spoken: Spoken) -> Found:
        """The full ones are told by name, and score beyond all others. So is what is not known of where they answer."""
        windows = self._ask(self._windows(q.any_of(self.query, q.SAID), MOST_SAYING_A_PART))
        heard = Heard(windows, MOST_SAYING_A_PART)
        full = {"bool": {"should": [self.held, *spoken.clauses], "minimum_should_match": 1}}
        first = {"constant_score": {"filter": full, "boost": FULL, "_name": "full"}}
        places = {"title": q.every(self.query, q.TITLE), **(spoken.places if spoken.sources is None else {})}
        told = [{"bool": {"filter": one, "_name": name}} for name, one in places.items()]
        ways = [q.any_of(self.query), *heard.clauses, first, *told]
        found = self._ask(
            {
                **_bare(MOST_PARTIAL), "query": self._any_of(ways), "docvalue_fields": ["facts"],
                "rescore": q.by_characters(self.query),
            }
        )  # fmt: skip
        return self._put_together(_hits(found), [heard.sources, spoken.sources or {}])

    def _put_together(self, hits: list[Json], said: Sequence[Mapping[int, set[str]]]) -> Found:
        full: list[Facts] = []
        partly: list[Facts] = []
        scores: dict[int, float] = {}
        for hit in hits:
            names = set(hit.get("matched_queries", ()))
            one = shape.facts(hit["fields"]["facts"][0], frozenset(names.difference({"full"})))
            one = one._replace(places=one.places.union(*(sources.get(one.lecture_id, ()) for sources in said)))
            (full if "full" in names else partly).append(one)
            score = 1.0 + hit["_score"] - FULL * ("full" in names)
            scores[one.lecture_id] = ranking.lifted(score, one.merit, one.published_at, self.request.seen_by.now)
        least = ranking.LEAST_OF_BEST * max(scores.values(), default=0.0)
        kept = [one for one in partly if scores[one.lecture_id] >= least]
        return pages.page(ranking.newest(full), ranking.newest(kept), scores, self.request)

    def _ask(self, asked: Json) -> Json:
        return self.line.ask(f"/{self.index}/_search?preference={SAME}&filter_path={READ}", asked)


def _bare(most: int) -> Json:
    """Nothing of a hit but what it is sorted by."""
    return {
        "size": most, "_source": False, "stored_fields": "_none_", "track_total_hits": False, "timeout": TIMEOUT
    }  # fmt: skip


def _among(lectures: Collection[int]) -> Json:
    return {"terms": {"key": list(map(str, lectures))}}


def _hits(answer: Json) -> list[Json]:
    hits: list[Json] = answer.get("hits", {}).get("hits", [])
    return hits


def _keys(answer: Json) -> list[int]:
    return [hit["sort"][-1] for hit in _hits(answer)]
