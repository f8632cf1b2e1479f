"""The SQL of the embedded engine: tables, match expressions, filters. Pure."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from search.analysis import Phrase, Query, is_single, singles, words
from search.engines.base import Document, Request

# Columns of text with their weight in bm25(): what a lecture is called beats what is said about it.
WEIGHTS = {"title": 4.0, "speaker": 3.0, "topic": 2.5, "summary": 1.2, "organisation": 1.0}
SINGLES_WEIGHT = 0.5
_FACTS = (
    "lecture_id INTEGER PRIMARY KEY, row_version INTEGER NOT NULL, read_at INTEGER NOT NULL, state TEXT NOT NULL,"
    " visibility TEXT NOT NULL, organisation_id INTEGER, publish_at INTEGER, unpublish_at INTEGER,"
    " published_at INTEGER, kind TEXT NOT NULL, topic_id INTEGER,"
    " is_featured INTEGER NOT NULL, fingerprint TEXT NOT NULL"
)
# `gone` rows stay behind a removal, so that a late older document does not bring the lecture back.
GONE = "gone"
TABLES = ("fact", "words", "meta")
CREATE = (
    f"CREATE TABLE fact ({_FACTS})",
    # `ascii` splits at blanks and keeps all other scripts as they are: our tokens come ready made.
    f"CREATE VIRTUAL TABLE words USING fts5({', '.join(WEIGHTS)}, singles, tokenize='ascii')",
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
)
FOLDS = 1  # grows when analysis.py makes other tokens of the same text
SCHEMA = hashlib.sha256(repr((CREATE, FOLDS)).encode()).hexdigest()[:16]
BM25 = f"bm25(words, {', '.join(str(weight) for weight in WEIGHTS.values())}, {SINGLES_WEIGHT})"
_COLUMNS = "{" + " ".join(WEIGHTS) + "}"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _maybe(moment: datetime | None) -> int | None:
    return None if moment is None else microseconds(moment)


def fact_row(document: Document) -> tuple[Any, ...]:
    return (
        document.lecture_id,
        document.row_version,
        microseconds(document.read_at),
        document.state,
        document.visibility,
        document.organisation_id,
        _maybe(document.publish_at),
        _maybe(document.unpublish_at),
        _maybe(document.published_at),
        document.kind,
        document.topic_id,
        int(document.is_featured),
        document.fingerprint,
    )


def words_row(document: Document) -> tuple[Any, ...]:
    texts = [getattr(document, column) for column in WEIGHTS]
    return (document.lecture_id, *map(words, texts), singles(texts))


def match(query: Query, *, every: bool) -> str:
    """The MATCH expression: all tokens (`every`) or any, and in both cases all phrases and nothing excluded."""
    wanted = (" AND " if every else " OR ").join(map(_run, ((token,) for token in query.tokens)))
    parts = [f"({wanted})"] if wanted else []
    expression = " AND ".join([*parts, *map(_phrase, query.phrases)])
    for phrase in query.excluded:
        expression = f"({expression}) NOT {_phrase(phrase)}"
    return expression


def _phrase(phrase: Phrase) -> str:
    return "(" + " AND ".join(map(_run, phrase)) + ")"


def _run(tokens: tuple[str, ...]) -> str:
    # Tokens hold letters and digits only, so nothing in them can end the quotes.
    column = "singles" if len(tokens) == 1 and is_single(tokens[0]) else _COLUMNS
    return f'{column} : "{" ".join(tokens)}"'


def filters(request: Request) -> tuple[str, list[Any]]:
    """Who may see it and what was chosen, without the topic: its counts are wanted for all topics."""
    seen_by = request.seen_by
    now = microseconds(seen_by.now)
    visibilities, organisations = sorted(seen_by.visibilities), sorted(seen_by.organisation_ids)
    sql = (
        "fact.state = 'published' AND (fact.publish_at IS NULL OR fact.publish_at <= ?)"
        " AND (fact.unpublish_at IS NULL OR fact.unpublish_at > ?)"
        f" AND (fact.visibility IN ({_marks(visibilities)})"
        f" OR (fact.visibility = 'organisation' AND fact.organisation_id IN ({_marks(organisations)})))"
    )
    if request.only_featured:
        sql += " AND fact.is_featured"
    return sql, [now, now, *visibilities, *organisations]


def _marks(values: list[Any]) -> str:
    return ", ".join("?" * len(values))
