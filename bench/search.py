"""How fast both search engines answer and take documents, and beside what: the plain ways to do the same.

    script/bench search [--json FILE] [--text DIR] [--lectures 100000] [--windows 1000000] [--seconds 20]
                        [--clients 4] [--engine embedded|elasticsearch] [--without-plain] [--keep DIR]

Makes lectures with captions from the text of DIR/docs.jsonl (search_eval's format; otherwise from the texts of this
repository, which are too few for figures that mean something), indexes them through the outbox, and lets clients,
each a process of its own, ask one question after the other. An answer is what a page needs of the engine: 24
lectures, counts of all facets, and the moments of those lectures. What Elasticsearch takes first, and what is asked
first, is not counted (a server compiles what it does much); then one client asks alone, then several at once, then a
member has whole pages, rows and rendering included. Elasticsearch is that of script/services (start it with
ELASTICSEARCH_HEAP=1g; pass on TEST_ELASTICSEARCH_URL). Walls are told: an otherwise idle machine, please. --keep DIR
keeps rows and indices there: the next run with the same sizes and tables asks at once.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import os
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.test import Client, override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench import clients, kept, plain  # noqa: E402
from bench.clients import say  # noqa: E402
from bench.corpus import Text  # noqa: E402
from bench.kept import Ground  # noqa: E402
from bench.plain import PlainText, Way  # noqa: E402
from courses.models import Lecture  # noqa: E402
from media_pipeline.models import TextTrack  # noqa: E402
from members.models import Member  # noqa: E402
from search import engines, evaluation, outbox, queries, relevance  # noqa: E402
from search.asked import Asked  # noqa: E402
from search.engines.base import Request, SearchEngine  # noqa: E402
from search.engines.elastic import ElasticEngine  # noqa: E402
from search.engines.embedded import EmbeddedEngine  # noqa: E402
from search.engines.fts import FtsTables  # noqa: E402
from search.evaluation import Evaluation  # noqa: E402
from search.models import OutboxEntry  # noqa: E402
from search.permissions import Clause  # noqa: E402
from search.query_language import normalise_query  # noqa: E402
from search.synonyms import Known  # noqa: E402
from tests import cast  # noqa: E402

ELASTICSEARCH = os.environ.get("TEST_ELASTICSEARCH_URL", "")
FOUND_AFTER = 2.0  # seconds: Elasticsearch counts what it took a second ago
# {figure: (limit, whether more is better)}; of an otherwise idle machine, at 100,000 lectures and 1,000,000 windows
LIMITS = {
    "elasticsearch": {
        "p50_ms": (15, False), "p99_ms": (80, False), "page_p95_ms": (120, False), "lectures_s": (2_000, True),
        "windows_s": (5_000, True),
    },
    "embedded": {"p50_ms": (20, False), "p99_ms": (150, False), "page_p95_ms": (120, False)},
}  # fmt: skip


@contextmanager
def opened(name: str, ground: Ground) -> Iterator[SearchEngine]:
    """The engine, which is the site's meanwhile."""
    file, prefix = ground.folder / "search.sqlite3", f"bench-{zlib.crc32(str(ground.folder).encode()):08x}"
    url = ELASTICSEARCH if name == "elasticsearch" else ""
    with override_settings(SEARCH_INDEX_FILE=file, ELASTICSEARCH_URL=url, ELASTICSEARCH_PREFIX=prefix):
        engines.forget()
        if name == "embedded":
            yield EmbeddedEngine(name, FtsTables(file))
            return
        engine = ElasticEngine(url, prefix=prefix, timeout=30)
        try:
            yield engine
        finally:
            if not ground.is_kept:
                engine.destroy()


# ---- taking documents ----


def index(engine: SearchEngine, ground: Ground) -> dict[str, float]:
    """Everything through the outbox: lectures a second, windows a second. Nothing if it is there."""
    if ground.is_new:
        engine.reset()
        OutboxEntry.objects.filter(engine=engine.name).delete()
    engine.ensure()
    if engine.count() == Lecture.objects.count() and engine.count_moments() and not _is_waiting(engine):
        return {"lectures": engine.count(), "windows": engine.count_moments()}
    if engine.name == "elasticsearch":
        say("a fifth, which is not counted")
        take(engine, part=0.2)
        engine.reset()
    figures = take(engine)
    engine.tidy()  # as after the first night
    return figures


def take(engine: SearchEngine, *, part: float = 1.0) -> dict[str, float]:
    """That part of the lectures, then what is said in them."""
    figures: dict[str, float] = {}
    for kind, name in ((OutboxEntry.Kind.DOCUMENT, "lectures"), (OutboxEntry.Kind.SPEECH, "windows")):
        note(engine, kind, part)
        wall, cpu = time.perf_counter(), time.process_time()
        while outbox.drain(timezone.now(), engine=engine):
            pass
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        time.sleep(FOUND_AFTER)
        count = engine.count() if name == "lectures" else engine.count_moments()
        figures |= {name: count, f"{name}_s": round(count / wall), f"{name}_cpu_us": round(cpu / count * 1e6)}
        say(f"{engine.name}: {count} {name} in {wall:.0f} s, {count / wall:.0f} a second")
    return figures


def _is_waiting(engine: SearchEngine) -> bool:
    return OutboxEntry.objects.filter(engine=engine.name).exists()


def note(engine: SearchEngine, kind: str, part: float) -> None:
    keys = list(Lecture.objects.order_by("pk").values_list("pk", flat=True))
    outbox.note(keys[: math.ceil(len(keys) * part)], kinds=[kind], only=engine.name)


# ---- answering ----


