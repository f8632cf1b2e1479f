"""Captions as members have them (WebVTT or SubRip, from a phone, an editing app or by hand) to cues and back. Pure.

What is read is kept as plain text: markup of any kind means nothing to us, and nothing of it reaches a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from media_pipeline import caption_bytes, cue_text, cue_times
from media_pipeline.kept_ranges import Range, kept_spans, restored_spans
from ui.sentences import Refused

MOST_BYTES = 2 * 1024 * 1024  # ten times the captions of a lecture of ninety minutes
MOST_CUES = 10_000
MOST_CHARACTERS = 1000  # of one cue; nobody reads more in the time it stands
MOST_MARKUP = 10_000  # of one cue, with all its tags: what is longer was made to wear us out
SHORTEST_MS = 50  # what is left of a cue at the edge of a cut, and cannot be read


@dataclass(frozen=True, order=True)
class Cue:
    """`text`: plain, one to a few lines, never empty."""

    start_ms: int
    end_ms: int
    text: str


@dataclass
class _Draft:
    """A cue as it is read: where its time stood, and its lines so far."""

    line: int
    start_ms: int
    end_ms: int
    lines: list[str]


def read(data: bytes) -> tuple[Cue, ...]:
    """The cues in order of time. Raises Refused, which names the line at fault where there is one."""
    if len(data) > MOST_BYTES:
        raise Refused("captions_too_large", field="file", limit=f"{MOST_BYTES // 1024 // 1024} MB")
    lines = caption_bytes.decode(data).split("\n")
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("["):  # [Script Info] of ASS, [00:12.00] of song lyrics
        raise Refused("captions_other_format", field="file")
    drafts = list(_drafts(lines, is_webvtt=first.startswith("WEBVTT")))
    if not drafts:
        raise Refused("captions_without_times", field="file")
    if len(drafts) > MOST_CUES:
        raise Refused("captions_too_many", field="file", limit=MOST_CUES)
    return _in_order(cue for draft in drafts if (cue := _cue(draft)))


def _drafts(lines: Sequence[str], *, is_webvtt: bool) -> Iterator[_Draft]:
    """A line with an arrow begins a cue. What follows is its text: in WebVTT up to an empty line; in SubRip, where
    people leave empty lines inside a cue, up to the next cue's number."""
    draft: _Draft | None = None
    is_open = False
    for number, line in enumerate(lines, 1):
        if times := cue_times.parse_line(line, number):
            if draft:
                yield _without_number(draft) if is_open else draft
            draft, is_open = _Draft(number, *times, []), True
        elif draft and is_open:
            is_open = bool(line.strip()) or not is_webvtt
            if is_open:
                draft.lines.append(line)
    if draft:
        yield draft


def _without_number(draft: _Draft) -> _Draft:
    """The last line before a cue's time is that cue's number, not this one's text."""
    if draft.lines and draft.lines[-1].strip().isdecimal():
        draft.lines.pop()
    return draft


def _cue(draft: _Draft) -> Cue | None:
    raw = "\n".join(draft.lines)
    text = cue_text.plain(raw) if len(raw) <= MOST_MARKUP else raw
    if not text:
        return None
    if draft.end_ms <= draft.start_ms:
        raise Refused("captions_backwards", field="file", line=draft.line)
    if len(text) > MOST_CHARACTERS:
        raise Refused("captions_cue_too_long", field="file", line=draft.line, limit=MOST_CHARACTERS)
    return Cue(draft.start_ms, draft.end_ms, text)


def _in_order(cues: Iterable[Cue]) -> tuple[Cue, ...]:
    """By time, each once. Cues may overlap: two people speak."""
    return tuple(sorted(set(cues)))


def clipped(cues: Iterable[Cue], duration_ms: int) -> tuple[Cue, ...]:
    """What of them lies inside a lecture of this length."""
    inside = (replace(cue, end_ms=min(cue.end_ms, duration_ms)) for cue in cues)
    return tuple(cue for cue in inside if cue.end_ms - cue.start_ms >= SHORTEST_MS)


def cut(cues: Iterable[Cue], kept: Sequence[Range]) -> tuple[Cue, ...]:
    """From the source's time to that of a cut which keeps these ranges."""
    return _moved((cue, kept_spans(cue.start_ms, cue.end_ms, kept)) for cue in cues)


def restored(cues: Iterable[Cue], kept: Sequence[Range]) -> tuple[Cue, ...]:
    """From a cut's time back to the source's; a cue across a join stands on both sides of what was left out."""
    return _moved((cue, restored_spans(cue.start_ms, cue.end_ms, kept)) for cue in cues)


def _moved(places: Iterable[tuple[Cue, list[Range]]]) -> tuple[Cue, ...]:
    """In order; what was one cue before a cut parted it is one again where its parts meet."""
    found: list[Cue] = []
    last: dict[str, int] = {}  # of each text, where in `found` it stands
    for cue in _in_order(Cue(start, end, cue.text) for cue, spans in places for start, end in spans):
        at = last.get(cue.text)
        if at is not None and cue.start_ms <= found[at].end_ms:
            found[at] = replace(found[at], end_ms=max(found[at].end_ms, cue.end_ms))
        else:
            last[cue.text] = len(found)
            found.append(cue)
    return tuple(cue for cue in found if cue.end_ms - cue.start_ms >= SHORTEST_MS)


def write(cues: Iterable[Cue], *, header: str = "") -> str:
    """WebVTT. Whatever stands in a cue's text stays text."""
    blocks = [
        f"{cue_times.write(cue.start_ms)} --> {cue_times.write(cue.end_ms)}\n{cue_text.escaped(cue.text)}\n"
        for cue in cues
    ]
    return "\n".join([f"WEBVTT\n{header}", *blocks])
