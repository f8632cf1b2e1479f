"""`manage.py search_eval`: how well an engine finds what it should, by a set of questions with known answers."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from search import evaluation, relevance
from search.engines.base import SearchEngine, SearchError
from search.evaluation import Evaluation, Figures

OTHERS = ("other_script", "typo", "keyword")


class Command(BaseCommand):
    help = (
        "Index the documents into an index of their own, ask all questions, and say how well they were answered: mean "
        "reciprocal rank and recall among the first ten, milliseconds a question. Files are as in docs/operations.md. "
        "The site's index and rows are left alone; the embedded engine needs neither."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--docs", type=Path, required=True, metavar="FILE", help="JSON lines: id, title, text")
        parser.add_argument(
            "--queries", type=Path, required=True, metavar="FILE", help="columns qid, query, …; tabs between"
        )
        parser.add_argument("--qrels", type=Path, required=True, metavar="FILE", help="lines: question 0 document 1")
        for name in OTHERS:
            option = f"--{name.replace('_', '-')}"
            parser.add_argument(option, type=Path, metavar="FILE", help="the same questions asked in another way")
        parser.add_argument("--engine", choices=("embedded", "elasticsearch"), default="embedded")
        parser.add_argument("--url", default="", help="of Elasticsearch, instead of ELASTICSEARCH_URL")
        parser.add_argument("--json", action="store_true", help="one object on stdout, nothing else")

    def handle(self, *, engine: str, url: str, **options: Any) -> None:
        try:
            passages = relevance.read_passages(options["docs"])
            answers = relevance.read_answers(options["qrels"])
            asked = {name: options[name] for name in ("queries", *OTHERS) if options[name]}
            questions = {name: relevance.read_questions(path) for name, path in asked.items()}
            for name, some in questions.items():
                if not some.keys() & answers:
                    raise relevance.WrongFileError(
                        f"No question of {asked[name]} has a judgement in {options['qrels']}."
                    )
            with _ended_in_order(), _scratch(engine, url) as index:
                judged = Evaluation(index, answers, now=timezone.now(), say=self._say)
                judged.index(passages)
                figures = {name: judged.run(some, str(asked[name])) for name, some in questions.items()}
        except relevance.WrongFileError as error:
            raise CommandError(str(error)) from error
        except SearchError as error:
            raise CommandError(f"The engine {engine} does not answer: {error}") from error
        self._tell(figures, as_json=options["json"])

    def _say(self, line: str) -> None:
        self.stderr.write(f"· {line}")

    def _tell(self, figures: dict[str, Figures], *, as_json: bool) -> None:
        found = _found(figures)
        if as_json:
            self.stdout.write(json.dumps(found))
            return
        rows = {"queries": found} | {name: found[name] for name in OTHERS if name in found}
        for name, row in rows.items():
            self.stdout.write(f"{name:13} MRR@10 {row['mrr@10']:.4f}  Recall@10 {row['recall@10']:.4f}")
        self.stdout.write(f"p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms a question")


def _found(figures: dict[str, Figures]) -> dict[str, Any]:
    scores = {name: {"mrr@10": round(one.mrr, 4), "recall@10": round(one.recall, 4)} for name, one in figures.items()}
    times = figures["queries"].milliseconds
    spent = {f"p{part}_ms": round(relevance.percentile(times, part / 100), 2) for part in (50, 99)}
    return {**scores.pop("queries"), **spent, **scores}


def _scratch(engine: str, url: str) -> AbstractContextManager[SearchEngine]:
    if engine == "embedded":
        return evaluation.scratch_embedded()
    url = url or settings.ELASTICSEARCH_URL
    if not url:
        raise CommandError("Elasticsearch has no address: set ELASTICSEARCH_URL or say --url http://host:9200.")
    return evaluation.scratch_elasticsearch(url)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """A command that is told to end still removes its index."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
