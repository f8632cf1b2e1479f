"""Chapters as an author writes them: one by one, or pasted as a list, a line each. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from media_pipeline import chapters
from media_pipeline.caption_bytes import visible
from media_pipeline.chapters import Chapter
from ui.lengths import moment
from ui.sentences import Refused

MOST_LINES = 100
# 0:00, 12:34, 1:02:03, also with a Chinese keyboard's colon; then any sign between time and title, or none
_LINE = re.compile(r"\s*[\[(（【]?(?:(\d{1,2})[:：])?(\d{1,3})[:：](\d{2})[\])）】]?\s*[-–—|、.．:：]?\s*(.*)")


def read(text: str, duration_ms: int) -> list[Chapter]:
    """Raises Refused, naming the line at fault. Nothing at all means no chapters."""
    rows = [(number, line) for number, line in enumerate(visible(text).splitlines(), 1) if line.strip()]
    if len(rows) > MOST_LINES:
        raise Refused("chapters_too_many", field="chapters", limit=MOST_LINES)
    found = [_read_line(line, number, duration_ms) for number, line in rows]
    for (number, _), before, after in zip(rows[1:], found, found[1:], strict=False):
        if after.start_ms <= before.start_ms:
            raise Refused("chapters_out_of_order", field="chapters", line=number)
    return _from_zero(found)


def arranged(found: Iterable[tuple[int, str]], duration_ms: int) -> list[Chapter]:
    """Chapters given one by one, in any order, each by when it begins and its title, which may be empty. Raises
    Refused, naming the time at fault."""
    rows = sorted((start_ms, chapters.title(title)) for start_ms, title in found)
    if len(rows) > MOST_LINES:
        raise Refused("chapters_too_many", field="chapters", limit=MOST_LINES)
    for before, after in pairwise(rows):
        if before[0] == after[0]:
            raise Refused("chapters_same_time", field="chapters", at=moment(after[0]))
    if rows and not 0 <= rows[0][0] <= rows[-1][0] < duration_ms:
        at = moment(rows[-1][0] if rows[0][0] >= 0 else rows[0][0])
        raise Refused("chapters_outside", field="chapters", at=at, end=moment(duration_ms))
    return _from_zero([Chapter(start_ms, title) for start_ms, title in rows])


def _from_zero(found: list[Chapter]) -> list[Chapter]:
    return [Chapter(0), *found] if found and found[0].start_ms else found


def _read_line(line: str, number: int, duration_ms: int) -> Chapter:
    parts = _LINE.fullmatch(line)
    if parts is None or int(parts[3]) > 59 or (parts[1] and int(parts[2]) > 59):
        raise Refused("chapters_bad_line", field="chapters", line=number, words=line.strip()[:40])
    start_ms = ((int(parts[1] or 0) * 60 + int(parts[2])) * 60 + int(parts[3])) * 1000
    if start_ms >= duration_ms:
        raise Refused("chapters_after_the_end", field="chapters", line=number)
    if not (title := chapters.title(parts[4])):
        raise Refused("chapters_untitled", field="chapters", line=number)
    return Chapter(start_ms, title)


def write(found: list[Chapter], names: list[str]) -> str:
    """The same, for the author to edit."""
    return "\n".join(f"{_clock(one.start_ms)} {name}" for one, name in zip(found, names, strict=True))


def _clock(ms: int) -> str:
    seconds = ms // 1000
    hours = f"{seconds // 3600}:" if seconds >= 3600 else ""
    return f"{hours}{seconds // 60 % 60:02}:{seconds % 60:02}"
