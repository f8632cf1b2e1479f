"""How well an engine answers a set with known answers (search.relevance), in an index of its own that is gone after."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from courses.models import Lecture
from media_pipeline.models import Asset
from members.models import Member
from search import documents, queries, relevance
from search.asked import Asked
from search.engines.base import Document, Found, Request, SearchEngine, SearchError
from search.engines.elastic import ElasticEngine
from search.engines.embedded import EmbeddedEngine
from search.engines.fts import FtsTables
from search.permissions import Clause
from search.query_language import normalise_query
from search.relevance import Answers, Passage, Questions
from search.synonyms import Known
from ui.public_id import new_public_id

BULK = 500
TIMEOUT = 30.0  # seconds for one answer of a server that is busy with the tests of others
Say = Callable[[str], object]


@contextmanager
def scratch_embedded() -> Iterator[SearchEngine]:
    with tempfile.TemporaryDirectory(prefix="search-eval-") as folder:
        tables = FtsTables(Path(folder) / "index.sqlite3")
        yield EmbeddedEngine("embedded", tables)
        tables.close()


@contextmanager
def scratch_elasticsearch(url: str) -> Iterator[SearchEngine]:
    prefix = f"eval-{new_public_id().lower()}"
    key = settings.ELASTICSEARCH_API_KEY
    engine = ElasticEngine(url, prefix=prefix, timeout=TIMEOUT, refresh=True, api_key=key)
    try:
        engine.client.options()
    except ValueError as error:
        raise SearchError(f"{url} is no address ({error}).") from error
    try:
        engine.ensure()
        yield engine
    finally:
        engine.destroy()


@dataclass(frozen=True)
class Figures:
    mrr: float
    recall: float
    milliseconds: list[float]  # of each question


class Evaluation:
    """`index` once, then `run` for each file of questions."""

    def __init__(self, engine: SearchEngine, answers: Answers, *, now: datetime, say: Say) -> None:
        self.engine, self.answers, self.now, self.say = engine, answers, now, say
        self.keys: dict[int, str] = {}

    def index(self, passages: Sequence[Passage]) -> None:
        numbered = dict(enumerate(passages, start=1))
        self.keys = {number: one.key for number, one in numbered.items()}
        made = [_document(number, one, self.now) for number, one in numbered.items()]
        begun = time.perf_counter()
        self.engine.ensure()
        for at in range(0, len(made), BULK):
            self.engine.bulk(made[at : at + BULK])
        self.say(f"{len(made)} documents indexed in {time.perf_counter() - begun:.1f} s")

    def run(self, questions: Questions, name: str) -> Figures:
        """Of the questions that have a judgement."""
        judged = {key: text for key, text in questions.items() if key in self.answers}
        ranks, recalls, times = [], [], []
        for key, text in judged.items():
            begun = time.perf_counter()
            found = self.ask(text)
            times.append((time.perf_counter() - begun) * 1000)
            ranks.append(relevance.reciprocal_rank(found, self.answers[key]))
            recalls.append(relevance.recall(found, self.answers[key]))
        without = len(questions) - len(judged)
        self.say(f"{name}: {len(judged)} questions asked, {without} passed over without a judgement")
        return Figures(sum(ranks) / len(ranks), sum(recalls) / len(recalls), times)

    def ask(self, text: str) -> list[str]:
        """All that the site asks for a page: what was typed or may have been meant, and moments."""
        request = Request(normalise_query(text), Clause(self.now, frozenset({"public"})))
        found = queries.look(self.engine, request, Asked(text), Known()).found if request.query else Found()
        return [self.keys[number] for number in found.ids]


def _document(number: int, passage: Passage, now: datetime) -> Document:
    """The passage as a lecture that is in no database: its text is what is written about it."""
    lecture = Lecture(
        pk=number, title=passage.title, summary=passage.text, author=Member(), asset=Asset(), created_at=now,
        published_at=now, state=Lecture.State.PUBLISHED, visibility=Lecture.Visibility.PUBLIC,
    )  # fmt: skip
    return documents.of(lecture, documents.Beside(), now)
