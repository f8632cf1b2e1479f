"""What is said and shown in a lecture, as windows of some seconds that are searched, and the sentence of a hit. Pure.

A cue of a caption is too short to hold a question's words; a window joins some, and overlaps the next by one cue, so
that nothing is torn apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from search import analysis
from search.analysis import Parts
from search.folding import is_joined
from search.query_language import Query

LEAST, MOST = 120, 200  # characters of a window
SENTENCE = 24  # a shorter cue is shown with the ones after it
SPEECH, SLIDE = "speech", "slide"


@dataclass(frozen=True)
class Cue:
    """A piece of speech, or the words of a slide, with its time in the lecture's cut."""

    start_ms: int
    end_ms: int
    text: str
    source: str = SPEECH
    language: str = "zh-hans"


@dataclass(frozen=True)
class Window:
    """Cues joined; `starts` are (place in the text, ms) of each."""

    start_ms: int
    end_ms: int
    text: str
    source: str
    language: str
    starts: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Moment:
    """A place in a lecture that answers a query: the second to go to, and what is said or shown there."""

    start_ms: int
    source: str
    parts: Parts

    @property
    def second(self) -> int:
        return self.start_ms // 1000


def windows_of(cues: Iterable[Cue]) -> tuple[Window, ...]:
    """In time's order, sources and languages apart. A slide is a window of its own."""
    sorted_cues = sorted((one for one in cues if one.text.strip()), key=lambda one: (one.source, one.language))
    made: list[Window] = []
    for (source, _), same in groupby(sorted_cues, key=lambda one: (one.source, one.language)):
        in_time = sorted(same, key=lambda one: one.start_ms)
        made += (_joined([one]) for one in in_time) if source == SLIDE else map(_joined, _groups(in_time))
    return tuple(sorted(made, key=lambda one: (one.start_ms, one.source, one.language)))


def _groups(cues: list[Cue]) -> Iterator[list[Cue]]:
    group: list[Cue] = []
    length = 0
    for cue in cues:
        if group and (length >= LEAST or length + len(cue.text) > MOST):
            yield group
            group = group[-1:] if len(group) > 1 else []
            length = sum(len(one.text) for one in group)
        group.append(cue)
        length += len(cue.text)
    if group:
        yield group


def _joined(cues: list[Cue]) -> Window:
    text = ""
    starts: list[tuple[int, int]] = []
    for cue in cues:
        piece = " ".join(cue.text.split())
        if text and not (is_joined(text[-1]) and is_joined(piece[0])):
            text += " "
        starts.append((len(text), cue.start_ms))
        text += piece
    first = cues[0]
    return Window(first.start_ms, max(one.end_ms for one in cues), text, first.source, first.language, tuple(starts))


def moment(window: Window, query: Query) -> Moment:
    """The cue of `window` that holds most of what was asked, with its time."""
    found = analysis.spans(window.text, query)
    bounds = [*(place for place, _ in window.starts), len(window.text)]
    marked = [sum(b - a for a, b in analysis.within(found, start, end)) for start, end in pairwise(bounds)]
    best = marked.index(max(marked))
    end = best + 1
    while end < len(marked) and bounds[end] - bounds[best] < SENTENCE:
        end += 1
    sentence = window.text[bounds[best] : bounds[end]].rstrip()
    here = analysis.within(found, bounds[best], bounds[best] + len(sentence))
    return Moment(window.starts[best][1], window.source, analysis.excerpt(sentence, here))
