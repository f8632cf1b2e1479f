"""Our tokens as PostgreSQL's tsvector, and what is asked of them as tsquery. Pure; no parser of the server's is asked.

A column of ours is a weight there: A, B, C. What a text sounds like has a mark before each token instead, so that the
most frequent question, "anywhere in the texts", names no weight and the index alone answers it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from search.engines import fts_sql as sql
from search.engines.matching import ALL, HEARD, INITIALS, PINYIN, Columns, Syntax
from search.query_language import Phrase

LAST_POSITION = 16_383  # PostgreSQL keeps no later ones
MOST_POSITIONS = 255  # of one lexeme
GAP = 2  # between columns, so that no phrase goes on from one into the next
MARKS: dict[Columns, str] = {PINYIN: "~", INITIALS: "_"}  # no token begins so
_TEXTS = dict(zip(ALL, "ABC", strict=True))
_SPOKEN = dict(zip(HEARD, "AB", strict=True))


def text_vector(columns: Sequence[str], pinyin: str, initials: str) -> str:
    """Of a lecture: the tokens of its texts by column, and of what they sound like."""
    parts = [(tokens, "", _TEXTS[name]) for name, tokens in zip(ALL, columns, strict=True)]
    return _vector([*parts, (pinyin, MARKS[PINYIN], ""), (initials, MARKS[INITIALS], "")])


def spoken_vector(said: str, about: str) -> str:
    """Of a moment."""
    return _vector([(said, "", _SPOKEN["said"]), (about, "", _SPOKEN["about"])])


def _vector(parts: Sequence[tuple[str, str, str]]) -> str:
    """Of (tokens, mark, weight)."""
    places: dict[str, list[str]] = defaultdict(list)
    at = 1
    for tokens, mark, weight in parts:
        for token in tokens.split():
            kept = places[mark + token]
            if len(kept) < MOST_POSITIONS:
                kept.append(f"{min(at, LAST_POSITION)}{weight}")
            at += 1
        at += GAP
    return " ".join(f"{quoted(token)}:{','.join(kept)}" for token, kept in places.items())


def _syntax(weights: dict[str, str], whole: Columns) -> Syntax:
    def phrase_in(phrase: Phrase, columns: Columns) -> str:
        mark = MARKS.get(columns, "")
        here = "" if mark or columns == whole else "".join(weights[name] for name in columns)
        *before, last = (quoted(mark + token) for token in phrase.tokens)
        ends = f"{last}:{'*' if phrase.is_open else ''}{here}" if phrase.is_open or here else last
        return "(" + " <-> ".join([*(f"{one}:{here}" if here else one for one in before), ends]) + ")"

    return Syntax(" & ", " | ", " & !", phrase_in)


def quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def create(at: str) -> tuple[str, ...]:
    """The tables, each named with `at` before it."""
    key = "BIGINT"
    row = f"rowid {key} PRIMARY KEY, tokens TSVECTOR"
    return (
        *sql.create(
            at,
            types=dict.fromkeys(sql.NUMBERS, key) | {"merit": "DOUBLE PRECISION", "other": "TEXT"},
            words=f"CREATE TABLE {at}words ({row}, title TEXT, names TEXT, rest TEXT)",
            said=f"CREATE TABLE {at}speech ({row}, said TEXT)",
        ),
        # every token that stands in a text or moment, or did: the index above finds none at the price of a whole look
        f"CREATE TABLE {at}token (token TEXT PRIMARY KEY)",
        f"CREATE INDEX words_tokens ON {at}words USING gin (tokens)",
        f"CREATE INDEX speech_tokens ON {at}speech USING gin (tokens)",
    )


FORM = sql.form_of(create(""))
TEXTS = _syntax(_TEXTS, ALL)
SPOKEN = _syntax(_SPOKEN, HEARD)
