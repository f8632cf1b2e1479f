"""Which parts of a timeline were really played: unions of intervals in milliseconds, and the rule of completion.

Pure. Coverage is a list of `(start, end)`, sorted, disjoint, not touching, inside 0…duration.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Interval = tuple[int, int]
Covered = list[Interval]

COMPLETE_PERCENT = 90
COMPLETE_PERCENT_SHORT = 95  # of lectures under a minute, where a tenth is only a few seconds
SHORT_MS = 60_000
LEAST_GAP_MS = 1_000  # smaller holes come from rounding between two beats; nobody can go back for them


def union(intervals: Iterable[Sequence[int]], duration_ms: int) -> Covered:
    """The parts of 0…duration that any of the intervals covers."""
    inside = sorted((max(start, 0), min(end, duration_ms)) for start, end in intervals)
    covered: Covered = []
    for start, end in inside:
        if start >= end:
            continue
        if covered and start <= covered[-1][1]:
            covered[-1] = (covered[-1][0], max(covered[-1][1], end))
        else:
            covered.append((start, end))
    return covered


def add(covered: Iterable[Sequence[int]], start_ms: int, end_ms: int, duration_ms: int) -> Covered:
    return union([*covered, (start_ms, end_ms)], duration_ms)


def covered_ms(covered: Iterable[Sequence[int]]) -> int:
    return sum(end - start for start, end in covered)


def needed_percent(duration_ms: int) -> int:
    return COMPLETE_PERCENT_SHORT if duration_ms < SHORT_MS else COMPLETE_PERCENT


def needed_ms(duration_ms: int) -> int:
    """How much of a lecture this long has to be played to have seen it."""
    return -(-duration_ms * needed_percent(duration_ms) // 100)


def is_complete(seen_ms: int, duration_ms: int) -> bool:
    return duration_ms > 0 and seen_ms >= needed_ms(duration_ms)


def missing_ms(seen_ms: int, duration_ms: int) -> int:
    """How much more has to be played until it is complete."""
    return max(needed_ms(duration_ms) - seen_ms, 0)


def gaps(covered: Iterable[Sequence[int]], duration_ms: int, least_ms: int = LEAST_GAP_MS) -> Covered:
    """The parts not covered, from `least_ms` up."""
    found: Covered = []
    at = 0
    for start, end in covered:
        found.append((at, start))
        at = end
    found.append((at, duration_ms))
    return [(start, end) for start, end in found if end - start >= max(least_ms, 1)]


def per_cent(covered: Iterable[Sequence[int]], duration_ms: int) -> list[tuple[float, float]]:
    """For drawing: `(from, to)` in per cent of the line."""
    if duration_ms <= 0:
        return []
    return [(round(start * 100 / duration_ms, 2), round(end * 100 / duration_ms, 2)) for start, end in covered]
