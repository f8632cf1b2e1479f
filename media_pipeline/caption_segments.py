"""Captions as HLS wants them: WebVTT in pieces, and a playlist of them. Pure. (RFC 8216, 3.5 and 6.2.4)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from media_pipeline import captions
from media_pipeline.captions import Cue

# Fifteen segments of the picture: words are small, and each piece is one more request and one more object to put. A
# target duration of their own is allowed to captions, and to nothing else, in playlists that have ended.
SEGMENT_MS = 60_000
PLAYLIST = "playlist.m3u8"
# Our segments' decoding times begin at zero with the lecture, so a cue's time is the picture's.
TIMESTAMP_MAP = "X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n"


@dataclass(frozen=True)
class Piece:
    name: str
    duration_ms: int
    text: str


def pieces(cues: Sequence[Cue], duration_ms: int) -> list[Piece]:
    """All of the lecture, also where nobody speaks. A cue across a border stands in both pieces, with all its time."""
    made = []
    for number, start in enumerate(range(0, max(duration_ms, 1), SEGMENT_MS), 1):
        end = min(start + SEGMENT_MS, duration_ms)
        inside = [cue for cue in cues if cue.start_ms < end and cue.end_ms > start]
        made.append(Piece(f"{number:05}.vtt", end - start, captions.write(inside, header=TIMESTAMP_MAP)))
    return made


def playlist(made: Sequence[Piece]) -> str:
    target = max(1, -(-max((piece.duration_ms for piece in made), default=1000) // 1000))
    head = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{target}", "#EXT-X-MEDIA-SEQUENCE:1",
            "#EXT-X-PLAYLIST-TYPE:VOD"]  # fmt: skip
    body = [line for piece in made for line in (f"#EXTINF:{piece.duration_ms / 1000:.3f},", piece.name)]
    return "\n".join([*head, *body, "#EXT-X-ENDLIST", ""])
