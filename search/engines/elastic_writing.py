"""Operations into an index of Elasticsearch: built here and sent at the same time, in requests of a bounded size."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any

from search.engines import elastic_index as shape
from search.engines.base import Document, Operation, Removal, SearchError, Speech, microseconds
from search.engines.elastic_line import Line, to_json

if TYPE_CHECKING:
    from datetime import datetime

CONFLICT = 409
STEP = 200  # operations whose lectures' windows are asked for together
MOST_CHARACTERS = 1_000_000  # of one request: 3 MB at worst, far below what a server takes (100 MB)
SENDING = 2  # requests under way: the server has two cores at least, and works on each with one
LONGEST = 60.0  # seconds
READ = "errors,items.*.status,items.*._id,items.*.error"
Json = dict[str, Any]


class Writing:
    """One call's operations. Versions make the order of requests harmless."""

    def __init__(self, line: Line, index: str, *, refresh: bool) -> None:
        self.line, self.index, self.refresh = line, index, refresh
        self.windows: dict[int, tuple[datetime, int]] = {}  # how many were sent of each lecture

    def run(self, operations: Iterable[Operation]) -> None:
        lost = self._send_all(self._lines(operations))
        beaten = {int(key.split("-")[0]) for key in lost if key.endswith("-0")}
        if beaten:
            self._send_all(self._taken_back(beaten, lost))

    # ---- lines ----

    def _lines(self, operations: Iterable[Operation]) -> Iterator[list[str]]:
        rest = iter(operations)
        while some := list(islice(rest, STEP)):
            known = self._known_windows([one.lecture_id for one in some if not isinstance(one, Document)])
            for operation in some:
                if isinstance(operation, Document):
                    yield self._put(operation, str(operation.lecture_id), shape.document_body(operation))
                elif isinstance(operation, Removal):
                    yield self._put(operation, str(operation.lecture_id), shape.gone_body(operation.lecture_id))
                    yield from self._windows(Speech(operation.lecture_id, operation.read_at, "", ()), known)
                else:
                    yield from self._windows(operation, known)

    def _windows(self, speech: Speech, known: dict[int, int]) -> Iterator[list[str]]:
        bodies = shape.window_bodies(speech)
        self.windows[speech.lecture_id] = speech.read_at, len(bodies)
        gone = range(len(bodies), known.get(speech.lecture_id, 0))
        bodies += [shape.gone_window_body(speech.lecture_id) for _ in gone]
        for slot, body in enumerate(bodies):
            yield self._put(speech, f"{speech.lecture_id}-{slot}", body)

    def _put(self, operation: Operation, key: str, body: Json) -> list[str]:
        return [_action(operation.lecture_id, operation.read_at, key), to_json(body)]

    def _known_windows(self, lectures: Sequence[int]) -> dict[int, int]:
        """How many windows the index has of each lecture, which new ones may be fewer than."""
        if not lectures:
            return {}
        first = [{"_id": f"{one}-0", "routing": str(one), "stored_fields": ["windows"]} for one in lectures]
        found = self.line.ask(f"/{self.index}/_mget?filter_path=docs._id,docs.fields", {"docs": first})["docs"]
        return {
            lecture: one["fields"]["windows"][0]
            for lecture, one in zip(lectures, found, strict=True)
            if "windows" in one.get("fields", ())
        }

    def _taken_back(self, beaten: Iterable[int], lost: set[str]) -> Iterator[list[str]]:
        """A newer speech of the lecture came first, with fewer windows: ours beyond them must not stay."""
        for lecture in beaten:
            read_at, sent = self.windows[lecture]
            for slot in range(sent):
                key = f"{lecture}-{slot}"
                if key not in lost:
                    yield [_action(lecture, read_at, key), to_json(shape.gone_window_body(lecture))]

    # ---- requests ----

    def _send_all(self, lines: Iterable[list[str]]) -> set[str]:
        """Answers the keys of those that were passed over as older. While the server works on some, the next are
        built."""
        lost: set[str] = set()
        under_way: deque[Future[set[str]]] = deque()
        with ThreadPoolExecutor(SENDING) as sender:
            for portion in _portions(lines):
                if len(under_way) == SENDING:
                    lost |= under_way.popleft().result()
                under_way.append(sender.submit(self._send, portion))
            return lost.union(*(one.result() for one in under_way))

    def _send(self, lines: Sequence[str]) -> set[str]:
        how = f"refresh={'true' if self.refresh else 'false'}&filter_path={READ}"
        answer = self.line.ask(f"/{self.index}/_bulk?{how}", *lines, timeout=LONGEST)
        if not answer["errors"]:
            return set()
        results = [next(iter(item.values())) for item in answer["items"]]
        wrong = [one for one in results if "error" in one and one["status"] != CONFLICT]
        if wrong:
            raise SearchError(f"{len(wrong)} of {len(results)} refused, first: {str(wrong[0]['error'])[:300]}")
        return {one["_id"] for one in results if one["status"] == CONFLICT}


def _action(lecture_id: int, read_at: datetime, key: str) -> str:
    """Windows lie where their lecture lies."""
    version = f'"version":{microseconds(read_at)},"version_type":"external_gte"'
    return f'{{"index":{{"_id":"{key}","routing":"{lecture_id}",{version}}}}}'


def _portions(lines: Iterable[list[str]]) -> Iterator[list[str]]:
    """Lectures with all their windows may be a hundred megabytes together."""
    portion: list[str] = []
    size = 0
    for some in lines:
        length = sum(map(len, some))
        if portion and size + length > MOST_CHARACTERS:
            yield portion
            portion, size = [], 0
        portion += some
        size += length
    if portion:
        yield portion
