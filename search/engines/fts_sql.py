"""What the embedded engine keeps, rows and SQL for both databases, and SQLite's own tables and match syntax. Pure."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from search.analysis import words
from search.engines.base import Document, Speech, maybe_microseconds, microseconds
from search.engines.matching import Columns, Syntax
from search.permissions import Clause
from search.query_language import Phrase
from search.ranking import WEIGHTS, Traits
from search.windows import SLIDE, SPEECH, Window

# `gone` rows stay behind a removal, so that a late older document does not bring the lecture back.
GONE = "gone"
FACTS = (
    "lecture_id", "read_at", "state", "visibility", "organisation_id", "publish_at", "unpublish_at", "published_at",
    "traits", "merit", "views", "fingerprint",
)  # fmt: skip
SHOWN = ("lecture_id", "traits", "merit", "views", "published_at")
TEXTS = (*WEIGHTS, "pinyin", "initials")
SLOTS = 4096  # of one lecture, two for each window: see moment_key
WINDOW = ("id", "start_ms", "end_ms", "source", "language", "text", "starts")

_MOMENT = ", ".join(
    [
        "start_ms INTEGER NOT NULL",
        "end_ms INTEGER NOT NULL",
        *(f"{one} TEXT NOT NULL" for one in ("source", "language", "text", "starts")),
    ]
)


def create(at: str = "", *, types: dict[str, str], said: str, facts: Sequence[str] = FACTS) -> tuple[str, ...]:
    """The tables, for a database that calls its types so and keeps words in such a table. `at` stands before names."""
    key = types["lecture_id"]
    columns = ", ".join(f"{name} {types.get(name, types['other'])}" for name in facts)
    return (
        f"CREATE TABLE {at}fact ({columns}, PRIMARY KEY (lecture_id))",
        f"CREATE TABLE {at}heard (lecture_id {key} PRIMARY KEY, read_at {key} NOT NULL, fingerprint TEXT NOT NULL)",
        f"CREATE TABLE {at}moment (id {key} PRIMARY KEY, {_MOMENT})",
        said,
        f"CREATE TABLE {at}meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    )


NUMBERS = (
    "lecture_id", "read_at", "organisation_id", "publish_at", "unpublish_at", "published_at", "views",
)  # fmt: skip
# `ascii` splits at blanks and keeps all other scripts as they are: our tokens come ready made. Single characters are
# asked for as beginnings of tokens: without an index of beginnings each is a look at thousands of tokens.
_FTS = "tokenize='ascii', prefix='1'"
_FACT, *_OTHERS = create(
    types=dict.fromkeys(NUMBERS, "INTEGER") | {"merit": "REAL", "other": "TEXT"},
    said=f"CREATE VIRTUAL TABLE speech USING fts5(said, about, {_FTS})",
)
CREATE = (_FACT, f"CREATE VIRTUAL TABLE words USING fts5({', '.join(TEXTS)}, {_FTS})", *_OTHERS)
TABLES = ("fact", "words", "heard", "moment", "speech", "meta")
FOLDS = 2  # grows when other tokens are made of the same text
MADE_WITH = tuple(version(name) for name in ("opencc-python-reimplemented", "pypinyin"))


def form_of(create: tuple[str, ...]) -> str:
    """Another one when tables are made otherwise, or hold other tokens of the same text."""
    return hashlib.sha256(repr((create, FOLDS, MADE_WITH)).encode()).hexdigest()[:16]


SCHEMA = form_of(CREATE)


def fact_row(document: Document) -> tuple[Any, ...]:
    return (
        document.lecture_id,
        microseconds(document.read_at),
        document.state,
        document.visibility,
        document.organisation_id,
        maybe_microseconds(document.publish_at),
        maybe_microseconds(document.unpublish_at),
        maybe_microseconds(document.published_at),
        traits_row(document),
        document.merit,
        document.views,
        document.fingerprint,
    )


def traits_row(document: Document) -> str:
    """Ready to be told apart and counted as it is."""
    traits = Traits(
        document.kind, document.topic_id, document.speaker, document.organisation_id, document.course_ids,
        document.length, document.year, document.language, document.is_captioned, document.is_featured,
    )  # fmt: skip
    return json.dumps(traits, ensure_ascii=False, separators=(",", ":"))


def gone_row(lecture_id: int, read_at: int) -> tuple[Any, ...]:
    values = {"lecture_id": lecture_id, "read_at": read_at, "state": GONE}
    return tuple(values.get(name, "" if name == "fingerprint" else None) for name in FACTS)


def words_row(document: Document) -> tuple[Any, ...]:
    groups = document.groups
    return (document.lecture_id, *(words(groups[name]) for name in WEIGHTS), document.pinyin, document.initials)


def moment_key(lecture_id: int, number: int, source: str) -> int:
    """In time's order within a lecture; odd for slides, so that the key alone tells where it answers."""
    return lecture_id * SLOTS + number * 2 + (source == SLIDE)


