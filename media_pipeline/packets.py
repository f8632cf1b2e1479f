"""The packets of a file, as ffprobe lists them: how long, how often, where the keys are. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

# ffmpeg's own rule for containers whose clock may jump: further than this, and it goes on where it was.
JUMP_S, BACK_S = 10.0, 0.1
JUMPING_CONTAINERS = {"mpegts", "mpeg", "ogg"}

Time = TypeVar("Time", int, float)


@dataclass(frozen=True)
class Packets:
    """Times of a track's packets in seconds, in order of presentation. Those that an edit list hides are left out."""

    times: tuple[float, ...] = ()
    end: float = 0.0
    keys: tuple[float, ...] = ()
    bytes: int = 0
    has_preroll: bool = False

    @property
    def start(self) -> float:
        return self.times[0] if self.times else 0.0

    @property
    def fps(self) -> float:
        if len(self.times) < 2 or self.times[-1] <= self.times[0]:
            return 0.0
        return (len(self.times) - 1) / (self.times[-1] - self.times[0])

    @property
    def is_constant(self) -> bool:
        """Gaps differ by no more than a clock's rounding; one in a hundred may (an edit, a lost frame)."""
        gaps = _gaps(self.times)
        if not gaps:
            return True
        usual = sorted(gaps)[len(gaps) // 2]
        odd = sum(abs(gap - usual) > max(0.002, usual * 0.1) for gap in gaps)
        return odd * 100 <= len(gaps)

    @property
    def longest_gop(self) -> float:
        """From one key to the next, or to the end. All of it if there is no key."""
        if not self.keys:
            return self.end - self.start
        return max([*_gaps(self.keys), self.end - self.keys[-1]])


@dataclass
class PacketLog:
    """Takes ffprobe's rows `stream_index,pts_time,dts_time,duration_time,size,flags` in the order of the file."""

    can_jump: bool = False
    count: int = 0
    _rows: dict[int, list[tuple[float, float, int, str]]] = field(default_factory=lambda: defaultdict(list))
    _next: dict[int, float] = field(default_factory=dict)
    _ends: dict[int, float] = field(default_factory=dict)
    _shift: float = 0.0

    def take(self, row: str) -> None:
        words = row.split(",")
        if len(words) < 6:
            return  # a line of side data
        try:
            stream, length = int(words[0]), max(_seconds(words[3]) or 0.0, 0.0)  # some files say less than none
            shown, sent = _seconds(words[1]), _seconds(words[2])
            size = int(words[4])
        except ValueError:
            return
        self.count += 1
        if shown is None:
            shown = sent
        if shown is None:  # a bare stream of pictures: one after the other
            shown = self._ends.get(stream, 0.0)
        self._ends[stream] = shown + length
        if self.can_jump and sent is not None:
            self._follow(stream, sent, length)
        self._rows[stream].append((shown + self._shift, length, size, words[5]))

    def _follow(self, stream: int, sent: float, length: float) -> None:
        """Where the clock jumps, go on where it was: for all tracks, as ffmpeg does when it decodes."""
        expected = self._next.get(stream)
        at = sent + self._shift
        if expected is not None and (abs(at - expected) > JUMP_S or at + BACK_S < expected):
            self._shift += expected - at
            at = expected
        self._next[stream] = at + length

    def track(self, stream: int) -> Packets:
        rows = self._rows.get(stream, [])
        shown = [row for row in rows if "D" not in row[3]]
        times = tuple(sorted(row[0] for row in shown))
        return Packets(
            times=times,
            end=max((at + length for at, length, _, _ in shown), default=0.0) + _last_gap(times, shown),
            keys=tuple(sorted(row[0] for row in shown if "K" in row[3])),
            bytes=sum(row[2] for row in shown),
            has_preroll=len(shown) < len(rows),
        )


def log(rows: Iterable[str], *, can_jump: bool = False) -> PacketLog:
    taken = PacketLog(can_jump)
    for row in rows:
        taken.take(row)
    return taken


def cuts(keys: Sequence[Time], every: Time) -> tuple[Time, ...]:
    """Those keys at which ffmpeg's HLS muxer begins a segment: the n-th cut is at the first key that is at least n
    times `every` after the first."""
    found = list(keys[:1])
    for at in keys:
        if at - keys[0] >= len(found) * every:
            found.append(at)
    return tuple(found)


def spread(cuts_ms: Sequence[int], end_ms: int, every_ms: int) -> tuple[int, ...]:
    """The cuts, and between those that are far apart more of them: even pieces of about `every_ms`."""
    found: list[int] = []
    for start, end in zip(cuts_ms, [*cuts_ms[1:], end_ms], strict=True):
        pieces = max(1, round((end - start) / every_ms))
        found += [start + (end - start) * number // pieces for number in range(pieces)]
    return tuple(found)


def is_seamless(rows: Iterable[str], keys: int) -> bool:
    """From ffmpeg's framemd5 rows `stream, dts, pts, duration, size, hash…` of the parameter sets (stream 0) and of the
    pictures that refer to none before (stream 1): one set all along, and each of the `keys` is such a picture."""
    sets, fresh = set(), 0
    for row in rows:
        words = [word.strip() for word in row.split(",")]
        if words[0] == "0":
            sets.add(words[5] if len(words) > 5 else "")
        fresh += words[0] == "1"
    return len(sets) == 1 and fresh == keys


def _seconds(word: str) -> float | None:
    return None if word in {"N/A", ""} else float(word)


def _gaps(times: tuple[float, ...]) -> list[float]:
    return [after - before for before, after in pairwise(times)]


def _last_gap(times: tuple[float, ...], rows: list[tuple[float, float, int, str]]) -> float:
    """The last packet lasts as long as is usual where the file does not say how long."""
    if not times or any(length for _, length, _, _ in rows):
        return 0.0
    gaps = sorted(_gaps(times))
    return gaps[len(gaps) // 2] if gaps else 0.0
