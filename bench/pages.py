"""What pages cost: CPU milliseconds and queries of each, beside a bare Wagtail leaf page in the same run.

    script/bench pages [--json FILE] [--lectures 10000] [--members 3677] [--requests 60]

CPU is this process's and, with rows in PostgreSQL (TEST_DATABASE_URL), that of the server process that answers it; rows
in SQLite live in this process. Pages are asked for in turns, a few requests each, and each time the leaf page before:
what a page costs is the median of its turns, and its ratio that of their ratios. Limits of the ratios come from limits
in milliseconds on a machine on which the leaf page costs 8 (docs/operations.md tells how to read them).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from config import translations  # noqa: E402 - Django must be set up first

translations.compile_all()  # before the first word is said: pages are in Chinese, as people read them

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402

from bench import crowd  # noqa: E402
from courses.models import CataloguePage, CourseItem, CoursePage, Lecture  # noqa: E402
from engagement import cards, ledger, sharing, viewings  # noqa: E402
from media_pipeline import text_tracks  # noqa: E402
from members.models import Member  # noqa: E402
from search import outbox  # noqa: E402
from tests import cast, databases  # noqa: E402
from tests.engagement.watching import event  # noqa: E402
from ui import paging  # noqa: E402

LIMITS_MS = {
    "watch": 8.0,
    "search with moments": 15.0,
    **dict.fromkeys(("home", "list", "topic", "course", "points"), 10.0),
}
LEAF_MS = 8.0  # of the machine these are for
LIMITS_QUERIES = {"watch": 10, "list": 8, "search with moments": 6}
TURN = 3  # requests
Row = tuple[str, Client, str]  # what is asked for, by whom, where
IN_A_COURSE, EARNED = 24, 30
SPEAKING, ANSWERING = 500, 20  # lectures with captions, and those of them that say ANSWER
ANSWER, TITLE_WORD = "手套箱", "螺栓"  # the latter stands in every eighth title
SAID = """WEBVTT

00:01.000 --> 00:06.000
交接最怕一句没什么事，没什么事也要说清楚查了哪几样。

00:13.000 --> 00:18.000
我把六句话写在{}盖上，谁来都看得见。

00:40.000 --> 00:46.000
后来班里每个人的{}上都有了这六句话。
"""


def fill(lectures: int, members: int) -> tuple[Lecture, Member]:
    """A site of that size, indexed. Answers a lecture and a member who has begun it and shared it."""
    made = crowd.gather(lectures, members)
    speak(made.lectures)
    outbox.note([lecture.pk for lecture in made.lectures])
    while outbox.drain(now=timezone.now()):
        pass
    now = timezone.now()
    for lecture in made.lectures[:6]:
        viewings.watch(made.watcher, lecture, [(0, 20_000)], now=now - timedelta(hours=1))
    earn(made, now - timedelta(days=1))
    shared = made.lectures[3]
    sharing.link_for(made.watcher, shared, now)
    if connection.vendor == "postgresql":
        connection.cursor().execute("ANALYZE")
    return shared, made.watcher


def speak(lectures: list[Lecture]) -> None:
    """Captions for some of them, spread over all."""
    by, now = cast.editor(), timezone.now()
    some = lectures[:: max(1, len(lectures) // SPEAKING)][:SPEAKING]
    for number, lecture in enumerate(some):
        assert lecture.asset.cut
        said = SAID.format(*[ANSWER if number % (SPEAKING // ANSWERING) == 0 else "工具柜"] * 2)
        text_tracks.add(lecture.asset.cut, said.encode(), language="zh-Hans", by=by, now=now)


def earn(made: crowd.Crowd, at: datetime) -> None:
    """The watcher's account: lectures of theirs that others finished, and what somebody who has their link did not."""
    others = Member.objects.exclude(pk=made.watcher.pk).order_by("pk")[:EARNED]
    own = [lecture for lecture in made.lectures if lecture.author_id == made.watcher.pk]
    facts = [(own[0], one, at - timedelta(minutes=number)) for number, one in enumerate(others)]
    ledger.award([event(made.watcher, one, lecture, when) for lecture, one, when in facts], now=at)
    for number, one in enumerate(others):
        link = sharing.link_for(made.watcher, made.lectures[number + 6], at)
        sharing.visit(link.code, one, at)


def leaf() -> str:
    page = Page(title="A bare page", slug="bare")
    return str(Site.objects.get().root_page.add_child(instance=page).url)