def keys_of(lecture_id: int) -> tuple[int, int]:
    """The first and the last key that a moment of the lecture may have."""
    return lecture_id * SLOTS, (lecture_id + 1) * SLOTS - 1


def source_of(key: int) -> str:
    return SLIDE if key % 2 else SPEECH


def moment_rows(speech: Speech) -> list[tuple[Any, ...]]:
    return [
        (
            key, one.start_ms, one.end_ms, one.source, one.language, one.text,
            " ".join(f"{place},{ms}" for place, ms in one.starts),
        )
        for key, one in _keyed(speech)
    ]  # fmt: skip


def said_rows(speech: Speech) -> list[tuple[Any, ...]]:
    about = words(speech.about)
    return [(key, words(one.text), about) for key, one in _keyed(speech)]


def _keyed(speech: Speech) -> Iterator[tuple[int, Window]]:
    for number, one in enumerate(speech.windows[: SLOTS // 2]):
        yield moment_key(speech.lecture_id, number, one.source), one


def starts_of(kept: str) -> tuple[tuple[int, int], ...]:
    numbers = list(map(int, kept.replace(",", " ").split()))
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


@lru_cache(maxsize=10_000)
def traits_of(kept: str) -> Traits:
    kind, topic, speaker, organisation, courses, *others = map(_shared, json.loads(kept))
    return Traits(kind, topic, speaker, organisation, tuple(courses), *others)


_numbers: dict[int, int] = {}


def _shared(one: Any) -> Any:
    """One object for all that are equal: thousands of lectures are counted by it, and memory is what counting waits
    for."""
    if isinstance(one, str):
        return sys.intern(one)
    return _numbers.setdefault(one, one) if type(one) is int else one


# ---- match expressions ----


def _phrase_in(phrase: Phrase, columns: Columns) -> str:
    # Tokens hold letters and digits only, so nothing in them can end the quotes.
    return f'{{{" ".join(columns)}}} : "{" ".join(phrase.tokens)}"{" *" if phrase.is_open else ""}'


MATCH = Syntax(" AND ", " OR ", " NOT ", _phrase_in)


# ---- who may see it ----


def may_see(seen_by: Clause, until: int | None, mark: str) -> tuple[str, list[Any]]:
    """Published, its hour come and not gone, for these eyes. `mark` is the database's placeholder."""
    now = microseconds(seen_by.now)
    visibilities, organisations = sorted(seen_by.visibilities), sorted(seen_by.organisation_ids)
    sql = (
        f"fact.state = 'published' AND (fact.publish_at IS NULL OR fact.publish_at <= {mark})"
        f" AND (fact.unpublish_at IS NULL OR fact.unpublish_at > {mark})"
        f" AND (fact.visibility IN ({_marks(visibilities, mark)})"
    )
    if organisations:
        sql += f" OR (fact.visibility = 'organisation' AND fact.organisation_id IN ({_marks(organisations, mark)}))"
    sql += ")"
    params: list[Any] = [now, now, *visibilities, *organisations]
    if until is not None:
        sql += f" AND fact.published_at <= {mark}"
        params.append(until)
    return sql, params


def _marks(values: list[Any], mark: str) -> str:
    return ", ".join([mark] * len(values))
