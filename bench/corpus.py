"""Lectures and what is said in them, as rows, mixed clause by clause from real text; and what people ask of them.

The same seed makes the same lectures. A clause comes back in about as many windows as there are windows for each
clause of the text: give a large text for figures that mean something.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from courses.models import Lecture
from media_pipeline.models import Asset, Cut, TextTrack
from search import pinyin, relevance
from search.folding import is_joined
from tests import cast

ROOT = Path(__file__).resolve().parent.parent
PAGE = 1_000
CUE_MS = 6_000
# What people ask, by its part of all: nobody has counted it here yet; most type a word or two.
KINDS = {"word": 0.3, "two words": 0.3, "clause": 0.2, "question": 0.1, "phrase": 0.05, "pinyin": 0.05}
_CLAUSE = re.compile(r"[\u3400-\u9fffA-Za-z0-9·《》“”-]{4,40}")


class Text:
    def __init__(self, folder: Path | None) -> None:
        self.clauses = [one for text in _texts(folder) for one in _CLAUSE.findall(text) if is_joined(one)]
        questions = folder / "queries.tsv" if folder else None
        known = relevance.read_questions(questions) if questions and questions.exists() else {}
        self.questions = list(known.values()) or [f"{one}是怎样的？" for one in self.clauses]

    def joined(self, chance: random.Random, least: int) -> str:
        """Clauses of at least so many characters together."""
        kept: list[str] = []
        length = 0
        while length < least:
            kept.append(chance.choice(self.clauses))
            length += len(kept[-1]) + 1
        return "，".join(kept)

    def asked(self, kind: str, chance: random.Random) -> str:
        clause: str = chance.choice(self.clauses)
        match kind:
            case "word":
                return _piece(clause, chance)
            case "two words":
                half = len(clause) // 2
                return f"{_piece(clause[:half], chance)} {_piece(clause[half:], chance)}"
            case "phrase":
                return f"“{clause[:6]}”"
            case "pinyin":
                return pinyin.syllables(clause[:3]).split("。")[0].replace(" ", "")
            case "question":
                return chance.choice(self.questions)
            case _:
                return clause[:14]


def _texts(folder: Path | None) -> list[str]:
    if folder:
        return [one.text for one in relevance.read_passages(folder / "docs.jsonl")]
    return [path.read_text() for path in [*ROOT.glob("*/locale/zh_Hans/LC_MESSAGES/*.po"), *ROOT.glob("*.zh-CN.md"),
                                          *(ROOT / "config" / "demo").glob("*.py")]]  # fmt: skip


def _piece(text: str, chance: random.Random) -> str:
    length = chance.choice((2, 2, 3, 4))
    start = chance.randrange(max(len(text) - length, 0) + 1)
    return text[start : start + length]


@dataclass(frozen=True)
class Making:
    lectures: int
    windows_each: int
    now: datetime


def make(text: Text, making: Making) -> Iterator[int]:
    """The rows, page by page; says how many are there."""
    chance = random.Random(20260701)
    committee = cast.organisation(kind="committee")
    branches = [cast.organisation(parent=committee) for _ in range(24)]
    authors = [cast.member(name=f"{chance.choice(text.clauses)[:3]}", organisation=branch) for branch in branches]
    topics = [cast.topic() for _ in range(12)]
    for first in range(0, making.lectures, PAGE):
        count = min(PAGE, making.lectures - first)
        with transaction.atomic():
            cuts = _cuts(count, first, authors[0].pk, making)
            Lecture.objects.bulk_create(
                Lecture(
                    asset=cut.asset, title=text.joined(chance, 8)[:60], summary=text.joined(chance, 80)[:400],
                    topic=topics[number % 12], author=authors[number % 24], uploaded_by=authors[number % 24],
                    organisation=branches[number % 24], created_at=making.now, state=Lecture.State.PUBLISHED,
                    published_at=making.now - timedelta(minutes=first + number),
                    visibility=Lecture.Visibility.PUBLIC if number % 3 else Lecture.Visibility.MEMBERS,
                )
                for number, cut in enumerate(cuts)
            )  # fmt: skip
            TextTrack.objects.bulk_create(
                TextTrack(cut=cut, language="zh-Hans", source="uploaded", added_at=making.now,
                          cues=_cues(text, chance, making.windows_each))
                for cut in cuts
            )  # fmt: skip
        yield first + count


def _cuts(count: int, first: int, member: int, making: Making) -> list[Cut]:
    length = making.windows_each * 30_000
    assets = Asset.objects.bulk_create(
        Asset(
            uploaded_by_id=member, name="党课.mp4", source_key=f"sources/bench-{first + number}", source_bytes=1,
            identity=f"{first + number:064x}", duration_ms=length, created_at=making.now,
        )
        for number in range(count)
    )  # fmt: skip
    cuts = Cut.objects.bulk_create(Cut(asset=asset, duration_ms=length) for asset in assets)
    for asset, cut in zip(assets, cuts, strict=True):
        asset.cut, asset.state, asset.ready_at = cut, Asset.State.READY, making.now
    Asset.objects.bulk_update(assets, ["cut", "state", "ready_at"], batch_size=200)
    return cuts


def _cues(text: Text, chance: random.Random, windows: int) -> list[list[object]]:
    """Cues that windows.windows_of makes about so many windows of."""
    pieces = [text.joined(chance, 22) for _ in range(windows * 7 // 2 + 1)]
    return [[number * CUE_MS, (number + 1) * CUE_MS, one] for number, one in enumerate(pieces)]
