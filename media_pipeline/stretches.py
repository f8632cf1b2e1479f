"""Where a long source is cut, so that several machines can encode it at once. Pure.

A stretch begins to be decoded a little before its first frame, at the source's key frame before that, and what comes
before is dropped: by then rate and fields have settled, and its frames are those that one process would have made.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from media_pipeline.ladder import SEGMENT_MS, Ladder
from media_pipeline.media_info import MediaInfo

# A frame belongs to a stretch if it is not before its start: two milliseconds early, because times are rounded to whole
# ones. So a frame is in exactly one stretch, and key frames forced by the same rule begin it.
EARLY_MS = 2
SETTLE_MS = 500
# Containers with an index of their packets, whose clocks do not jump; codecs whose key frames can be begun at. H.264's
# are looked at one by one (`is_seamless`): many of its encoders mark frames as keys that later ones reach across.
CONTAINERS = ("mov,mp4", "matroska")
CODECS = {"h264", "hevc", "vp8", "vp9", "av1"}
NEAR_MS = 8000  # how far from its even place a cut may move to come just after a key frame of the source


@dataclass(frozen=True)
class Stretch:
    """One range of the film, counted from 1. `end_ms` None: to the end."""

    number: int
    start_ms: int
    end_ms: int | None

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @property
    def seek_s(self) -> int:
        """Where decoding begins, in whole seconds: every clock has those exactly."""
        return max(0, self.start_ms - SETTLE_MS) // 1000

    def frames(self, fps: float) -> tuple[int, int | None]:
        """Its first frame and the next one's, on the even grid of the output."""
        return first_frame(self.start_ms, fps), None if self.end_ms is None else first_frame(self.end_ms, fps)


def first_frame(at_ms: int, fps: float) -> int:
    return max(0, math.ceil((at_ms - EARLY_MS) * fps / 1000 - 1e-6))


def can_be_cut(info: MediaInfo) -> bool:
    video = info.picture
    return all(
        (
            info.container.startswith(CONTAINERS),
            video.codec in CODECS,
            video.is_seamless or video.codec != "h264",
            info.missing_ms == 0,
            not video.has_preroll,
        )
    )


def plan(info: MediaInfo, ladder: Ladder, *, every_ms: int) -> tuple[Stretch, ...]:
    """Stretches of about `every_ms`; none if the source should rather be encoded as a whole."""
    if not can_be_cut(info):
        return ()
    edges = _edges(info, ladder, max(2, round(info.duration_ms / every_ms)))
    ends: list[int | None] = [*edges[1:], None]
    return tuple(Stretch(number, start, end) for number, (start, end) in enumerate(zip(edges, ends, strict=False), 1))


def _edges(info: MediaInfo, ladder: Ladder, count: int) -> list[int]:
    """0 and where cuts are made; empty if there is no place for one."""
    places, keys = _places(info, ladder), info.picture.keys_ms
    even = info.duration_ms // count
    edges = {0}
    for number in range(1, count) if places else ():
        edges.add(min(places, key=lambda at: _remoteness(at, even * number, even, keys)))
    found = sorted(edges)
    lengths = [end - start for start, end in pairwise([*found, info.duration_ms])]
    return found if len(found) > 1 and even // 3 <= min(lengths) and max(lengths) <= even * 3 else []


def _places(info: MediaInfo, ladder: Ladder) -> Sequence[int]:
    """Where pieces begin anyway. Where frame times vary it must be the very time of a frame: a key of the source."""
    keys = set(info.picture.keys_ms)
    if ladder.fps is None:
        wanted = keys if ladder.keys_ms is None else keys & set(ladder.keys_ms)
    else:
        wanted = set(range(SEGMENT_MS, info.duration_ms, SEGMENT_MS) if ladder.keys_ms is None else ladder.keys_ms)
    return sorted(at for at in wanted if SEGMENT_MS <= at <= info.duration_ms - SEGMENT_MS)


def _remoteness(at: int, wanted: int, even: int, keys: Sequence[int]) -> tuple[int, int]:
    """How bad a place is: outside of what is near first, then by what is decoded for nothing."""
    return max(0, abs(at - wanted) - min(NEAR_MS, even // 4)), _waste(at, keys)


def _waste(at: int, keys: Sequence[int]) -> int:
    """What is decoded for nothing when a stretch begins there."""
    begun = max(0, at - SETTLE_MS)
    place = bisect_right(keys, begun)
    return at - keys[place - 1] if place else at
