"""What a question asks of tables that keep tokens, as one expression; each database says it in its own syntax. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from search.query_language import Phrase, Phrases, Query, Word
from search.ranking import WEIGHTS

# What a lecture says of itself, by which expressions look; and what is said and shown in it, beside what it is about.
TITLE, NAMES, ALL = ("title",), ("title", "names"), tuple(WEIGHTS)
SAID, HEARD = ("said",), ("said", "about")
PINYIN, INITIALS = ("pinyin",), ("initials",)

Columns = tuple[str, ...]


@dataclass(frozen=True)
class Syntax:
    """How a database says "and", "or", "but not", and that a phrase stands in one of these columns."""

    both: str
    either: str
    but_not: str
    phrase_in: Callable[[Phrase, Columns], str]

    def every(self, query: Query, columns: Columns) -> str:
        """All words, all phrases and nothing excluded, in the texts of a lecture."""
        words = [self._word(one, columns) for one in query.words]
        found = self._all([*words, *(self._phrases(one, columns) for one in query.phrases)])
        return self._without(found, query, ALL)

    def every_said(self, query: Query) -> str:
        """All words and phrases in one window, of which not all may stand in what it is about; and nothing excluded."""
        words = [self._word(one, HEARD, sounds=False) for one in query.words]
        phrases = [self._phrases(one, SAID) for one in query.phrases]
        here = [] if phrases else [self.phrase_in(term, SAID) for one in query.words for term in _said_terms(one)]
        found = self._all([*words, *phrases, *([self._any(here)] if here else [])])
        return self._without(found, query, HEARD)

    def holding(self, phrase: Phrase, query: Query, columns: Columns) -> str:
        """The phrase, all quoted ones, and nothing excluded."""
        quoted = [self._phrases(one, columns) for one in query.phrases]
        return self._without(self._all([self.phrase_in(phrase, columns), *quoted]), query, columns)

    def any_of(self, phrases: Iterable[Phrase], columns: Columns) -> str:
        return self._any(self.phrase_in(one, columns) for one in phrases)

    def _word(self, word: Word, columns: Columns, *, sounds: bool = True) -> str:
        ways = [self._all([self.phrase_in(term, columns) for term in word.terms])]
        ways += [self._phrases(phrases, columns) for phrases in word.instead]
        if sounds:
            ways += [self.phrase_in(reading, PINYIN) for reading in word.readings]
            ways += [self.phrase_in(word.initials, INITIALS)] if word.initials else []
        return self._any(ways)

    def _phrases(self, phrases: Phrases, columns: Columns) -> str:
        return self._all([self.phrase_in(one, columns) for one in phrases])

    def _without(self, found: str, query: Query, columns: Columns) -> str:
        for phrases in query.excluded:
            found = f"({found}){self.but_not}{self._phrases(phrases, columns)}"
        return found

    def _all(self, parts: Iterable[str]) -> str:
        return f"({self.both.join(parts)})"

    def _any(self, parts: Iterable[str]) -> str:
        return f"({self.either.join(parts)})"


def _said_terms(word: Word) -> list[Phrase]:
    return [*word.terms, *(phrase for phrases in word.instead for phrase in phrases)]
