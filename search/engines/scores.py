"""How well texts answer, for the embedded engine: from the few best candidates' own texts, with what the tables know of
how rare a token is. The latter is remembered for some minutes: it changes slowly."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from search import ranking
from search.engines import fts_sql as sql
from search.engines.tables import Rows, Tables
from search.folding import is_joined, is_single
from search.query_language import Phrase, Query

REMEMBERED, MOST_REMEMBERED = 600.0, 50_000  # seconds; tokens
# Counting a token's holders stops here: it is common then, and finds nothing by itself.
COMMON = 3_000
# Partial matches are looked for among the holders of so many of the rarest tokens: more changes no first page.
RAREST = 16
SAMPLE = 1_000
MOST_WINDOWS = 200
# … and no more holders than these are looked at, the rarest tokens' first.
MOST_HOLDERS = 8_000
USUAL_WINDOW = 150.0  # tokens: about as many as characters


@dataclass
class _Census:
    """What is usual in these tables just now."""

    taken_at: float
    documents: int
    windows: int
    usual_length: float
    characters: dict[str, float]  # character: rarity
    holders: dict[tuple[str, Phrase], int] = field(default_factory=dict)


class Usual:
    """Remembers what is usual, from one question to the next."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._census: _Census | None = None

    def census(self) -> _Census:
        known, now = self._census, time.monotonic()
        if known and now - known.taken_at < REMEMBERED and known.documents:
            return known
        self._census = self._take_census(now)
        return self._census

    def forget(self) -> None:
        """The tables are others now. Another process learns that when it would look again anyway."""
        self._census = None

    def _take_census(self, now: float) -> _Census:
        texts = [" ".join(row[1:]) for row in self.tables.texts(self.tables.some(SAMPLE))]
        lengths = [text.count(" ") + 1 for text in texts]
        seen: dict[str, int] = defaultdict(int)
        for text in texts:
            for character in {token[0] for token in text.split() if is_joined(token)}:
                seen[character] += 1
        return _Census(
            now,
            self.tables.count(),
            self.tables.count_moments(),
            sum(lengths) / max(len(lengths), 1),
            {character: ranking.rarity(count, len(texts)) for character, count in seen.items()},
        )


