"""What a person may type: words, "quoted phrases" that must stand as they are, -words that must not occur. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from search import pinyin
from search.folding import RUN, fold, is_joined, is_single, plain_one

LONGEST_QUERY = 100  # characters
MOST_TOKENS = 40
MOST_WORDS = 8
_PART = re.compile(r"""(?P<minus>(?<!\S)-)?(?:["“「『](?P<phrase>[^"”」』]*)["”」』]?|(?P<word>[^\s"“”「」『』]+))""")


class Phrase(NamedTuple):
    """Tokens that stand side by side. `is_open`: the last one need only be the beginning of a token."""

    tokens: tuple[str, ...]
    is_open: bool = False


Phrases = tuple[Phrase, ...]  # all of them


@dataclass(frozen=True)
class Word:
    """One thing asked for: all its tokens; or, as good, one of the synonyms; or, typed in Latin letters, its pinyin.

    `tokens` are bigrams, words, and single characters, which are asked for as the beginning of a token.
    """

    text: str
    tokens: tuple[str, ...]
    instead: tuple[Phrases, ...] = ()
    readings: Phrases = ()  # any of them, in the pinyin of names and titles
    initials: Phrase | None = None
    is_open: bool = False  # the last token may go on: it is still being typed

    @cached_property
    def terms(self) -> Phrases:
        """Each token as a phrase of its own."""
        *others, last = self.tokens
        return (*(Phrase((one,), is_single(one)) for one in others), Phrase((last,), self.is_open or is_single(last)))


@dataclass(frozen=True)
class Query:
    """What was asked, normalised: `words` should all be there, `phrases` must, `excluded` must not.

    `quoted` and `left_out` say the latter two in the asker's words.
    """

    text: str
    words: tuple[Word, ...] = ()
    phrases: tuple[Phrases, ...] = ()
    excluded: tuple[Phrases, ...] = ()
    quoted: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(token for word in self.words for token in word.tokens))

    @cached_property
    def marked(self) -> frozenset[str]:
        """All tokens that a highlight marks."""
        groups = [*self.phrases, *(phrases for word in self.words for phrases in word.instead)]
        return frozenset(chain(self.tokens, (token for group in groups for one in group for token in one.tokens)))

    @cached_property
    def marked_characters(self) -> tuple[str, ...]:
        """The Chinese characters of the words."""
        return tuple(dict.fromkeys(one for token in self.tokens if is_joined(token) for one in token))

    @cached_property
    def readings(self) -> Phrases:
        return tuple(reading for word in self.words for reading in word.readings)


def normalise_query(text: str, synonyms: Sequence[frozenset[str]] = ()) -> Query:
    """Read what a person typed. `synonyms` are sets of folded texts that mean the same."""
    # One to one as the index was folded: plain NFKC would turn ¼ into 1⁄4, which stands in no document.
    text = " ".join("".join(map(plain_one, text)).replace("\0", " ").split())[:LONGEST_QUERY].strip()
    wanted: dict[str, Word] = {}
    phrases: dict[str, Phrases] = {}
    excluded: dict[str, Phrases] = {}
    for part in _PART.finditer(text):
        said = part["phrase"] or part["word"] or ""
        found = phrases_of(said)
        if not found:
            continue
        if part["minus"]:
            excluded[said] = found
        elif part["phrase"] is not None:
            phrases[said] = found
        else:
            wanted.update((word.text, word) for word in _words(fold(said), synonyms))
    return Query(
        text,
        words=_within_limits(wanted.values()),
        phrases=tuple(phrases.values()),
        excluded=tuple(excluded.values()),
        quoted=tuple(phrases),
        left_out=tuple(excluded),
    )


def left_open(query: Query) -> Query:
    """`query` as it stands while its last word is still being typed."""
    if not query.words or not query.text or not query.text[-1].isalnum():
        return query
    *others, last = query.words
    readings = tuple(one._replace(is_open=True) for one in last.readings)  # "ji" may become "jiao"
    return replace(query, words=(*others, replace(last, is_open=not is_joined(last.tokens[-1]), readings=readings)))


def unquoted(text: str) -> str:
    """`text` with what was quoted asked for as words, for when it stands nowhere as it is."""
    parts = (part[0] if part["minus"] else part["phrase"] or part["word"] or "" for part in _PART.finditer(text))
    return " ".join(filter(None, parts))


def _within_limits(words: Iterable[Word]) -> tuple[Word, ...]:
    kept: list[Word] = []
    room = MOST_TOKENS
    for word in words:
        if len(kept) == MOST_WORDS or room <= 0:
            break
        tokens = word.tokens[:room]
        kept.append(word if len(tokens) == len(word.tokens) else Word(word.text, tokens))
        room -= len(tokens)
    return tuple(kept)


def phrases_of(text: str) -> Phrases:
    """The tokens of `text` as they stand side by side in the index, in pieces where marks or blanks part them."""
    folded = fold(text)
    pieces: list[list[str]] = []
    last_end, last_joined = 0, False
    for run in RUN.finditer(folded):
        joined = run["joined"] is not None
        gap = folded[last_end : run.start()]
        if not pieces or gap.strip() or (gap and joined and last_joined):
            pieces.append([])
        elif last_joined:
            pieces[-1].append(folded[last_end - 1])  # the run's last character, as in the index
        pieces[-1] += _bigrams(run[0]) if joined else [run[0]]
        last_end, last_joined = run.end(), joined
    return tuple(Phrase(tuple(piece), is_open=is_single(piece[-1])) for piece in pieces)


def _bigrams(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def _words(folded: str, synonyms: Sequence[frozenset[str]]) -> Iterator[Word]:
    """The words of one part without blanks: what has synonyms apart, the rest as it stands."""
    at = 0
    for start, end, instead in _known(folded, synonyms):
        yield from _plain_words(folded[at:start])
        yield Word(folded[start:end], _tokens(folded[start:end]), instead)
        at = end
    yield from _plain_words(folded[at:])


def _plain_words(folded: str) -> Iterator[Word]:
    """One word, unless Latin letters stand in it: those may be pinyin, which is read apart."""
    tokens = _tokens(folded)
    if not tokens:
        return
    letters = [run[0] for run in RUN.finditer(folded) if run["joined"] is None and pinyin.is_letters(run[0])]
    if not letters:
        yield Word(folded, tokens)
        return
    if rest := tuple(token for token in tokens if token not in letters):
        yield Word(folded, rest)
    for typed in dict.fromkeys(letters):
        readings = tuple(Phrase(syllables, is_open) for syllables, is_open in pinyin.segments(typed))
        initials = pinyin.initials_of(typed)
        yield Word(typed, (typed,), (), readings, Phrase(initials) if initials else None)


def _tokens(folded: str) -> tuple[str, ...]:
    found = (_bigrams(run[0]) if run["joined"] else [run[0]] for run in RUN.finditer(folded))
    return tuple(dict.fromkeys(chain.from_iterable(found)))


def _known(folded: str, synonyms: Sequence[frozenset[str]]) -> Iterator[tuple[int, int, tuple[Phrases, ...]]]:
    """Where texts with synonyms stand, the longest at each place, with what may stand instead."""
    instead = {text: [one for one in group if one != text] for group in synonyms for text in group}
    at = 0
    while at < len(folded):
        here = [text for text in instead if folded.startswith(text, at) and _is_whole(folded, at, text)]
        if not here:
            at += 1
            continue
        longest = max(here, key=len)
        yield at, at + len(longest), tuple(filter(None, (phrases_of(one) for one in sorted(instead[longest]))))
        at += len(longest)


def _is_whole(folded: str, at: int, text: str) -> bool:
    """Latin synonyms stand for whole words only: `ai` is not in `said`."""
    if is_joined(text):
        return True
    around = folded[at - 1 : at] + folded[at + len(text) : at + len(text) + 1]
    return not any(one.isalnum() and not is_joined(one) for one in around)
