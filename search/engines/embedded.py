"""The engine of one machine: folded bigrams in tables of the database at hand, everything else worked out here.

Lectures that hold all that was asked are found by the tables; when they are few, others that hold its rarest tokens
follow. Who may see them is asked next. The best are put in order by what their texts hold; a long tail stays newest
first. Nothing here asks a table for a rank: that costs one look at every holder of every token.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from search import ranking
from search.engines import fts_sql as sql
from search.engines import pages
from search.engines.base import (
    MOST_LEFT_OUT,
    MOST_PARTIAL,
    Fingerprint,
    Found,
    Operation,
    Request,
    SearchError,
    maybe_microseconds,
)
from search.engines.scores import Scores, Usual
from search.engines.tables import Rows, Tables, Where
from search.query_language import Phrase, Phrases, Query, phrases_of
from search.ranking import Facts
from search.windows import Window

logger = logging.getLogger(__name__)
# So many are put in order by what they hold; of those that hold only a part, so many.
RANKED, RANKED_PARTIAL = 100, 60
# So many are fetched and counted, the newest; more is "at least". While nothing is chosen, as many as a hundred pages
# list: those with a title that answers, which lead them all, before others; of moments fewer, which come after these.
MOST_TEXTS, MOST_MOMENTS = 10_000, 3_000
MOST_LISTED, MOST_MOMENTS_LISTED = 2_400, 1_000
LAST_ID = 2**62
TITLE, NOWHERE = frozenset({"title"}), frozenset[str]()
WRITTEN = 500  # operations in one transaction


@dataclass
class _Candidates:
    """Lectures that may answer: by their texts, by their titles, by moments {lecture: keys of moments}. `facts` of
    those that may be seen. `left_out`: they say what was excluded. `is_cut`: there are more than were fetched."""

    texts: list[int]
    titles: set[int]
    moments: dict[int, list[int]]
    facts: Rows = field(default_factory=list)
    left_out: frozenset[int] = frozenset()
    is_cut: bool = False

    @property
    def ids(self) -> list[int]:
        return list(dict.fromkeys([*self.texts, *self.moments]))

    @property
    def places(self) -> dict[int, frozenset[str]]:
        """Where those answer that do so in a title or a moment."""
        found = dict.fromkeys(self.titles, TITLE)
        for lecture, keys in self.moments.items():
            found[lecture] = found.get(lecture, NOWHERE).union(map(sql.source_of, keys))
        return found

    @property
    def seen(self) -> list[Facts]:
        """Those that may be seen, newest first, each with where it answers."""
        return ranking.newest(_facts(self.facts, self.places))


class EmbeddedEngine:
    def __init__(self, name: str, tables: Tables) -> None:
        self.name, self.tables = name, tables
        self._usual = Usual(tables)

    def ensure(self) -> None:
        self.tables.ensure()

    def reset(self) -> None:
        self.tables.reset()
        self._usual.forget()

    def is_ours(self) -> bool:
        self.tables.ensure()  # tables of another schema are made anew at once, and fill themselves
        return True

    def build(self, name: str) -> EmbeddedEngine:
        return EmbeddedEngine(self.name, self.tables.beside(name))

    def become(self, name: str) -> None:
        self.tables.become(name)
        self._usual.forget()

    def discard(self) -> None:
        self.tables.remove()

    def health(self) -> bool:
        try:
            self.count()
        except SearchError:
            logger.exception("the index does not answer")
            return False
        return True

    def tidy(self) -> None:
        self.tables.tidy()

    def count(self) -> int:
        return self.tables.count()

    def count_moments(self) -> int:
        return self.tables.count_moments()

    def fingerprints(self, *, after: int = 0, up_to: int | None = None) -> dict[int, Fingerprint]:
        rows = self.tables.fingerprints(after, LAST_ID if up_to is None else up_to)
        return {lecture: Fingerprint(document, speech) for lecture, document, speech in rows}

    def bulk(self, operations: Iterable[Operation]) -> None:
        rest = iter(operations)
        while some := list(islice(rest, WRITTEN)):
            self.tables.write(some)

    # ---- reading ----

    def search(self, request: Request) -> Found:
        if not request.query:
            return Found()
        full = self._full(request)
        found = full.seen
        if request.scope == "names" or request.is_answered_by(len(found)):
            is_ranked = request.order in {"best", "featured"}
            scores = self._score(found, full, request, self._scores()) if is_ranked else {}
            return pages.page(found, [], scores, request, is_more=full.is_cut)
        return self._filled_up(found, full, request, self._scores())

    def _full(self, request: Request) -> _Candidates:
        query = request.query
        if request.scope == "names":
            named = self.tables.seen_in_full(request, Where.NAMES, MOST_PARTIAL)
            return _Candidates([one for one, *_ in named], set(), {}, named)
        is_plain = request.order in {"best", "new"} and not any(request.chosen.values())
        most, most_moments = (MOST_LISTED, MOST_MOMENTS_LISTED) if is_plain else (MOST_TEXTS, MOST_MOMENTS)
        found = self.tables.answering(request, most, most_moments, titles_first=request.order == "best")
        left_out = self._left_out(query)
        kept = [row for row in found if row[0] is not None and row[0] not in left_out]
        written = {row[0]: row for row in kept if row[-1] is None}
        heard = {row[0]: row for row in kept if row[-1] is not None}
        counts = [row[-1].count(",") + 1 for row in found if row[-1] is not None]  # of moments
        return _Candidates(
            list(written),
            {one for one, row in written.items() if row[-2]},
            {one: _keys(row[-1]) for one, row in heard.items()},
            list({**heard, **written}.values()),
            left_out,
            is_cut=len(found) - len(counts) >= most or sum(counts) >= most_moments,
        )

    def _left_out(self, query: Query) -> frozenset[int]:
        """Lectures that say an excluded word elsewhere than where the rest was found."""
        plain = Query("")
        found: set[int] = set()
        for phrases in query.excluded:
            said = [
                {one // sql.SLOTS for one in keys} for keys in self.tables.moment_holders(phrases, plain, MOST_LEFT_OUT)
            ]
            written = map(set, self.tables.holders(phrases, plain, MOST_LEFT_OUT))
            found |= set.intersection(*said) | set.intersection(*written)
        return frozenset(found)

    def _scores(self) -> Scores:
        return Scores(self.tables, self._usual)

    def _score(self, found: list[Facts], candidates: _Candidates, request: Request, by: Scores) -> dict[int, float]:
        """Of the first RANKED: those with a title that answers, then those whose texts do, before all others."""
        written = set(candidates.texts)

        def far(one: Facts) -> int:
            return (one.lecture_id not in candidates.titles) + (one.lecture_id not in written)

        first = sorted(found, key=far)[:RANKED]
        text = by.of(request.query, [one.lecture_id for one in first], candidates.moments)
        return {one.lecture_id: _lifted(text.get(one.lecture_id, 0.0), one, request.seen_by.now) for one in first}

    def _filled_up(self, full: list[Facts], candidates: _Candidates, request: Request, by: Scores) -> Found:
        """Full matches first, then partial ones that answer well enough."""
        texts, moments = by.partial(request.query, MOST_PARTIAL)
        passed_over = candidates.left_out.union(one.lecture_id for one in full)
        partial = _Candidates(
            [one for one in texts if one not in passed_over],
            set(),
            {one: keys for one, keys in moments.items() if one not in passed_over},
        )
        partial.facts = self.tables.facts(partial.ids, request.seen_by, maybe_microseconds(request.until))
        maybe = partial.seen
        both = _Candidates(candidates.texts, candidates.titles, {**partial.moments, **candidates.moments})
        scores = self._score(full, both, request, by) | self._score_partial(maybe, partial, request, by)
        least = ranking.LEAST_OF_BEST * max(scores.values(), default=0.0)
        kept = [one for one in maybe if scores.get(one.lecture_id, 0.0) >= least]
        return pages.page(full, kept, scores, request)

    def _score_partial(
        self, found: list[Facts], candidates: _Candidates, request: Request, by: Scores
    ) -> dict[int, float]:
        order = {one: number for number, one in enumerate(candidates.ids)}
        best = sorted(found, key=lambda one: order[one.lecture_id])[:RANKED_PARTIAL]
        text = by.of(request.query, [one.lecture_id for one in best], candidates.moments)
        return {one.lecture_id: _lifted(text.get(one.lecture_id, 0.0), one, request.seen_by.now) for one in best}

    def moments(self, query: Query, lecture_ids: Sequence[int], limit: int) -> dict[int, list[Window]]:
        best = self._scores().best_moments(query, lecture_ids, limit)
        rows = self.tables.moments([key for keys in best.values() for key in keys])
        windows = {key: _window(row) for key, *row in rows}
        return {lecture: [windows[key] for key in keys if key in windows] for lecture, keys in best.items()}

    def standing(self, variants: Sequence[str]) -> list[str]:
        read = {variant: phrases for variant in variants if (phrases := phrases_of(variant))}
        tokens = {variant: [one for phrase in phrases for one in _whole(phrase)] for variant, phrases in read.items()}
        # Most variants hold a token that stands nowhere: one question tells which.
        known = self.tables.known({one for some in tokens.values() for one in some})
        counts = {
            variant: len(self._holders(phrases))
            for variant, phrases in read.items()
            if known.issuperset(tokens[variant])
        }
        return sorted(filter(counts.get, counts), key=lambda one: -counts[one])

    def _holders(self, phrases: Phrases) -> set[int]:
        """Some lectures that hold all of them in their texts, or say them in one moment."""
        query = Query("", phrases=(phrases,))
        said = self.tables.moments_in_full(query, MOST_PARTIAL)
        return {*self.tables.in_full(query, MOST_PARTIAL), *(one // sql.SLOTS for one in said)}


def _keys(joined: str) -> list[int]:
    """Of moments, the last one of the lecture first."""
    return sorted(map(int, joined.split(",")), reverse=True)


def _whole(phrase: Phrase) -> tuple[str, ...]:
    """The tokens of the phrase that are not beginnings only."""
    return phrase.tokens[:-1] if phrase.is_open else phrase.tokens


def _facts(rows: Rows, places: Mapping[int, frozenset[str]]) -> list[Facts]:
    """Of SHOWN and two more. Tuples made as such: there are thousands, and a call for each costs as much again."""
    made, read, where = tuple.__new__, sql.traits_of, places.get
    return [
        made(Facts, (lecture, read(kept), merit, views, published_at or 0, where(lecture, NOWHERE)))
        for lecture, kept, merit, views, published_at, _, _ in rows
    ]


def _lifted(score: float, facts: Facts, now: datetime) -> float:
    return ranking.lifted(score, facts.merit, facts.published_at, now)


def _window(row: Sequence[Any]) -> Window:
    start_ms, end_ms, source, language, text, starts = row
    return Window(start_ms, end_ms, text, source, language, sql.starts_of(starts))
