"""Elasticsearch 8.19: two aliases, `<prefix>-lectures` and `<prefix>-moments`, each on an index of its own generation.

Moments are documents of their own (windows of speech and slides), numbered within their lecture. Who may see them is
asked of their lecture: a moment is only ever shown of a lecture that was found.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from search.engines import elastic_queries as q
from search.engines.base import (
    Document,
    Fingerprint,
    Found,
    Operation,
    Removal,
    Request,
    SearchError,
    Speech,
    microseconds,
)
from search.engines.elastic_search import Searching, docvalues
from search.engines.generations import new_generation
from search.query_language import Phrase, Query, phrases_of
from search.windows import Window

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

logger = logging.getLogger(__name__)
KINDS = ("lectures", "moments")
PAGE = 1_000
LAST_ID = 2**62
CONFLICT = 409
MOST_CHARACTERS = 3_000_000  # of one request: 9 MB at worst, far below what a server takes (100 MB)
Json = dict[str, Any]
Action = tuple[Json, Json]


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

    def __getstate__(self) -> Json:
        """A copy, as for another process, connects by itself."""
        return {name: value for name, value in self.__dict__.items() if name != "client"}

    # ---- indices ----

    def alias(self, kind: str) -> str:
        return f"{self.prefix}-{kind}"

    def target(self, kind: str) -> str:
        return f"{self.alias(kind)}-{self.generation}" if self.generation else self.alias(kind)

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
                for kind in KINDS:
                    if not self.client.indices.exists(index=self.target(kind)):
                        self._create(kind, self.generation)
            elif not all(self.client.indices.exists_alias(name=self.alias(kind)) for kind in KINDS):
                self.reset()

    def is_ours(self) -> bool:
        """Whether the index in use was made for the documents we make now."""
        with self._answering():
            made = self.client.indices.get_mapping(index=self.target("lectures")).body
        return all(one["mappings"].get("_meta", {}).get("schema") == q.SCHEMA for one in made.values())

    def reset(self) -> None:
        if self.generation:
            self.discard()
            self.ensure()
            return
        with self._answering():
            before = self._generations()
            self._create_all()
            self._delete(before)

    def _create_all(self) -> None:
        generation = new_generation(datetime.now(UTC))
        for kind in KINDS:
            self._create(kind, generation)
        self._point(generation)

    def _create(self, kind: str, generation: str) -> None:
        body = q.index_body(kind, replicas=self.replicas)
        self.client.options(request_timeout=60).indices.create(index=f"{self.alias(kind)}-{generation}", **body)

    def _point(self, generation: str) -> None:
        """Both aliases to that generation, in one step."""
        actions: list[Json] = []
        for kind in KINDS:
            actions.append(
                {"remove": {"index": f"{self.alias(kind)}-*", "alias": self.alias(kind), "must_exist": False}}
            )
            actions.append({"add": {"index": f"{self.alias(kind)}-{generation}", "alias": self.alias(kind)}})
        self.client.options(request_timeout=60).indices.update_aliases(actions=actions)

    def _generations(self) -> list[str]:
        """The indices that the aliases name."""
        found = self.client.indices.get(index=[f"{self.alias(kind)}-*" for kind in KINDS], features=["aliases"])
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
            for kind in KINDS:
                self.client.indices.refresh(index=f"{self.alias(kind)}-{name}")
            self._point(name)
            self._delete(one for one in before if not one.endswith(f"-{name}"))

    def discard(self) -> None:
        with self._answering():
            self._delete(self.target(kind) for kind in KINDS)

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

    # ---- writing ----

    def bulk(self, operations: Sequence[Operation]) -> None:
        if not operations:
            return
        with self._answering():
            self._bulk(operations)

    def _bulk(self, operations: Sequence[Operation]) -> None:
        speeches = [
            one if isinstance(one, Speech) else Speech(one.lecture_id, one.read_at, "", ())
            for one in operations
            if not isinstance(one, Document)
        ]
        known = self._known_windows([one.lecture_id for one in speeches])
        actions = [self._lecture_action(one) for one in operations if not isinstance(one, Speech)]
        for speech in speeches:
            actions += self._moment_actions(speech, known.get(speech.lecture_id, 0))
        lost = self._send(actions)
        beaten = {one.split("-")[0] for one in lost if one.endswith("-0")}
        if beaten:
            self._take_back([one for one in speeches if str(one.lecture_id) in beaten], lost)

    def _lecture_action(self, operation: Document | Removal) -> Action:
        if isinstance(operation, Document):
            body = q.document_body(operation)
        else:
            # It stays, so that a late older document does not bring the lecture back.
            read_at = microseconds(operation.read_at)
            body = {"lecture_id": operation.lecture_id, "read_at": read_at, "state": q.GONE}
        return self._put("lectures", str(operation.lecture_id), operation, body)

    def _moment_actions(self, speech: Speech, known: int) -> list[Action]:
        bodies = q.moment_bodies(speech)
        gone = {"lecture_id": speech.lecture_id, "read_at": microseconds(speech.read_at), "source": q.GONE}
        bodies += [{**gone, "slot": slot} for slot in range(len(bodies), known)]
        return [self._put("moments", f"{speech.lecture_id}-{body['slot']}", speech, body) for body in bodies]

    def _put(self, kind: str, key: str, operation: Operation, body: Json) -> Action:
        version = {"version": microseconds(operation.read_at), "version_type": "external_gte"}
        return {"index": {"_index": self.target(kind), "_id": key, **version}}, body

    def _known_windows(self, lectures: Sequence[int]) -> dict[int, int]:
        """How many windows the index has of each lecture, which new ones may be fewer than."""
        if not lectures:
            return {}
        found = self.client.mget(
            index=self.target("moments"), ids=[f"{one}-0" for one in lectures], source_includes=["windows"]
        )
        return {
            lecture: int(one["_source"].get("windows", 0))
            for lecture, one in zip(lectures, found["docs"], strict=True)
            if one.get("found")
        }

    def _take_back(self, beaten: Sequence[Speech], lost: set[str]) -> None:
        """A newer speech of the lecture came first, with fewer windows: ours beyond them must not stay."""
        actions: list[Action] = []
        for speech in beaten:
            gone = {"lecture_id": speech.lecture_id, "read_at": microseconds(speech.read_at), "source": q.GONE}
            keys = [(slot, f"{speech.lecture_id}-{slot}") for slot in range(len(speech.windows))]
            actions += [
                self._put("moments", key, speech, {**gone, "slot": slot}) for slot, key in keys if key not in lost
            ]
        self._send(actions)

    def _send(self, actions: Iterable[Action]) -> set[str]:
        """Sends all; answers the keys of those that were passed over as older."""
        return {key for lines in _portions(actions) for key in self._send_portion(lines)}

    def _send_portion(self, lines: Sequence[str]) -> set[str]:
        answer = self.client.options(request_timeout=60).bulk(
            operations=lines,  # type: ignore[arg-type]  # made into JSON here, once
            refresh="true" if self.refresh else "false",
            filter_path="errors,items.*.status,items.*._id,items.*.error",
        )
        if not answer["errors"]:
            return set()
        results = [next(iter(item.values())) for item in answer["items"]]
        wrong = [one for one in results if "error" in one and one["status"] != CONFLICT]
        if wrong:
            raise SearchError(f"{len(wrong)} of {len(results)} refused, first: {str(wrong[0]['error'])[:300]}")
        return {one["_id"] for one in results if one["status"] == CONFLICT}

    # ---- reading ----

    def search(self, request: Request) -> Found:
        if not request.query:
            return Found()
        with self._answering():
            return Searching(self.client, self.target("lectures"), self.target("moments"), request).run()

    def moments(self, query: Query, lecture_ids: Sequence[int], limit: int) -> dict[int, list[Window]]:
        if not lecture_ids or not (query.words or query.phrases):
            return {}
        best = {"top_hits": {"size": limit, "sort": [{"_score": "desc"}, {"slot": "asc"}]}}
        with self._answering():
            found = self.client.search(
                index=self.target("moments"),
                query={"bool": {"must": q.any_said(query), "filter": {"terms": {"lecture_id": list(lecture_ids)}}}},
                size=0,
                aggs={"lecture": {"terms": {"field": "lecture_id", "size": len(lecture_ids)}, "aggs": {"best": best}}},
                request_cache=False,
            )
        buckets = found["aggregations"]["lecture"]["buckets"]
        return {int(one["key"]): [_window(hit["_source"]) for hit in one["best"]["hits"]["hits"]] for one in buckets}

    def standing(self, variants: Sequence[str]) -> list[str]:
        asked = {variant: phrases for variant in variants if (phrases := phrases_of(variant))}
        if not asked:
            return []
        counts = dict.fromkeys(asked, 0)
        with self._answering():
            for kind, fields in (("lectures", q.TEXTS), ("moments", ("said",))):
                filters = {variant: _standing(wanted, fields) for variant, wanted in asked.items()}
                found = self.client.search(
                    index=self.target(kind), size=0, aggs={"standing": {"filters": {"filters": filters}}}
                )
                for variant, bucket in found["aggregations"]["standing"]["buckets"].items():
                    counts[variant] += bucket["doc_count"]
        return sorted((one for one in counts if counts[one]), key=lambda one: -counts[one])

    def count(self) -> int:
        query: Json = {"bool": {"must_not": {"term": {"state": q.GONE}}}}
        with self._answering():
            return int(self.client.count(index=self.target("lectures"), query=query)["count"])

    def count_moments(self) -> int:
        query: Json = {"bool": {"must_not": {"term": {"source": q.GONE}}}}
        with self._answering():
            return int(self.client.count(index=self.target("moments"), query=query)["count"])

    def fingerprints(self, *, after: int = 0, up_to: int | None = None) -> dict[int, Fingerprint]:
        last = LAST_ID if up_to is None else up_to
        documents = dict(self._kept("lectures", after, last, {"bool": {"must_not": {"term": {"state": q.GONE}}}}))
        speech = dict(self._kept("moments", after, last, {"term": {"slot": 0}}))
        return {one: Fingerprint(document, speech.get(one, "")) for one, document in documents.items()}

    def _kept(self, kind: str, after: int, last: int, query: Json) -> Iterator[tuple[int, str]]:
        """(lecture, fingerprint) page by page."""
        while True:
            with self._answering():
                found = self.client.search(
                    index=self.target(kind),
                    query={"bool": {"filter": [query, {"range": {"lecture_id": {"gt": after, "lte": last}}}]}},
                    docvalue_fields=docvalues("lecture_id", "fingerprint"),
                    source=False,
                    sort=[{"lecture_id": "asc"}],
                    size=PAGE,
                    track_total_hits=False,
                )
            hits = found["hits"]["hits"]
            for hit in hits:
                yield hit["fields"]["lecture_id"][0], (hit["fields"].get("fingerprint") or [""])[0]
            if len(hits) < PAGE:
                return
            after = hits[-1]["fields"]["lecture_id"][0]


def _window(kept: Json) -> Window:
    numbers = kept["starts"]
    starts = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    return Window(kept["start_ms"], kept["end_ms"], kept["text"], kept["source"], kept["language"], starts)


def _standing(phrases: Sequence[Phrase], fields: Sequence[str]) -> Json:
    return {"bool": {"filter": [q.phrase_in(one, fields) for one in phrases]}}


def _portions(actions: Iterable[Action]) -> Iterator[list[str]]:
    """Lines of requests of a bounded size: lectures with all their windows may be a hundred megabytes together."""
    lines: list[str] = []
    size = 0
    for action in actions:
        made = [json.dumps(part, ensure_ascii=False) for part in action]
        length = sum(map(len, made))
        if lines and size + length > MOST_CHARACTERS:
            yield lines
            lines, size = [], 0
        lines += made
        size += length
    if lines:
        yield lines
