"""What pages cost: CPU milliseconds and queries of each, beside a bare Wagtail leaf page in the same run.

    script/bench pages [--json FILE] [--lectures 2000] [--requests 60]

CPU is this process's (rows in SQLite live in it, so the database is included); walls are not judged. A ratio is the
page's CPU over the leaf page's. Limits stand in NOTES as absolute figures for another machine; ratios travel better.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402

from courses.models import Lecture  # noqa: E402
from members.models import Member  # noqa: E402
from search import outbox  # noqa: E402
from tests import cast, databases  # noqa: E402

WORDS = [
    "一颗螺栓的责任",
    "停机十二分钟",
    "安全帽下的承诺",
    "站台上的交接班",
    "新党员的第一年",
    "雨夜抢修记",
    "八十个字",
    "换刀之前",
]


def fill(count: int) -> tuple[Lecture, Member]:
    """`count` published lectures in six topics, and one member who has begun some of them."""
    committee = cast.organisation(kind="committee")
    branches = [cast.organisation(parent=committee) for _ in range(12)]
    authors = [cast.member(organisation=branch) for branch in branches for _ in range(4)]
    topics = [cast.topic() for _ in range(6)]
    now = timezone.now()
    lectures = [
        cast.lecture(
            authors[number % len(authors)], topic=topics[number % 6], title=f"{WORDS[number % 8]}之{number}",
            published_at=now - timedelta(minutes=number),
        )
        for number in range(count)
    ]  # fmt: skip
    outbox.note([lecture.pk for lecture in lectures])
    while outbox.drain(now=timezone.now()):
        pass
    watcher = cast.member(organisation=branches[0])
    from engagement import viewings

    for lecture in lectures[:6]:
        viewings.watch(watcher, lecture, [(0, 20_000)], now=now - timedelta(hours=1))
    return lectures[3], watcher


def leaf() -> str:
    root = Site.objects.get().root_page
    page = root.add_child(instance=Page(title="A bare page", slug="bare"))
    return str(page.url)


def measure(client: Client, path: str, requests: int) -> dict[str, float]:
    with CaptureQueriesContext(connection) as queries:
        first = client.get(path)
    assert first.status_code == 200, (path, first.status_code)
    spent = []
    for _ in range(requests):
        before = time.process_time()
        client.get(path)
        spent.append((time.process_time() - before) * 1000)
    return {"cpu_ms": round(median(spent), 2), "queries": len(queries), "kB": round(len(first.content) / 1000, 1)}


def main() -> None:
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(prog="script/bench pages", description=__doc__, formatter_class=raw)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--lectures", type=int, default=2000)
    parser.add_argument("--requests", type=int, default=60)
    options = parser.parse_args()
    copies = databases.copies()
    copies.set_up()
    print(f"· making {options.lectures} lectures", file=sys.stderr)
    lecture, watcher = fill(options.lectures)
    anonymous, signed_in = Client(), cast.signed_in(Client(), watcher)
    Lecture.objects.filter(pk=lecture.pk).update(visibility="public")
    bare = leaf()
    pages: list[tuple[str, Client, str]] = [
        ("leaf page", anonymous, bare),
        ("leaf page, signed in", signed_in, bare),
        ("watch, anonymous", anonymous, lecture.get_absolute_url()),
        ("watch, signed in", signed_in, lecture.get_absolute_url()),
        ("home, anonymous", anonymous, "/"),
        ("home, signed in", signed_in, "/"),
        ("list of 24", signed_in, "/lectures/"),
        ("list of 24, page 50", signed_in, "/lectures/?page=50"),
        ("topic", signed_in, f"/topics/{lecture.topic.slug}/"),
        ("search", signed_in, "/search/?q=螺栓"),
        ("points", signed_in, "/points/"),
    ]
    figures: dict[str, dict[str, Any]] = {}
    for name, client, path in pages:
        figures[name] = measure(client, path, options.requests)
        figures[name]["ratio"] = round(figures[name]["cpu_ms"] / figures["leaf page"]["cpu_ms"], 2)
    print(f"{'page':24} {'CPU ms':>8} {'× leaf':>7} {'queries':>8} {'kB':>7}")
    for name, row in figures.items():
        print(f"{name:24} {row['cpu_ms']:8.2f} {row['ratio']:7.2f} {row['queries']:8} {row['kB']:7.1f}")
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1))
    copies.tear_down()


if __name__ == "__main__":
    main()
