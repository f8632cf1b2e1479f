"""What of a lecture has been watched, in words: the same words below the player, on cards and in the scripts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ui import lengths

# Shorter gaps come from rounding, not from skipping; nobody can aim at them either.
SMALLEST_GAP_MS = 1000

Segments = Iterable[tuple[int, int]]


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
            return _("Go to {start} and after").format(start=start)
        return _("Go to {start}–{end}").format(start=start, end=lengths.moment(self.end_ms))


def gaps(segments: Segments, duration_ms: int) -> list[Gap]:
    """What no segment covers, in order. Segments are sorted and disjoint, as coverage keeps them."""
    found, at = [], 0
    for start, end in [*segments, (duration_ms, duration_ms)]:
        if start - at >= SMALLEST_GAP_MS:
            found.append(Gap(at, start, is_last=start >= duration_ms))
        at = max(at, end)
    return found


def fraction(segments: Segments, duration_ms: int) -> float:
    return min(sum(end - start for start, end in segments) / duration_ms, 1.0) if duration_ms else 0.0


def says(segments: Segments, *, missing_ms: int | None, duration_ms: int, is_done: bool) -> str:
    """`看了62%，再看2分24秒就算看完。` `missing_ms` None: nobody has counted yet."""
    if is_done:
        return _("You have watched it all.")
    if missing_ms is None:
        return _("Not watched yet.")
    per_cent = int(100 * fraction(segments, duration_ms))
    more = lengths.spoken(-(-missing_ms // 1000) * 1000)
    if per_cent == 0:
        return _("Not watched yet. Watch {more} and it counts as finished.").format(more=more)
    return _("{percent}% watched; {more} more and it counts as finished.").format(percent=per_cent, more=more)


def line_label(segments: Segments, duration_ms: int) -> str:
    """What the inked line says to those who cannot see it: `已看62%，缺03:10到03:40、05:56以后`."""
    segments = list(segments)
    missing = [
        _("after {start}").format(start=lengths.moment(gap.start_ms))
        if gap.is_last
        else _("{start} to {end}").format(start=lengths.moment(gap.start_ms), end=lengths.moment(gap.end_ms))
        for gap in gaps(segments, duration_ms)
    ]
    percent = int(100 * fraction(segments, duration_ms))
    if not missing:
        return _("{percent}% watched").format(percent=percent)
    return _("{percent}% watched, missing {parts}").format(percent=percent, parts=_(", ").join(missing))
