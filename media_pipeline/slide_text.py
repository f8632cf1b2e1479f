"""What was read on slides, put in order: lines with their times, without what stands on every slide. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from media_pipeline import caption_bytes

LEAST_CONFIDENCE = 0.6  # below it, letters are guessed
LONGEST_LINE = 200
MOST_LINES = 60  # of one slide; more is a table or a page of code nobody searches in
# From so many slides on, a line that stands on this part of them belongs to the frame (the course's name, the firm's).
FRAME_SLIDES, FRAME_PART = 4, 0.6
_DIGITS = re.compile(r"\d+")
_WORTH_KEEPING = re.compile(r"[^\W\d_]{2,}|[\u4e00-\u9fff]")  # not page numbers, bullets and rules


@dataclass(frozen=True)
class ReadLine:
    """One line as it was read. `top` and `height` as parts of the picture's."""

    text: str
    confidence: float
    top: float = 0.0
    height: float = 0.0


@dataclass(frozen=True)
class Slide:
    """What stands on a slide that is shown between these moments, from top to bottom."""

    start_ms: int
    end_ms: int
    lines: tuple[ReadLine, ...] = field(default=())

    @property
    def heading(self) -> str:
        """The tallest line, if it stands in the upper half and out from the others; else empty."""
        tallest = max(self.lines, key=lambda line: line.height, default=None)
        if tallest is None or tallest.top >= 0.5:
            return ""
        others = sorted(line.height for line in self.lines)[:-1]
        return tallest.text if not others or tallest.height >= 1.2 * others[len(others) // 2] else ""


def read(rows: Iterable[str]) -> dict[str, tuple[ReadLine, ...]]:
    """By picture, from what the reader printed. What is not its JSON is not its answer."""
    found = {}
    for row in rows:
        try:
            told = json.loads(row)
            found[str(told["picture"])] = tuple(
                ReadLine(str(one["text"]), float(one["confidence"]), float(one["top"]), float(one["height"]))
                for one in told.get("lines", [])
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return found


def slides(spans: Mapping[str, tuple[int, int]], found: Mapping[str, Sequence[ReadLine]]) -> list[Slide]:
    """`spans`: when each picture's slide is shown. Slides on which nothing is left to read are left out."""
    kept = {name: _clean(lines) for name, lines in found.items() if name in spans}
    frame = _frame(list(kept.values()))
    made = []
    for name, (start_ms, end_ms) in sorted(spans.items(), key=lambda item: item[1]):
        if lines := tuple(line for line in kept.get(name, ()) if _pattern(line) not in frame)[:MOST_LINES]:
            made.append(Slide(start_ms, end_ms, lines))
    return made


def _clean(lines: Sequence[ReadLine]) -> list[ReadLine]:
    cleaned = (replace(line, text=_tidy(line.text)) for line in lines if line.confidence >= LEAST_CONFIDENCE)
    return sorted((line for line in cleaned if _WORTH_KEEPING.search(line.text)), key=lambda line: line.top)


def _tidy(text: str) -> str:
    return " ".join(caption_bytes.visible(text).split())[:LONGEST_LINE]


def _frame(pages: Sequence[Sequence[ReadLine]]) -> set[str]:
    if len(pages) < FRAME_SLIDES:
        return set()
    counted = Counter(pattern for lines in pages for pattern in {_pattern(line) for line in lines})
    return {pattern for pattern, count in counted.items() if count >= len(pages) * FRAME_PART}


def _pattern(line: ReadLine) -> str:
    """The same for "3/20 网络党校" and "4/20网络党校"."""
    return _DIGITS.sub("0", line.text.replace(" ", ""))
