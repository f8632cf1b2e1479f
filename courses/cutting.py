"""What an author writes on the trim page: where the lecture begins and ends, and what is left out in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from media_pipeline import kept_ranges
from media_pipeline.models import Cut
from ui.lengths import exact_moment, read_moment
from ui.sentences import Refused


@dataclass(frozen=True)
class Typed:
    """As it stands in the form; `out`: pairs of what is left out, from and to."""

    start: str
    end: str
    out: Sequence[tuple[str, str]]


def shown(cut: Cut, source_ms: int) -> Typed:
    """What is kept now."""
    kept = kept_ranges.from_rows(cut.kept) or ((0, source_ms),)
    between = [(before[1], after[0]) for before, after in pairwise(kept)]
    pairs = [(exact_moment(start), exact_moment(end)) for start, end in between]
    return Typed(exact_moment(kept[0][0]), exact_moment(kept[-1][1]), pairs)


def read(typed: Typed, source_ms: int) -> list[list[int]]:
    """The ranges to keep. An empty beginning or end is that of the recording; rows that are empty are left out."""
    start = _moment(typed.start) if typed.start.strip() else 0
    end = _moment(typed.end) if typed.end.strip() else source_ms
    if typed.end.strip() == exact_moment(source_ms):
        end = source_ms  # as it was shown, to the hundredth
    kept, at = [], start
    for first, last in sorted((_moment(a), _moment(b)) for a, b in typed.out if a.strip() or b.strip()):
        if last <= first:
            raise Refused("cut_backwards", field="kept")
        if first > at:
            kept.append([at, min(first, end)])
        at = max(at, last)
    if at < end or not kept:
        kept.append([at, end])
    return [one for one in kept if one[0] < one[1]] or [[start, end]]


def _moment(text: str) -> int:
    found = read_moment(text)
    if found is None:
        raise Refused("moment_unreadable", field="kept", words=text.strip()[:20])
    return found
