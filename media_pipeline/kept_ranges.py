"""The ranges of a source that a cut keeps, and how times move between the two. Pure.

Ranges are `(start_ms, end_ms)` in the source's time, in order and apart; none at all means that everything is kept. In
rows they are lists of lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from ui.lengths import moment
from ui.sentences import Refused

Range = tuple[int, int]
FOR_EVER = 2**31 - 1
LEAST_MS = 1000  # of all that is kept together
SHORTEST_MS = 100  # a single range
ONE_PICTURE_MS = 40  # nearer than this to each other or to an edge is there: nobody can mean less than a picture
OVERRUN_MS = 500  # players and files do not quite agree on how long a recording is
MOST = 100


def from_rows(kept: Sequence[Sequence[int]]) -> tuple[Range, ...]:
    """As a cut keeps them in JSON."""
    return tuple((start, end) for start, end in kept)


def chosen(ranges: Iterable[Any], duration_ms: int) -> tuple[Range, ...]:
    """What somebody asked to keep of a source of this length, in order and apart; empty if that is all of it.

    Refuses `cut_malformed`, `cut_backwards`, `cut_outside`, `cut_overlap`, `cut_too_many`, `cut_piece_too_short`,
    `cut_too_short`.
    """
    found = sorted(_read(one) for one in ranges)
    if len(found) > MOST:
        raise Refused("cut_too_many", field="kept", limit=MOST)
    for start, end in found:
        if end <= start:
            raise Refused("cut_backwards", field="kept")
        if start < 0 or end > duration_ms + OVERRUN_MS:
            raise Refused("cut_outside", field="kept", at=moment(start if start < 0 else end), end=moment(duration_ms))
    if any(later[0] < earlier[1] for earlier, later in pairwise(found)):
        raise Refused("cut_overlap", field="kept")
    kept = _joined([_edged(start, end, duration_ms) for start, end in found])
    if any(end - start < SHORTEST_MS for start, end in kept):
        raise Refused("cut_piece_too_short", field="kept")
    if length(kept) < min(LEAST_MS, duration_ms):
        raise Refused("cut_too_short", field="kept")
    return () if kept == ((0, duration_ms),) else kept


def _read(one: Any) -> Range:
    match one:
        case [int(start), int(end)] if not isinstance(start, bool) and not isinstance(end, bool):
            return start, end
    raise Refused("cut_malformed", field="kept")


def _edged(start_ms: int, end_ms: int, duration_ms: int) -> Range:
    """Drawn to the edges of the source where they are meant."""
    start = 0 if start_ms < ONE_PICTURE_MS else start_ms
    return start, duration_ms if end_ms > duration_ms - ONE_PICTURE_MS else end_ms


def _joined(ranges: Sequence[Range]) -> tuple[Range, ...]:
    kept: list[Range] = []
    for start, end in ranges:
        if kept and start - kept[-1][1] < ONE_PICTURE_MS:
            kept[-1] = (kept[-1][0], end)
        else:
            kept.append((start, end))
    return tuple(kept)


def length(kept: Sequence[Range]) -> int:
    """Of all ranges together, which must be some."""
    return sum(end - start for start, end in kept)


def left_out(kept: Sequence[Range], duration_ms: int) -> list[Range]:
    """The other parts of a source of this length."""
    edges = [0, *(edge for one in kept or [(0, duration_ms)] for edge in one), duration_ms]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]


def source_moment(at_ms: int, kept: Sequence[Range]) -> int:
    """A moment of the cut in the source's time; what would be behind its end is at the end."""
    at, last = 0, 0
    for first, last in kept or [(0, FOR_EVER)]:
        if at_ms < at + last - first:
            return first + max(at_ms - at, 0)
        at += last - first
    return last


def cut_moment(at_ms: int, kept: Sequence[Range]) -> int:
    """A moment of the source in the cut's time: of what is left out, where the cut goes on, or its end."""
    at = 0
    for first, last in kept or [(0, FOR_EVER)]:
        if at_ms < last:
            return at + max(at_ms - first, 0)
        at += last - first
    return at


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
