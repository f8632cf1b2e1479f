"""What of a lecture has been watched, in words: the same words below the player, on cards and in the scripts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from ui import lengths

# Shorter gaps come from rounding, not from skipping; nobody can aim at them either.
SMALLEST_GAP_MS = 1000

Segments = Sequence[tuple[int, int]]  # (start, end) in ms, sorted and disjoint, as coverage keeps them


@dataclass(frozen=True)
class Gap:
    start_ms: int
    end_ms: int
    is_last: bool  # reaches to the end

    @property
    def seconds(self) -> int:
        return self.start_ms // 1000

    @property
    def label(self) -> str:
        start = lengths.moment(self.start_ms)
        if self.is_last:
            return gettext("Go to {start} and after").format(start=start)
        return gettext("Go to {start}–{end}").format(start=start, end=lengths.moment(self.end_ms))


def gaps(segments: Segments, duration_ms: int) -> list[Gap]:
    """What no segment covers, in order."""
    found, at = [], 0
    for start, end in [*segments, (duration_ms, duration_ms)]:
        if start - at >= SMALLEST_GAP_MS:
            found.append(Gap(at, start, is_last=start >= duration_ms))
        at = max(at, end)
    return found


def per_cent(segments: Segments, duration_ms: int) -> int:
    """Rounded down: 100 only when nothing is missing."""
    return min(100 * sum(end - start for start, end in segments) // duration_ms, 100) if duration_ms else 0


def says(segments: Segments, *, missing_ms: int | None, duration_ms: int, is_done: bool) -> str:
    """`看了62%，再看2分24秒就算看完。` `missing_ms` None: nobody has counted yet."""
    if is_done:
        return gettext("You have watched it all.")
    if missing_ms is None:
        return gettext("Not watched yet.")
    percent = per_cent(segments, duration_ms)
    more = lengths.time_left(missing_ms)
    if percent == 0:
        return gettext("Not watched yet. Watch {more} and it counts as finished.").format(more=more)
    return gettext("{percent}% watched; {more} more and it counts as finished.").format(percent=percent, more=more)


def in_short(segments: Segments, *, missing_ms: int, duration_ms: int) -> str:
    """`已看62%，再看2分24秒就看完`, below a line on a card."""
    percent = per_cent(segments, duration_ms)
    return gettext("{percent}% watched, {more} more to finish").format(
        percent=percent, more=lengths.time_left(missing_ms)
    )


def line_label(segments: Segments, duration_ms: int) -> str:
    """What the inked line says to those who cannot see it: `已看62%，缺03:10到03:40、05:56以后`."""
    missing = [
        gettext("after {start}").format(start=lengths.moment(gap.start_ms))
        if gap.is_last
        else gettext("{start} to {end}").format(start=lengths.moment(gap.start_ms), end=lengths.moment(gap.end_ms))
        for gap in gaps(segments, duration_ms)
    ]
    percent = per_cent(segments, duration_ms)
    if not missing:
        return gettext("{percent}% watched").format(percent=percent)
    return gettext("{percent}% watched, missing {parts}").format(percent=percent, parts=gettext(", ").join(missing))
