"""Our tokens as PostgreSQL's tsvector, and what is asked of them as tsquery. Pure; no parser of the server's is asked.

Which column a token stands in is told by a mark before it, not by PostgreSQL's weights: a question that names a weight
is answered only after a look at every row that the index finds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from search.engines import fts_sql as sql
from search.engines.matching import ALL, Columns, Syntax
from search.query_language import Phrase

LAST_POSITION = 16_383  # PostgreSQL keeps no later ones
MOST_POSITIONS = 255  # of one lexeme
GAP = 2  # between columns, so that no phrase goes on from one into the next
# No token begins with one of these. Tokens of a lecture's texts stand without a mark, too: that is "in any of them".
MARKS = {"title": "=", "names": "+", "pinyin": "~", "initials": "_", "said": "", "about": "^"}


# A lecture is one row: who finds it by its texts has its facts at hand.
FACTS = (*sql.FACTS, "tokens", *ALL)


def text_vector(texts: Sequence[str], pinyin: str, initials: str) -> str:
    """Of a lecture: the tokens of its texts (ALL), and of what they sound like."""
    title, names, _ = texts
    marked = {"title": title, "names": names, "pinyin": pinyin, "initials": initials}
    return _vector([*(("", tokens) for tokens in texts), *((MARKS[name], tokens) for name, tokens in marked.items())])


def spoken_vector(said: str, about: str) -> str:
    """Of a moment."""
    return _vector([(MARKS["said"], said), (MARKS["about"], about)])


def _vector(parts: Sequence[tuple[str, str]]) -> str:
    """Of (mark, tokens)."""
    places: dict[str, list[str]] = defaultdict(list)
    at = 1
    for mark, tokens in parts:
        for token in tokens.split():
            kept = places[mark + token]
            if len(kept) < MOST_POSITIONS:
                kept.append(str(min(at, LAST_POSITION)))
            at += 1
        at += GAP
    return " ".join(f"{quoted(token)}:{','.join(kept)}" for token, kept in places.items())


def _phrase_in(phrase: Phrase, columns: Columns) -> str:
    marks = [""] if columns == ALL else [MARKS[name] for name in columns]
    ways = (" <-> ".join(quoted(mark + token) for token in phrase.tokens) for mark in marks)
    return "(" + " | ".join(way + (":*" if phrase.is_open else "") for way in ways) + ")"


MATCH = Syntax(" & ", " | ", " & !", _phrase_in)


def quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def create(at: str) -> tuple[str, ...]:
    """The tables, each named with `at` before it."""
    numbers, key = dict.fromkeys(sql.NUMBERS, "BIGINT"), "BIGINT"
    return (
        *sql.create(
            at,
            types=numbers | {"merit": "DOUBLE PRECISION", "tokens": "TSVECTOR", "other": "TEXT"},
            said=f"CREATE TABLE {at}speech (rowid {key} PRIMARY KEY, tokens TSVECTOR, said TEXT)",
            facts=FACTS,
        ),
        # every token that stands in a text or moment, or did: the index above finds none at the price of a whole look
        f"CREATE TABLE {at}token (token TEXT PRIMARY KEY)",
        # What is written goes into the index at once: else each question would read all that waits for it.
        f"CREATE INDEX fact_tokens ON {at}fact USING gin (tokens) WITH (fastupdate = off)",
        f"CREATE INDEX fact_there ON {at}fact (lecture_id) WHERE state != '{sql.GONE}'",  # to count them
        f"CREATE INDEX speech_tokens ON {at}speech USING gin (tokens)",
    )


FORM = sql.form_of((*create(""), repr(MARKS)))
