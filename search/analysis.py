"""Chinese text made searchable: tokens for the index, highlights, snippets. Pure.

Chinese runs become overlapping bigrams: measured better than word lists, and a two-character word is found inside
every longer one. In the index each run ends with its last character alone, so that every character begins some token
(one character is then asked for as a prefix), and no phrase goes on from one run into the next.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from search import pinyin
from search.folding import JOINED, RUN, RUNS, fold, is_joined
from search.query_language import Query

BREAK = "。"
Parts = list[tuple[str, bool]]  # a text in pieces, each with whether it is a hit
Spans = list[tuple[int, int]]


@dataclass(frozen=True)
class Token:
    text: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """Bigrams of each Chinese run (a run of one character is a token itself), words and numbers whole."""
    return _tokens(fold(text))


def _tokens(folded: str) -> Iterator[Token]:
    for run in RUN.finditer(folded):
        start, end = run.span()
        if run["joined"] is None or end - start == 1:
            yield Token(run[0], start, end)
            continue
        for at in range(start, end - 1):
            yield Token(run[0][at - start : at - start + 2], at, at + 2)


def words(text: str) -> str:
    """The tokens of `text` as the index keeps them, with blanks between."""
    kept: list[str] = []
    was_joined = True
    for gap, joined, word in RUNS.findall(fold(text)):
        # Between Chinese runs the lone last character keeps a phrase from going on; a mark beside a word must do it.
        if kept and (joined or word) and not (joined and was_joined) and gap.strip():
            kept.append(BREAK)
        if joined:
            kept += map(operator.add, joined, joined[1:])
            kept.append(joined[-1])
        elif word:
            kept.append(word)
        was_joined = bool(joined)
    return " ".join(kept)


def characters(texts: Iterable[str]) -> str:
    """Each Chinese character of `texts` once: a second, coarse opinion when the best hits are put in order."""
    return " ".join(JOINED.findall("".join(dict.fromkeys(fold("".join(texts))))))


def _places(token: str, folded: str) -> Spans:
    """Where `token` stands: a word as a whole, joined characters anywhere, as a run holds each pair of its own."""
    if not is_joined(token):
        return [(one.start, one.end) for one in _tokens(folded) if one.text == token]
    places: Spans = []
    at = folded.find(token)
    while at >= 0:
        places.append((at, at + len(token)))
        at = folded.find(token, at + 1)
    return places


def spans(text: str, query: Query) -> Spans:
    """Where the query's tokens stand in `text`, touching and overlapping places joined."""
    folded = fold(text)
    places = [place for token in query.marked if token in folded for place in _places(token, folded)]
    for reading in query.readings:
        places += pinyin.places(text, reading)
    joined: Spans = []
    for start, end in sorted(places):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _parts(text: str, spans: Spans) -> Parts:
    parts: Parts = []
    at = 0
    for start, end in spans:
        parts += [(text[at:start], False), (text[start:end], True)]
        at = end
    parts.append((text[at:], False))
    return [part for part in parts if part[0]]


def highlight(text: str, query: Query) -> Parts:
    """`text` in pieces, each with whether it is a hit. The pieces together are `text`, in its own script."""
    return _parts(text, spans(text, query))


def within(found: Spans, start: int, end: int) -> Spans:
    """What lies between `start` and `end`, told from `start` on."""
    return [(max(a, start) - start, min(b, end) - start) for a, b in found if a < end and b > start]


def snippet(text: str, query: Query, *, length: int = 90, before: int = 24) -> Parts:
    """At most `length` characters of `text` around the first hit; left-out ends are shown as …"""
    return excerpt(text, spans(text, query), length=length, before=before)


def excerpt(text: str, found: Spans, *, length: int = 90, before: int = 24) -> Parts:
    """The same where it is known what is marked."""
    if len(text) <= length:
        return _parts(text, found)
    start = max(0, min((found[0][0] if found else 0) - before, len(text) - length))
    end = start + length
    parts = _parts(text[start:end], within(found, start, end))
    return [*([("…", False)] if start else []), *parts, *([("…", False)] if end < len(text) else [])]