def course() -> str:
    page = CoursePage(title="一学期的课", slug="term")
    address = str(CataloguePage.objects.get().add_child(instance=page).url)
    newest = Lecture.objects.order_by("-published_at")[:IN_A_COURSE]
    CourseItem.objects.bulk_create(
        CourseItem(page=page, lecture=lecture, sort_order=number) for number, lecture in enumerate(newest)
    )
    return address


def server_seconds() -> float:
    """CPU of the PostgreSQL process on the other end of our connection; 0 where the database is in this process."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def measure(rows: Sequence[Row], turns: int) -> dict[str, dict[str, Any]]:
    """In turns, as a machine is faster at one time than at another."""
    figures = {name: warm_up(client, path) for name, client, path in rows}
    costs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in figures}
    _, bare, leaf_path = rows[0]
    for _ in range(turns):
        for name, client, path in rows:
            (beside, _), (whole, theirs) = cost(bare, leaf_path), cost(client, path)
            costs[name].append((whole, theirs, whole / beside))
    for name, some in costs.items():
        whole, theirs, ratio = (round(median(part), 2) for part in zip(*some, strict=True))
        figures[name] |= {"cpu_ms": whole, "database_ms": theirs, "ratio": ratio}
    return figures


def warm_up(client: Client, path: str) -> dict[str, Any]:
    """Tells what is the same each time."""
    client.get(path)  # templates are compiled, sites known
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}")
    return {"queries": len(captured), "kB": round(len(answer.content) / 1000, 1)}


def cost(client: Client, path: str) -> tuple[float, float]:
    """CPU milliseconds of a request, and those of them that are the database's."""
    ours, theirs = time.process_time(), server_seconds()
    for _ in range(TURN):
        client.get(path)
    ours, theirs = time.process_time() - ours, server_seconds() - theirs
    return (ours + theirs) * 1000 / TURN, theirs * 1000 / TURN


def last_page(watcher: Member) -> str:
    """As the one before it leads there."""
    newest, before = cards.Newest(watcher, timezone.now()), Lecture.objects.count() - paging.SIZE
    [row] = newest[before - 1 : before]
    return f"/lectures/?page={before // paging.SIZE + 1}&after={newest.place_of(row)}"


def pages(lecture: Lecture, watcher: Member) -> list[Row]:
    anonymous, signed_in = Client(), cast.signed_in(Client(), watcher)
    assert lecture.topic
    bare, watch, topic = leaf(), lecture.get_absolute_url(), f"/topics/{lecture.topic.slug}/"
    return [
        ("leaf page", anonymous, bare),
        ("leaf page, signed in", signed_in, bare),
        ("watch, anonymous", anonymous, watch),
        ("watch, signed in", signed_in, watch),
        ("home, anonymous", anonymous, "/"),
        ("home, signed in", signed_in, "/"),
        ("list of 24", signed_in, "/lectures/"),
        ("list of 24, last page", signed_in, last_page(watcher)),
        ("topic", signed_in, topic),
        ("course", signed_in, course()),
        ("search with moments, 20", signed_in, f"/search/?q={ANSWER}"),
        ("search for many, 1 in 8", signed_in, f"/search/?q={TITLE_WORD}"),
        ("points", signed_in, "/points/"),
    ]


def report(figures: dict[str, dict[str, Any]]) -> None:
    print(f"{'page':24} {'CPU ms':>8} {'(db)':>7} {'× leaf':>7} {'limit':>6} {'queries':>8} {'limit':>6} {'kB':>7}")
    for name, row in figures.items():
        kind = name.split(",")[0].removesuffix(" of 24")
        at_most = f"{LIMITS_MS[kind] / LEAF_MS:.2f}" if kind in LIMITS_MS else ""
        print(
            f"{name:24} {row['cpu_ms']:8.2f} {row['database_ms']:7.2f} {row['ratio']:7.2f} {at_most:>6} "
            f"{row['queries']:8} {LIMITS_QUERIES.get(kind, ''):>6} {row['kB']:7.1f}"
        )


def main() -> None:
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(prog="script/bench pages", description=__doc__, formatter_class=raw)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--lectures", type=int, default=10_000)
    parser.add_argument("--members", type=int, default=3_677)
    parser.add_argument("--requests", type=int, default=60)
    options = parser.parse_args()
    copies = databases.copies()
    copies.set_up()
    print(f"· {options.lectures} lectures, {options.members} members, {connection.vendor}", file=sys.stderr)
    lecture, watcher = fill(options.lectures, options.members)
    Lecture.objects.filter(pk=lecture.pk).update(visibility="public")
    figures = measure(pages(lecture, watcher), -(-options.requests // TURN))
    report(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1))
    copies.tear_down()


if __name__ == "__main__":
    main()