class Scores:
    """For one question: what is usual does not change meanwhile."""

    def __init__(self, tables: Tables, usual: Usual) -> None:
        self.tables, self._usual = tables, usual
        self._counted: dict[tuple[str, Query], dict[Phrase, int]] = {}

    @cached_property
    def census(self) -> _Census:
        return self._usual.census()

    def _rarities(self, query: Query, kind: str) -> dict[Phrase, float]:
        """Of everything that is looked for, in texts or in windows; what nobody holds is left out."""
        of = self.census.documents if kind == "text" else self.census.windows
        return {term: ranking.rarity(holders, of) for term, holders in self._held_by(query, kind).items() if holders}

    def _held_by(self, query: Query, kind: str) -> dict[Phrase, int]:
        """How many hold it."""
        if (kind, query) not in self._counted:
            self._counted[kind, query] = self._count(query, kind)
        return self._counted[kind, query]

    def _count(self, query: Query, kind: str) -> dict[Phrase, int]:
        """All that is not remembered is counted at once. What nobody holds is not: somebody may say it any moment."""
        known = self.census.holders
        count = self.tables.count_holders if kind == "text" else self.tables.count_moment_holders
        if len(known) > MOST_REMEMBERED:
            known.clear()
        held = {term: known.get((kind, term)) for term in _terms(query)}
        new = [term for term, holders in held.items() if holders is None]
        counted = dict(zip(new, count(new, COMMON), strict=True))
        known.update(((kind, term), holders) for term, holders in counted.items() if holders)
        return {term: counted[term] if holders is None else holders for term, holders in held.items()}

    def of(self, query: Query, lectures: Sequence[int], moments: Mapping[int, Sequence[int]]) -> dict[int, float]:
        """The score of each lecture's texts, and of its best one of `moments`."""
        wanted = self._rarities(query, "text")
        characters = {one: self.census.characters.get(one, 5.0) for one in query.marked_characters}
        spoken = self._spoken(query, {one: moments[one] for one in lectures if one in moments})
        found = {one: 1.0 + ranking.SPOKEN * spoken.get(one, 0.0) for one in lectures}
        looks = {term: _look(term) for term in wanted}
        for lecture, *texts in self.tables.texts(lectures):
            whole = f" {' '.join(texts)} "
            held = _held(looks, whole, texts)
            found[lecture] += ranking.text_score(wanted, held, whole.count(" ") - 1, self.census.usual_length)
            found[lecture] += ranking.SINGLE_CHARACTERS * sum(
                rarity for character, rarity in characters.items() if character in whole
            )
        return found

    def _spoken(self, query: Query, moments: Mapping[int, Sequence[int]]) -> dict[int, float]:
        keys = [key for some in moments.values() for key in some][:MOST_WINDOWS]
        if not keys:
            return {}
        best: dict[int, float] = {}
        for key, score in self._said(query, self.tables.said(keys)):
            best[key // sql.SLOTS] = max(best.get(key // sql.SLOTS, 0.0), score)
        return best

    def best_moments(self, query: Query, lectures: Sequence[int], limit: int) -> dict[int, list[int]]:
        """Of each lecture, the windows that hold something asked for; best first, then in time's order."""
        scored: dict[int, list[tuple[float, int]]] = defaultdict(list)
        held = [*self._rarities(query, "window")]
        for key, score in self._said(query, self.tables.said_in(lectures, held) if held else []):
            if score:
                scored[key // sql.SLOTS].append((-score, key))
        return {lecture: [key for _, key in sorted(some)[:limit]] for lecture, some in scored.items()}

    def _said(self, query: Query, rows: Rows) -> Iterator[tuple[int, float]]:
        """How well each window answers."""
        if not rows:
            return
        wanted = self._rarities(query, "window")
        looks = {term: _look(term) for term in wanted}
        for key, said in rows:
            whole = f" {said} "
            held = {term: whole.count(look) for term, look in looks.items() if look in whole}
            yield key, ranking.text_score(wanted, held, whole.count(" ") - 1, USUAL_WINDOW) if held else 0.0

    def partial(self, query: Query, limit: int) -> tuple[list[int], dict[int, list[int]]]:
        """Lectures, and moments by lecture, that hold most of what is rare in the query; best first."""
        texts = self._most_held(query, "text", self.tables.holders, limit)
        moments: dict[int, list[int]] = defaultdict(list)
        for key in self._most_held(query, "window", self.tables.moment_holders, limit):
            moments[key // sql.SLOTS].append(key)
        return texts, dict(moments)

    def _most_held(
        self, query: Query, kind: str, look: Callable[[Sequence[Phrase], Query, int], list[list[int]]], limit: int
    ) -> list[int]:
        scores: dict[int, float] = defaultdict(float)
        rarities = self._rarities(query, kind)
        held_by = self._held_by(query, kind)
        rarest = sorted(rarities, key=lambda one: -rarities[one])[:RAREST]
        before = accumulate((held_by[term] for term in rarest), initial=0)
        looked_at = [term for term, holders in zip(rarest, before, strict=False) if holders < MOST_HOLDERS]
        for term, holders in zip(looked_at, look(looked_at, query, COMMON), strict=True):
            for key in holders:
                scores[key] += rarities[term]
        best = sorted(zip(scores.values(), scores, strict=True), reverse=True)
        return [key for _, key in best[:limit]]


def _terms(query: Query) -> dict[Phrase, None]:
    """Everything a text may be scored by, token by token."""
    terms = dict.fromkeys(term for word in query.words for term in word.terms)
    groups = [*query.phrases, *(phrases for word in query.words for phrases in word.instead)]
    for phrase in (one for group in groups for one in group):
        last = len(phrase.tokens) - 1
        terms |= {Phrase((token,), phrase.is_open and at == last): None for at, token in enumerate(phrase.tokens)}
    return terms


def _look(term: Phrase) -> str:
    """What stands in a text of tokens, with blanks around, where `term` does."""
    token = term.tokens[0]
    return token if is_joined(token) and not is_single(token) else f" {token}{'' if term.is_open else ' '}"


def _held(looks: Mapping[Phrase, str], whole: str, texts: Sequence[str]) -> dict[Phrase, float]:
    """The weighted count of each term; `whole` are all `texts`."""
    here = {term: look for term, look in looks.items() if look in whole}
    apart = [(weight, f" {text} ") for weight, text in zip(ranking.WEIGHTS.values(), texts, strict=True) if text]
    return {term: sum(weight * text.count(look) for weight, text in apart) for term, look in here.items()}
