"""Where a lecture's chapters begin: as the file says, else where its slides change. Pure.

A chapter is a slide or several. Lines that appear one by one, a shaking hand, a speaker in the corner and a picture
between two slides begin none.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from media_pipeline import cue_text, cue_times, glances, media_info
from media_pipeline.glances import Glance
from media_pipeline.kept_ranges import Range, kept_spans

SHORTEST_MS = 20_000  # shorter chapters are joined to the one before: nobody looks for ten seconds
MOST = 24
MOST_TITLE = 80
SHORTEST_LECTURE_MS = 60_000
# A slide that stays keeps about all of itself from one key frame to the next, one that changes loses a fifth or more.
# Between these bounds the lecture decides: what it usually keeps, less a margin. (Tried on plain and animated slides,
# with a speaker in the corner, filmed by hand, and on films: 0.30 to 0.87 is kept in a change, 0.83 to 1 otherwise.)
HIGHEST, LOWEST, MARGIN, SPREAD = 0.9, 0.45, 0.05, 2.0
FLICKER = 2  # changes in a row that are one change: a fade, a hand before the lens
MOVING = 0.5  # if more than this part of a lecture moves, it has no slides


@dataclass(frozen=True, order=True)
class Chapter:
    """Until the next one begins. `title` may be empty: then it is counted."""

    start_ms: int
    title: str = ""


@dataclass(frozen=True)
class Change:
    """Between these two moments, of the key frames before and after it."""

    after_ms: int
    by_ms: int


def from_container(found: Sequence[media_info.Chapter], duration_ms: int) -> list[Chapter]:
    """The file's own; none if there is only one, or if they do not fit."""
    inside = {one.start_ms: Chapter(one.start_ms, title(one.title)) for one in found if one.start_ms < duration_ms}
    return _usable(sorted(inside.values())) if len(inside) <= 4 * MOST else []


def title(text: str) -> str:
    """One line of plain text."""
    return " ".join(cue_text.plain(text).split())[:MOST_TITLE]


def _usable(chapters: list[Chapter]) -> list[Chapter]:
    if len(chapters) < 2:
        return []
    first, *rest = chapters
    return [Chapter(0, first.title), *rest]


def changes(seen: Sequence[Glance]) -> list[Change]:
    """Where another slide stands from then on."""
    scores = [_kept(seen, number) for number in range(len(seen) - 1)]
    least = _least(scores)
    runs = list(_runs([score < least for score in scores]))
    if sum(end - start for start, end in runs if end - start > FLICKER) > len(scores) * MOVING:
        return []
    found = []
    for start, end in runs:
        if end - start > FLICKER:  # a film within the lecture: it begins, and it ends
            found += [Change(seen[start].at_ms, seen[start + 1].at_ms), Change(seen[end - 1].at_ms, seen[end].at_ms)]
        elif glances.kept(seen[start], seen[end]) < least:  # else the same slide came back
            found.append(Change(seen[start].at_ms, seen[start + 1].at_ms))
    return found


def _kept(seen: Sequence[Glance], number: int) -> float:
    """From this key frame to the next, or to and from their neighbours, whichever is most: a hand that shook, or that
    passed before the lens, spoils one of them and not all."""
    most = glances.kept(seen[number], seen[number + 1])
    for before, after in ((number, number + 2), (number - 1, number + 1), (number - 1, number + 2)):
        if most < HIGHEST and before >= 0 and after < len(seen):
            most = max(most, glances.kept(seen[before], seen[after]))
    return most


def _least(scores: Sequence[float]) -> float:
    if not scores:
        return LOWEST
    usual = statistics.median(scores)
    return max(LOWEST, min(HIGHEST, 1 - SPREAD * (1 - usual) - MARGIN))


def _runs(flags: Sequence[bool]) -> Iterable[Range]:
    """`(first, one after the last)` of each row of true ones."""
    start = None
    for number, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = number
        elif not flag and start is not None:
            yield start, number
            start = None


def moment(change: Change, packets: Iterable[tuple[int, int, bool]]) -> int:
    """When exactly: the frame between the two that cost most. `packets`: time, size, is a key frame.

    If none costs as much as a new picture does, the key frame itself was it.
    """
    around = [packet for packet in packets if change.after_ms < packet[0] <= change.by_ms]
    between = [(size, at) for at, size, is_key in around if at < change.by_ms and not is_key]
    if not between:
        return change.by_ms
    size, at = max(between)
    usual = statistics.median(size for size, _ in between)
    key = max((size for _, size, is_key in around if is_key), default=0)
    return at if size >= max(1.2 * usual, key / 10) else change.by_ms


def of_slides(moments: Iterable[int], duration_ms: int) -> list[Chapter]:
    """Chapters that begin with these slides, none too short and not too many: the shortest joins the one before it."""
    if duration_ms < SHORTEST_LECTURE_MS:
        return []
    starts = sorted({0, *(at for at in moments if 0 < at < duration_ms)})
    while len(starts) > 1:
        lengths = [after - before for before, after in pairwise([*starts, duration_ms])]
        shortest = min(range(len(lengths)), key=lengths.__getitem__)
        if lengths[shortest] >= SHORTEST_MS and len(starts) <= MOST:
            break
        del starts[shortest or 1]
    return [Chapter(at) for at in starts] if len(starts) > 1 else []


def cut(chapters: Sequence[Chapter], kept: Sequence[Range], duration_ms: int) -> list[Chapter]:
    """From the source's time to that of a cut; a chapter that was left out wholly is gone."""
    moved = []
    for one, end in zip(chapters, [*(one.start_ms for one in chapters[1:]), duration_ms], strict=True):
        moved += [Chapter(start, one.title) for start, _ in kept_spans(one.start_ms, end, kept)]
    return moved


def webvtt(chapters: Sequence[Chapter], duration_ms: int, titles: Sequence[str]) -> str:
    """For the player. `titles`: as they are to be read, one for each."""
    ends = [*(one.start_ms for one in chapters[1:]), duration_ms][: len(chapters)]
    blocks = [
        f"{cue_times.write(one.start_ms)} --> {cue_times.write(end)}\n{cue_text.escaped(name)}\n"
        for one, end, name in zip(chapters, ends, titles, strict=True)
        if one.start_ms < end
    ]
    return "\n".join(["WEBVTT\n", *blocks])
