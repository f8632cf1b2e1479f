"""The boxes of MP4 (ISO/IEC 14496-12), as far as we change or check them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_HOLDERS = {b"moov", b"trak", b"mdia", b"mvex", b"moof", b"traf"}
_DROPPED = {b"edts", b"udta"}
# What a run of samples says of each, by the bits of its flags: length, size, flags, and when it is shown.
_DURATION, _SIZE, _FLAGS, _SHOWN = 0x100, 0x200, 0x400, 0x800
_OFFSET, _FIRST_FLAGS = 0x1, 0x4
_BASE, _DESCRIPTION, _USUAL_LENGTH = 0x1, 0x2, 0x8  # what a fragment's head says


class BadBoxes(ValueError):
    """Not a piece of a track as we make them."""


def plain_init(init: bytes) -> bytes:
    """An init segment without edit lists and notes: those boxes are called free, so that nothing moves.

    ffmpeg's edit list delays each track by what its frames are reordered. Browsers do not follow it, others do; our
    pieces need none, because their times begin at 0. Notes name the encoder at best.
    """
    changed = bytearray(init)
    for kind, start in _walk(init, 0, len(init)):
        if kind in _DROPPED:
            changed[start + 4 : start + 8] = b"free"
    return bytes(changed)


def begins_ms(init: bytes, segment: bytes) -> int:
    """When the first frame of a segment is shown, as browsers count: by its boxes alone. Raises BadBoxes."""
    body = _places(segment, b"tfdt", b"trun")
    at = body[b"tfdt"] + 8
    decoded = _number(segment, at + 4, 8 if segment[at] else 4)
    return round((decoded + _first_shown(segment, body[b"trun"] + 8)) * 1000 / _timescale(init))


def lasts_s(init: bytes, segment: bytes) -> float:
    """How long a segment of one run lasts, by what it says of each frame. Raises BadBoxes."""
    body = _places(segment, b"tfhd", b"trun")
    at = body[b"trun"] + 8
    flags, count = _number(segment, at + 1, 3), _number(segment, at + 4, 4)
    if not flags & _DURATION:
        return count * _usual_length(init, segment, body[b"tfhd"] + 8) / _timescale(init)
    first = at + 8 + 4 * sum(bool(flags & bit) for bit in (_OFFSET, _FIRST_FLAGS))
    stride = 4 * sum(bool(flags & bit) for bit in (_DURATION, _SIZE, _FLAGS, _SHOWN))
    return sum(_number(segment, first + stride * number, 4) for number in range(count)) / _timescale(init)


@dataclass(frozen=True)
class Timeline:
    """Of one segment, in ticks of its track: when its first frame is decoded, and when one after its last would be."""

    begin: int
    end: int
    frames: int


def timeline(init: bytes, segment: bytes) -> Timeline:
    """Raises BadBoxes."""
    at = _places(segment, b"tfdt")[b"tfdt"] + 8
    begin = _number(segment, at + 4, 8 if segment[at] else 4)
    lasts = round(lasts_s(init, segment) * _timescale(init))
    return Timeline(begin, begin + lasts, frames(segment))


def timescale(init: bytes) -> int:
    """Ticks a second."""
    return _timescale(init)


def moved(segment: bytes, ticks: int) -> bytes:
    """The same segment so much later: only the one number changes that says when it is decoded. Raises BadBoxes."""
    at = _places(segment, b"tfdt")[b"tfdt"] + 8
    size = 8 if segment[at] else 4
    later = _number(segment, at + 4, size) + ticks
    if later >= 1 << 8 * size:
        raise BadBoxes
    return segment[: at + 4] + later.to_bytes(size, "big") + segment[at + 4 + size :]


def _usual_length(init: bytes, segment: bytes, at: int) -> int:
    """Of a frame that nothing is said of: as the fragment's head has it, else the track's."""
    flags = _number(segment, at + 1, 3)
    if flags & _USUAL_LENGTH:
        return _number(segment, at + 8 + 8 * bool(flags & _BASE) + 4 * bool(flags & _DESCRIPTION), 4)
    return _number(init, _places(init, b"trex")[b"trex"] + 20, 4)


def _timescale(init: bytes) -> int:
    at = _places(init, b"mdhd")[b"mdhd"] + 8
    return _number(init, at + (20 if init[at] else 12), 4) or 1


def _places(data: bytes, *kinds: bytes) -> dict[bytes, int]:
    found = dict(_walk(data, 0, len(data)))
    if not set(kinds) <= set(found):
        raise BadBoxes
    return found


def frames(segment: bytes) -> int:
    """How many samples a segment says it holds."""
    runs = [start for kind, start in _walk(segment, 0, len(segment)) if kind == b"trun"]
    return sum(_number(segment, start + 12, 4) for start in runs)


def _first_shown(data: bytes, at: int) -> int:
    """Of the first sample in decoding order, which is a key and so the first shown: how long after it is decoded."""
    version, flags = data[at], _number(data, at + 1, 3)
    if not flags & _SHOWN:
        return 0
    at += 8 + 4 * sum(bool(flags & bit) for bit in (_OFFSET, _FIRST_FLAGS, _DURATION, _SIZE, _FLAGS))
    return _number(data, at, 4, signed=version > 0)


def _number(data: bytes, at: int, size: int, *, signed: bool = False) -> int:
    return int.from_bytes(data[at : at + size], "big", signed=signed)


def _walk(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int]]:
    """Kinds and places of the boxes between `start` and `end`, and in holders. Stops at what makes no sense."""
    while start + 8 <= end:
        size, kind = int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8]
        if size < 8 or start + size > end:
            return
        yield kind, start
        if kind in _HOLDERS:
            yield from _walk(data, start + 8, start + size)
        start += size
