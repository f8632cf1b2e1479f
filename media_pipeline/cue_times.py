"""Times of cues, as people and programs write them. Pure."""

from __future__ import annotations

import re
import unicodedata

from ui.sentences import Refused

MOST_MS = 100 * 60 * 60 * 1000
# hours may be missing; a comma or a point before the thousandths, which may be missing or one or two digits
_TIME = re.compile(r"(?:(\d{1,4})\s?:\s?)?(\d{1,3})\s?:\s?(\d{1,2})(?:\s?[.,]\s?(\d{1,9}))?(?![\d:])")
# What people type for an arrow is one only between two whole times: "5:30 → 6:30" may be what somebody says.
_ARROW, _TYPED_ARROW = "-->", re.compile(r"->|-- >|[–—]\s?>|→")
_WHOLE_TIME = re.compile(r"\d{1,2}:\d{2}:\d{2}[.,]\d{1,3}")


def parse_line(line: str, number: int) -> tuple[int, int] | None:
    """`(start_ms, end_ms)` of a line that gives a cue's times; None for any other line. Raises Refused."""
    line = unicodedata.normalize("NFKC", line).strip()  # ０：００：０１，５００ from a Chinese keyboard
    before, arrow, after = line.partition(_ARROW)
    if not arrow:
        return _typed(line)
    before, after = before.strip(), after.strip()
    if ":" not in before or sum(character.isdigit() for character in before) < 3:
        return None  # words that hold an arrow
    start, end = _TIME.fullmatch(before), _TIME.match(after)  # after the end WebVTT may say where the cue stands
    times = (_ms(start) if start else None, _ms(end) if end else None)
    if times[0] is None or times[1] is None:
        raise Refused("captions_bad_time", field="file", line=number, words=line[:60])
    return times[0], times[1]


def _typed(line: str) -> tuple[int, int] | None:
    words = [word.strip() for word in _TYPED_ARROW.split(line, maxsplit=1)]
    if len(words) < 2 or not all(_WHOLE_TIME.fullmatch(word) for word in words):
        return None
    start, end = (_ms(time) if (time := _TIME.fullmatch(word)) else None for word in words)
    return None if start is None or end is None else (start, end)


def _ms(time: re.Match[str]) -> int | None:
    hours, minutes, seconds, fraction = time.groups()
    if int(seconds) > 59 or (hours and int(minutes) > 59):
        return None
    ms = ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int((fraction or "0").ljust(3, "0")[:3])
    return ms if ms <= MOST_MS else None


def write(ms: int) -> str:
    """`00:01:02.345`"""
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