def ask(engine: SearchEngine, typed: str) -> int:
    """As the site asks for a page, without the rows."""
    request = Request(normalise_query(typed), Clause(timezone.now(), frozenset({"public", "members"})))
    return len(queries.look(engine, request, Asked(typed), Known()).found.ids) if request.query else 0


def page(client: Client, typed: str) -> int:
    """The whole page as a member has it: found, loaded once more, rendered."""
    answer = client.get("/search/", {"q": typed})
    if answer.status_code != 200:
        raise SystemExit(f"the page answers {answer.status_code}")
    return 1


def answers(engine: SearchEngine, text: Text, options: argparse.Namespace) -> dict[str, Any]:
    """How long one client waits alone, and each of several; and one member for whole pages."""
    asking = partial(ask, copy.copy(engine))  # without the connections of this process
    clients.run(asking, text, clients=options.clients, seconds=options.seconds)  # a server compiles what is asked much
    alone = clients.run(asking, text, clients=1, seconds=options.seconds)
    together = clients.run(asking, text, clients=options.clients, seconds=options.seconds)
    member = cast.signed_in(Client(), Member.objects.order_by("pk")[0])
    pages = clients.run(partial(page, member), text, clients=1, seconds=options.seconds)
    return {**together, "alone": alone, "pages": pages, "page_p95_ms": pages["p95_ms"]}


# ---- the plain ways ----


def spoken_texts() -> Iterator[PlainText]:
    tracks = TextTrack.objects.filter(cut__asset__isnull=False).order_by("pk")
    titles = dict(Lecture.objects.values_list("asset__cut", "title"))
    for cut, cues in tracks.values_list("cut", "cues").iterator(chunk_size=500):
        yield PlainText(key=str(cut), title=titles[cut], text="。".join(text for *_, text in cues))


def found_by(way: Way, typed: str) -> int:
    return len(way.find(typed))


def beside(text: Text, options: argparse.Namespace) -> dict[str, Any]:
    """What each plain way takes for the same questions; and how well it answers those with known answers."""
    figures: dict[str, Any] = {}
    with plain.filled(spoken_texts(), ELASTICSEARCH) as ways:
        for way in ways:
            say(f"{way.name}: asking")
            asking = partial(found_by, way)
            figures[way.name] = clients.run(asking, text, clients=options.clients, seconds=options.seconds)
    return figures


def known_answers(folder: Path) -> dict[str, float]:
    """MRR@10 of each way, ours included, on every tenth question of the set in `folder`."""
    passages, answers = relevance.read_passages(folder / "docs.jsonl"), relevance.read_answers(folder / "qrels.txt")
    asked = list(relevance.read_questions(folder / "queries.tsv").items())[::10]
    rows = (PlainText(key=one.key, title=one.title, text=one.text) for one in passages)
    found: dict[str, float] = {}
    with plain.filled(rows, ELASTICSEARCH) as ways:
        for way in ways:
            ranks = [relevance.reciprocal_rank(way.find(typed), answers[key]) for key, typed in asked]
            found[way.name] = round(sum(ranks) / len(ranks), 3)
    with evaluation.scratch_embedded() as engine:
        ours = Evaluation(engine, answers, now=timezone.now(), say=say)
        ours.index(passages)
        found["ours"] = round(ours.run(dict(asked), "every tenth question").mrr, 3)
    return found


# ---- all of it ----


def run(options: argparse.Namespace, text: Text, ground: Ground) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name in [options.engine] if options.engine else ["embedded", "elasticsearch"]:
        if name == "elasticsearch" and not ELASTICSEARCH:
            say("no TEST_ELASTICSEARCH_URL: Elasticsearch is left out")
            continue
        with opened(name, ground) as engine:
            figures[name] = index(engine, ground)
            say(f"{name}: asking")
            figures[name] |= answers(engine, text, options)
    if not options.without_plain:
        figures["plain"] = beside(text, options)
        figures["mrr"] = known_answers(options.text) if options.text else {}
    return figures


def tell(figures: dict[str, Any], options: argparse.Namespace) -> None:
    several = f"{options.clients} clients"
    for name in filter(figures.get, LIMITS):
        rows = {"1 client": figures[name]["alone"], several: figures[name], "pages": figures[name]["pages"]}
        for who, row in rows.items():
            waits = ", ".join(f"{part} {row[f'{part}_ms']} ms" for part in ("p50", "p95", "p99"))
            print(f"{name:14} {who:11} {waits}; {row['client_cpu_ms']} CPU ms of the client")
    for name, limits in LIMITS.items():
        for figure, (limit, more) in limits.items():
            if figure in figures.get(name, {}):
                value = figures[name][figure]
                kept = value >= limit if more else value <= limit
                print(f"{name:14} {figure:11} {value:>10} {'✓' if kept else '✗'} limit {limit}")
    for name, row in figures.get("plain", {}).items():
        ratios = [f"{row['p50_ms'] / figures[ours]['p50_ms']:.1f} × {ours}" for ours in LIMITS if ours in figures]
        print(f"{name:26} p50 {row['p50_ms']} ms ({', '.join(ratios)}), p99 {row['p99_ms']} ms")
    for name, value in figures.get("mrr", {}).items():
        print(f"{name:26} MRR@10 {value}")


def main() -> int:
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(prog="script/bench search", description=__doc__, formatter_class=raw)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--text", type=Path, metavar="DIR")
    parser.add_argument("--lectures", type=int, default=100_000)
    parser.add_argument("--windows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--engine", choices=("embedded", "elasticsearch"))
    parser.add_argument("--without-plain", action="store_true")
    parser.add_argument("--keep", type=Path, metavar="DIR")
    options = parser.parse_args()
    text = Text(options.text)
    with kept.ground(options.keep, text, options.lectures, options.windows) as ground:
        figures = run(options, text, ground)
    tell(figures, options)
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
