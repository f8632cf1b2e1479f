"""Which lecture comes first, and how many there are of each kind. Pure, the same for all engines.

Text decides. What is featured, has earned points or is new is lifted a little, within bounds, so that it goes first
among near equals and never before what answers better.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")
Chosen = Mapping[str, Collection[str]]
Counts = dict[str, dict[str, int]]

FACETS = ("topic", "speaker", "organisation", "course", "length", "year", "language", "captioned", "kind", "featured",
          "place")  # fmt: skip
ORDERS = ("best", "new", "watched", "featured")
# minutes
LENGTHS = {"0-5": (0, 5), "5-10": (5, 10), "10-20": (10, 20), "20-": (20, 10**6)}

FEATURED, PICK, POINT, MOST_FOR_POINTS = 0.15, 0.05, 0.05, 0.3
MOST_LIFT = 1.8
# A lecture that came out within so many days counts so much more.
FRESH = ((30, 0.2), (90, 0.15), (180, 0.1), (365, 0.05))
# Groups of texts with their weight: what a lecture is called beats what is said about it.
WEIGHTS = {"title": 4.0, "names": 2.5, "rest": 1.0}
SPOKEN = 0.6  # what is said in it, beside that
K1, B = 1.2, 0.6
SINGLE_CHARACTERS = 0.7  # their part when the best are put in order: docs/decisions/0012
# Partial matches count if they answer at least this much as well as the best of them.
LEAST_OF_BEST = 0.3


class Traits(NamedTuple):
    """What facets tell apart. Many lectures have the same."""

    kind: str
    topic: int | None
    speaker: str
    organisation: int | None
    courses: tuple[int, ...]
    length: str
    year: int | None
    language: str
    is_captioned: bool
    is_featured: bool


class Facts(NamedTuple):
    """What facets, orders and boosts need to know of one lecture. A tuple: thousands are made for one question."""

    lecture_id: int
    traits: Traits
    merit: float
    views: int
    published_at: int  # microseconds; 0: never
    places: frozenset[str] = frozenset()  # where it answers: title, speech, slide


# The facets in the order of `Traits`.
_TRAITS = ("kind", "topic", "speaker", "organisation", "course", "length", "year", "language", "captioned", "featured")
_SEVERAL = ("course", "place")  # a lecture may have more than one value
_NOTHING = (None, "", False)


def merit(*, is_featured: bool, is_pick: bool, points: int) -> float:
    """What a lecture has earned, as a part of its score."""
    earned = min(POINT * math.log1p(max(points, 0)), MOST_FOR_POINTS)
    return round(FEATURED * is_featured + PICK * is_pick + earned, 4)


def lifted(score: float, merit: float, published_at: int, now: datetime) -> float:
    """`score` with the bounded boosts; `published_at` in microseconds, as the index keeps it."""
    days = (now.timestamp() - published_at / 1e6) / 86_400
    fresh = next((lift for youth, lift in FRESH if days < youth), 0.0)
    return score * min(1 + merit + fresh, MOST_LIFT)


def length_of(duration_ms: int | None) -> str:
    if duration_ms is None:
        return ""
    minutes = duration_ms / 60_000
    return next(name for name, (least, below) in LENGTHS.items() if least <= minutes < below)


def count(found: Sequence[Facts], chosen: Chosen) -> Counts:
    """{facet: {value: lectures}}; of each facet under what is chosen of the others, so that it can be widened."""
    columns = _columns(narrowed(found, chosen))
    columns |= {one: _columns(narrowed(found, chosen, but=one))[one] for one in FACETS if chosen.get(one)}
    return {facet: _counted(facet, columns[facet]) for facet in FACETS}


def narrowed(found: Sequence[Facts], chosen: Chosen, *, but: str = "") -> Sequence[Facts]:
    """Those that have what is chosen, of the facet `but` aside. Of a facet that is none, nobody has anything."""
    for facet, wanted in chosen.items():
        if wanted and facet != but:
            kept = _columns(found).get(facet) or [None] * len(found)
            right = {one for one in set(kept) if any(value in wanted for value in _counted(facet, [one]))}
            found = [one for one, held in zip(found, kept, strict=True) if held in right]
    return found


def _columns(found: Sequence[Facts]) -> dict[str, Sequence[Any]]:
    """What they have of each facet. Here and below, nothing of Python's is done for each of thousands."""
    traits = list(chain.from_iterable(map(attrgetter("traits"), found)))  # one after the other, each looked at once
    columns = {facet: traits[at :: len(_TRAITS)] for at, facet in enumerate(_TRAITS)}
    return {**columns, "place": list(map(attrgetter("places"), found))}


def _counted(facet: str, kept: Iterable[Any]) -> dict[str, int]:
    counts = Counter(chain.from_iterable(kept) if facet in _SEVERAL else kept)
    for nothing in _NOTHING:
        counts.pop(nothing, None)
    return {"1" if value is True else str(value): number for value, number in counts.items()}


def newest(found: Iterable[Facts]) -> list[Facts]:
    """Newest first, then by key, so that pages hold each one once."""
    by_key = sorted(found, key=attrgetter("lecture_id"))
    by_key.sort(key=attrgetter("published_at"), reverse=True)
    return by_key


def in_order(found: Sequence[Facts], scores: Mapping[int, float], order: str) -> Sequence[Facts]:
    """Best first, or as `order` says; equals, and what has no score, as they were: `found` is newest first."""
    match order:
        case "new":
            return found
        case "watched":
            return sorted(found, key=attrgetter("views"), reverse=True)
        case "featured":
            best = in_order(found, scores, "best")
            return sorted(best, key=attrgetter("traits.is_featured"), reverse=True)
        case _:
            scored = [one for one in found if one.lecture_id in scores]
            scored.sort(key=lambda one: scores[one.lecture_id], reverse=True)
            return [*scored, *(one for one in found if one.lecture_id not in scores)]


def text_score(wanted: Mapping[T, float], held: Mapping[T, float], length: float, usual_length: float) -> float:
    """BM25 of `wanted` {token: rarity} in a text that holds {token: weighted count} of them."""
    norm = K1 * (1 - B + B * length / max(usual_length, 1.0))
    return sum(wanted[token] * count * (K1 + 1) / (count + norm) for token, count in held.items())


def rarity(holders: int, of: int) -> float:
    """BM25's weight of a token that so many of all documents hold."""
    return math.log(1 + (max(of, holders) - holders + 0.5) / (holders + 0.5))
