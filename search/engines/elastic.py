"""Elasticsearch 8.19: an alias, `<prefix>-lectures`, on an index of its own generation.

In it, windows of speech and slides are documents of their own, numbered within their lecture and joined to it. Who may
see them is asked of their lecture: a moment is only ever shown of a lecture that was found.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from search.engines import elastic_index as shape
from search.engines import elastic_queries as q
from search.engines.base import Fingerprint, Found, Operation, Request, SearchError
from search.engines.elastic_line import Line
from search.engines.elastic_search import Searching
from search.engines.elastic_writing import Writing
from search.engines.generations import new_generation
from search.query_language import Phrase, Query, phrases_of
from search.windows import Window

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

logger = logging.getLogger(__name__)
PAGE = 1_000
LAST_ID = 2**62
LONGEST_MERGE = 3_600  # seconds; 1,000,000 windows take one or two minutes
Json = dict[str, Any]


class ElasticEngine:
    """`build`: write to and read from that generation, which no alias names yet. `refresh`: what was written is found
    at once (tests); otherwise within a second."""

    name = "elasticsearch"

    def __init__(
        self,
        url: str,
        *,
        prefix: str,
        replicas: int = 0,
        timeout: float = 2.0,
        refresh: bool = False,
        api_key: str = "",
        build: str = "",
    ) -> None:
        self.url, self.prefix, self.replicas, self.timeout = url, prefix, replicas, timeout
        self.refresh, self.api_key, self.generation = refresh, api_key, build

    @cached_property
    def client(self) -> Elasticsearch:
        from elasticsearch import Elasticsearch

        return Elasticsearch(
            self.url,
            api_key=self.api_key or None,
            request_timeout=self.timeout,
            retry_on_timeout=False,
            max_retries=0,
        )

    @cached_property
    def line(self) -> Line:
        return Line(self.url, api_key=self.api_key, timeout=self.timeout)

    def __getstate__(self) -> Json:
        """A copy, as for another process, connects by itself."""
        return {name: value for name, value in self.__dict__.items() if name not in {"client", "line"}}

    # ---- indices ----

    @property
    def alias(self) -> str:
        return f"{self.prefix}-lectures"

    @property
    def index(self) -> str:
        return f"{self.alias}-{self.generation}" if self.generation else self.alias

    @contextmanager
    def _answering(self) -> Iterator[None]:
        from elasticsearch import ApiError, TransportError

        try:
            yield
        except (ApiError, TransportError) as error:
            raise SearchError(f"{type(error).__name__}: {str(error)[:500]}") from error

    def ensure(self) -> None:
        with self._answering():
            if self.generation:
                if not self.client.indices.exists(index=self.index):
                    self._create(self.index, refresh="-1")  # nobody reads it until it is full
            elif not self.client.indices.exists_alias(name=self.alias):
                self.reset()

    def is_ours(self) -> bool:
        """Whether the index in use was made for the documents we make now."""
        with self._answering():
            made = self.client.indices.get_mapping(index=self.index).body
        return all(one["mappings"].get("_meta", {}).get("schema") == shape.SCHEMA for one in made.values())

    def reset(self) -> None:
        if self.generation:
            self.discard()
            self.ensure()
            return
        with self._answering():
            before = self._generations()
            generation = new_generation(datetime.now(UTC))
            self._create(f"{self.alias}-{generation}")
            self._point(generation)
            self._delete(before)

    def _create(self, index: str, *, refresh: str | None = None) -> None:
        body = shape.index_body(replicas=self.replicas, refresh=refresh)
        self.client.options(request_timeout=60).indices.create(index=index, **body)

    def _point(self, generation: str) -> None:
        """The alias to that generation, in one step."""
        taken = {"remove": {"index": f"{self.alias}-*", "alias": self.alias, "must_exist": False}}
        given = {"add": {"index": f"{self.alias}-{generation}", "alias": self.alias}}
        self.client.options(request_timeout=60).indices.update_aliases(actions=[taken, given])

    def _generations(self) -> list[str]:
        """The indices in use; and those of moments, which had indices of their own once."""
        names = [f"{self.alias}-*", f"{self.prefix}-moments-*"]
        found = self.client.indices.get(index=names, features=["aliases"])
        return [name for name, facts in found.body.items() if facts["aliases"]]

    def _delete(self, indices: Iterable[str]) -> None:
        for index in indices:
            self.client.options(request_timeout=60).indices.delete(index=index, ignore_unavailable=True)

    def build(self, name: str) -> ElasticEngine:
        return ElasticEngine(
            self.url,
            prefix=self.prefix,
            replicas=self.replicas,
            timeout=self.timeout,
            refresh=self.refresh,
            api_key=self.api_key,
            build=name,
        )

    def become(self, name: str) -> None:
        with self._answering():
            before = self._generations()
            index = f"{self.alias}-{name}"
            self.client.indices.put_settings(index=index, settings={"index.refresh_interval": None})
            self.build(name).tidy()
            self.client.indices.refresh(index=index)
            self._point(name)
            self._delete(one for one in before if one != index)

    def discard(self) -> None:
        with self._answering():
            self._delete([self.index])

    def destroy(self) -> None:
        """Every generation there is (tests clean up)."""
        with self._answering():
            self._delete(self.client.indices.get(index=f"{self.prefix}-*", expand_wildcards="all").body)

    def health(self) -> bool:
        try:
            self.count()
        except SearchError as error:
            logger.warning("Elasticsearch does not answer", extra={"error": str(error)})
            return False
        return True

    def tidy(self) -> None:
        """One segment: every question looks its words up in each."""
        with self._answering():
            self.client.options(request_timeout=LONGEST_MERGE).indices.forcemerge(index=self.index, max_num_segments=1)

    # ---- writing ----

    def bulk(self, operations: Iterable[Operation]) -> None:
        """`operations` may be made as they are taken: while some are sent, the next are made."""
        Writing(self.line, self.index, refresh=self.refresh).run(operations)

    # ---- reading ----

    def search(self, request: Request) -> Found:
        if not request.query:
            return Found()
        return Searching(self.line, self.index, request).run()

    def moments(self, query: Query, lecture_ids: Sequence[int], limit: int) -> dict[int, list[Window]]:
        if not lecture_ids or not (query.words or query.phrases):
            return {}
        of_lecture = "part#lecture"
        best = {
            "size": limit, "sort": [{"_score": "desc"}, {"moment": "asc"}],
            "docvalue_fields": ["shown"], "stored_fields": "_none_", "_source": False,
        }  # fmt: skip
        # Few windows of few lectures: whatever is made ready for all there are costs more.
        few = {"execution_hint": "map", "collect_mode": "depth_first"}
        of_each = {
            "terms": {"field": of_lecture, "size": len(lecture_ids), **few},
            "aggs": {"best": {"top_hits": best}},
        }
        among = {"terms": {of_lecture: list(map(str, lecture_ids))}}
        asked = {
            "query": {"bool": {"must": q.any_of(query, q.SAID), "filter": among}},
            "size": 0, "track_total_hits": False, "aggs": {"lecture": of_each},
        }  # fmt: skip
        read = ",".join(f"aggregations.lecture.buckets.{one}" for one in ("key", "best.hits.hits.fields"))
        found = self.line.ask(f"/{self.index}/_search?request_cache=false&filter_path={read}", asked)
        buckets = found.get("aggregations", {}).get("lecture", {}).get("buckets", [])
        return {
            int(one["key"]): [shape.window(hit["fields"]["shown"][0]) for hit in _hits(one["best"])] for one in buckets
        }

    def standing(self, variants: Sequence[str]) -> list[str]:
        asked = {variant: phrases for variant in variants if (phrases := phrases_of(variant))}
        if not asked:
            return []
        filters = {variant: _standing(wanted) for variant, wanted in asked.items()}
        counted = {"standing": {"filters": {"filters": filters}}}
        found = self.line.ask(f"/{self.index}/_search", {"size": 0, "track_total_hits": False, "aggs": counted})
        buckets = found["aggregations"]["standing"]["buckets"]
        counts = {variant: bucket["doc_count"] for variant, bucket in buckets.items()}
        return sorted((one for one in counts if counts[one]), key=lambda one: -counts[one])

    def count(self) -> int:
        return self._count(shape.LECTURE, {"term": {"state": shape.GONE}})

    def count_moments(self) -> int:
        return self._count(shape.WINDOW, {"term": {"source": shape.GONE}})

    def _count(self, kind: Json, gone: Json) -> int:
        with self._answering():
            query: Json = {"bool": {"filter": kind, "must_not": gone}}
            return int(self.client.count(index=self.index, query=query)["count"])

    def fingerprints(self, *, after: int = 0, up_to: int | None = None) -> dict[int, Fingerprint]:
        last = LAST_ID if up_to is None else up_to
        if self.generation:
            with self._answering():
                self.client.indices.refresh(index=self.index)
        there: Json = {"bool": {"filter": shape.LECTURE, "must_not": {"term": {"state": shape.GONE}}}}
        documents = dict(self._kept("lecture_id", after, last, there))
        speech = dict(self._kept("heard", after, last, shape.WINDOW))
        return {one: Fingerprint(document, speech.get(one, "")) for one, document in documents.items()}

    def _kept(self, key: str, after: int, last: int, query: Json) -> Iterator[tuple[int, str]]:
        """(lecture, fingerprint) page by page; `key` is where its documents say which lecture."""
        while True:
            with self._answering():
                found = self.client.search(
                    index=self.index,
                    query={"bool": {"filter": [query, {"range": {key: {"gt": after, "lte": last}}}]}},
                    docvalue_fields=[{"field": "fingerprint"}],
                    source=False,
                    sort=[{key: "asc"}],
                    size=PAGE,
                    track_total_hits=False,
                )
            hits = _hits(found.body)
            for hit in hits:
                yield hit["sort"][0], hit.get("fields", {}).get("fingerprint", [""])[0]
            if len(hits) < PAGE:
                return
            after = hits[-1]["sort"][0]


def _hits(found: Json) -> list[Json]:
    hits: list[Json] = found["hits"]["hits"]
    return hits


def _standing(phrases: Sequence[Phrase]) -> Json:
    """In the texts of a lecture, or in a window."""
    ways = [{"bool": {"filter": [q.phrase_in(one, fields) for one in phrases]}} for fields in (q.ALL, q.SAID)]
    return {"bool": {"should": ways}}
