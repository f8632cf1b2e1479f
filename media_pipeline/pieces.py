"""Kept ranges as the encoder needs them: where each stands in the cut, which picture is seen where it begins. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from media_pipeline.kept_ranges import Range, kept_spans, length
from media_pipeline.media_info import AudioTrack, MediaInfo


@dataclass(frozen=True)
class Piece:
    """One kept range, in seconds of the source, and where it begins in the cut.

    seen_from: when the frame began that is seen at `start`. A slide may have stood there for a minute already; by its
    own time it lies outside the range, and without it the end of the piece before would be seen instead.
    """

    start: float
    end: float
    seen_from: float
    at: float


def of(kept: Sequence[Range], frames: Sequence[float]) -> tuple[Piece, ...]:
    """frames: when each frame begins, in seconds and in order. Those before the first are seen from the beginning."""
    pieces, at = [], 0
    for start_ms, end_ms in kept:
        start = start_ms / 1000
        before = bisect_right(frames, start) - 1
        pieces.append(Piece(start, end_ms / 1000, frames[before] if before > 0 else 0.0, at / 1000))
        at += end_ms - start_ms
    return tuple(pieces)


def info_of_cut(info: MediaInfo, kept: Sequence[Range], frames: Sequence[float]) -> MediaInfo:
    """The source as if it had been recorded so; nothing of it can be copied."""
    duration_ms = length(kept)
    picture = info.picture
    last_ms = min(_last_frame_ms(kept, frames), duration_ms)
    picture = replace(
        picture, start_ms=0, last_ms=last_ms, keys_ms=(0,), is_seamless=False,
        end_ms=duration_ms - max(0, min(info.duration_ms, kept[-1][1]) - max(picture.end_ms, kept[-1][0])),
    )  # fmt: skip
    sounds = tuple(_sound_of_cut(one, kept) for one in info.sounds)
    return replace(info, duration_ms=duration_ms, video=picture, sounds=sounds, missing_ms=0)


def _last_frame_ms(kept: Sequence[Range], frames: Sequence[float]) -> int:
    """When the last frame begins in the cut; it may be the one that is seen where the last range begins."""
    start_ms, end_ms = kept[-1]
    last = bisect_left(frames, end_ms / 1000) - 1
    shown_ms = round(frames[last] * 1000) if last >= 0 else 0
    return length(kept) - (end_ms - max(shown_ms, start_ms))


def _sound_of_cut(sound: AudioTrack, kept: Sequence[Range]) -> AudioTrack:
    spans = kept_spans(0, sound.end_ms, kept)
    return replace(sound, start_ms=0, end_ms=spans[-1][1] if spans else 0)
