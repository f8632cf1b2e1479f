"""The ranges of a source that a cut keeps, and how times move between the two. Pure.

Ranges are `(start_ms, end_ms)` in the source's time, in order and apart; none at all means that everything is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

Range = tuple[int, int]
FOR_EVER = 2**31 - 1


def kept_spans(start_ms: int, end_ms: int, kept: Sequence[Range]) -> list[Range]:
    """Where something of the source stands in the cut: one span, however much is left out of its middle; else none."""
    begins = ends = None
    at = 0
    for first, last in kept or [(0, FOR_EVER)]:
        start, end = max(start_ms, first), min(end_ms, last)
        if start < end:
            begins = at + start - first if begins is None else begins
            ends = at + end - first
        at += last - first
    return [] if begins is None or ends is None else [(begins, ends)]


def restored_spans(start_ms: int, end_ms: int, kept: Sequence[Range]) -> list[Range]:
    """Where something of the cut stands in the source: a span for each range it touches."""
    spans, at = [], 0
    for first, last in kept or [(0, FOR_EVER)]:
        start, end = max(start_ms, at), min(end_ms, at + last - first)
        if start < end:
            spans.append((first + start - at, first + end - at))
        at += last - first
    return spans


def kept_moment(at_ms: int, kept: Sequence[Range]) -> int | None:
    """A moment of the source in the cut's time; None if it was left out."""
    at = 0
    for first, last in kept or [(0, FOR_EVER)]:
        if first <= at_ms < last:
            return at + at_ms - first
        at += last - first
    return None


def restored_moment(at_ms: int, kept: Sequence[Range]) -> int:
    """A moment of the cut in the source's time; past its end, the last one that is kept."""
    left = at_ms
    for first, last in kept or [(0, FOR_EVER)]:
        if left < last - first:
            return first + max(0, left)
        left -= last - first
    return kept[-1][1] if kept else at_ms
