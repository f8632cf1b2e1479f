"""Chinese text made searchable: folding, tokens, the query language, highlights. Pure.

Text is folded character by character (width, case, traditional → simplified), never changing its length, so that a
place found in the folded text is the same place in the original. Chinese runs become overlapping bigrams: measured
better than word lists, and a two-character word is found inside every longer one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import groupby

LONGEST_QUERY = 100  # characters
MOST_TOKENS = 40
BREAK = "。"
# Variants that OpenCC keeps apart, but people mix.
EXTRA_FOLDS = {"著": "着", "藉": "借"}
# Written without blanks: Han with its extensions, compatibility forms, repeat mark and zero; kana; hangul.
_JOINED = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"(?P<joined>[{_JOINED}]+)|[^\W_{_JOINED}]+")
_QUERY_PART = re.compile(
    r"""(?P<minus>(?<!\S)-)?(?:["“「『](?P<phrase>[^"”」』]*)["”」』]?|(?P<word>[^\s"“”「」『』]+))"""
)

Parts = list[tuple[str, bool]]  # a text in pieces, each with whether it is a hit
Phrase = tuple[tuple[str, ...], ...]  # runs of tokens that must stand side by side; single characters stand alone


@dataclass(frozen=True)
class Token:
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Query:
    """What was asked, normalised: `tokens` should all be there, `phrases` must, `excluded` must not.

    `quoted` and `left_out` say the latter two in the asker's words.
    """

    text: str
    tokens: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    excluded: tuple[Phrase, ...] = ()
    quoted: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tokens or self.phrases)

    @property
    def marked(self) -> frozenset[str]:
        """All tokens that a highlight marks."""
        return frozenset(self.tokens).union(*(run for phrase in self.phrases for run in phrase))


@cache
def _simplified() -> dict[str, str]:
    """OpenCC's table of single characters; the first of several simplified forms is the usual one."""
    table = resources.files("opencc").joinpath("dictionary", "TSCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in table.splitlines() if "\t" in line)
    return {traditional: forms.split(" ")[0] for traditional, forms in pairs} | EXTRA_FOLDS


def _plain_one(character: str) -> str:
    """The usual form of `character` (full-width → half-width among much else), where that is one character too."""
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character


@cache
def _fold_one(character: str) -> str:
    folded = _plain_one(character)
    lower = folded.lower()
    folded = lower if len(lower) == 1 else folded
    return _simplified().get(folded, folded)


def fold(text: str) -> str:
    """`text` in one width, case and script, of the same length."""
    return "".join(map(_fold_one, text))


def is_single(token: str) -> bool:
    """Whether `token` is one character of a script without blanks, which the index keeps apart."""
    return len(token) == 1 and _is_joined(token)


def _is_joined(token: str) -> bool:
    run = _RUN.match(token)
    return run is not None and run["joined"] is not None


def tokens(text: str) -> Iterator[Token]:
    """Bigrams of each Chinese run (a run of one character is a token itself), words and numbers whole."""
    for run in _RUN.finditer(fold(text)):
        start, end = run.span()
        if run["joined"] is None or end - start == 1:
            yield Token(run[0], start, end)
            continue
        for at in range(start, end - 1):
            yield Token(run[0][at - start : at - start + 2], at, at + 2)


def _streams(text: str) -> list[list[str]]:
    """The tokens of `text`, broken where punctuation, or a blank between Chinese, keeps a phrase from going on."""
    streams: list[list[str]] = []
    last: Token | None = None
    for token in tokens(text):
        gap = text[last.end : token.start] if last else ""
        if last is None or gap.strip() or (gap and _is_joined(last.text) and _is_joined(token.text)):
            streams.append([])
        streams[-1].append(token.text)
        last = token
    return streams


def words(text: str) -> str:
    """The tokens of `text` as the index keeps them, with blanks between; BREAK is where no phrase goes on."""
    return f" {BREAK} ".join(" ".join(stream) for stream in _streams(text))


def singles(texts: Iterable[str]) -> str:
    """Every single Chinese character of `texts`, for queries of one character."""
    return " ".join(
        character for text in texts for run in _RUN.finditer(fold(text)) if run["joined"] for character in run["joined"]
    )


def normalise_query(text: str) -> Query:
    """Read what a person typed: words, "quoted phrases" that must stand as they are, -words that must not occur."""
    # One to one as the index was folded: plain NFKC would turn ¼ into 1⁄4, which stands in no document.
    text = " ".join("".join(map(_plain_one, text)).split())[:LONGEST_QUERY].strip()
    wanted: dict[str, None] = {}
    phrases: dict[str, Phrase] = {}
    excluded: dict[str, Phrase] = {}
    for part in _QUERY_PART.finditer(text):
        said = part["phrase"] or part["word"] or ""
        streams = _streams(said)
        if not streams:
            continue
        if part["minus"]:
            excluded[said] = _phrase(streams)
        elif part["phrase"] is not None:
            phrases[said] = _phrase(streams)
        else:
            wanted.update((token, None) for stream in streams for token in stream)
    return Query(
        text,
        tokens=tuple(wanted)[:MOST_TOKENS],
        phrases=tuple(phrases.values()),
        excluded=tuple(excluded.values()),
        quoted=tuple(phrases),
        left_out=tuple(excluded),
    )


def _phrase(streams: list[list[str]]) -> Phrase:
    """The runs of a phrase. A single character ends a run: in a longer text it is a part of two bigrams."""
    runs = (tuple(run) for stream in streams for _, run in groupby(stream, key=is_single))
    return tuple(split for run in runs for split in ([(token,) for token in run] if is_single(run[0]) else [run]))


def _hits(text: str, query: Query) -> list[tuple[int, int]]:
    """Where the query's tokens stand in `text`, touching and overlapping places joined."""
    marked = query.marked
    spans = [(token.start, token.end) for token in tokens(text) if token.text in marked]
    if one_character := {token for token in marked if is_single(token)}:
        spans += [(at, at + 1) for at, character in enumerate(fold(text)) if character in one_character]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _parts(text: str, spans: list[tuple[int, int]]) -> Parts:
    parts: Parts = []
    at = 0
    for start, end in spans:
        parts += [(text[at:start], False), (text[start:end], True)]
        at = end
    parts.append((text[at:], False))
    return [part for part in parts if part[0]]


def highlight(text: str, query: Query) -> Parts:
    """`text` in pieces, each with whether it is a hit. The pieces together are `text`, in its own script."""
    return _parts(text, _hits(text, query))


def snippet(text: str, query: Query, *, length: int = 90, before: int = 24) -> Parts:
    """At most `length` characters of `text` around the first hit; left-out ends are shown as …"""
    spans = _hits(text, query)
    if len(text) <= length:
        return _parts(text, spans)
    start = max(0, min((spans[0][0] if spans else 0) - before, len(text) - length))
    end = start + length
    inside = [(max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start]
    parts = _parts(text[start:end], inside)
    return [*([("…", False)] if start else []), *parts, *([("…", False)] if end < len(text) else [])]
