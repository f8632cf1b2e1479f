"""What is in a file, as plain values. Read by the ladder, the refusals and the commands; kept as JSON on the asset."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

HDR_TRANSFERS = {"smpte2084", "arib-std-b67"}


@dataclass(frozen=True)
class Colours:
    """ffprobe's words; empty where the file says nothing. `range`: "tv" (limited) or "pc" (full)."""

    primaries: str = ""
    transfer: str = ""
    matrix: str = ""
    range: str = ""


@dataclass(frozen=True)
class VideoTrack:
    """`width` and `height` as displayed: after rotation, with square pixels. Times count from the container's first
    packet; `last_ms` is when the last frame begins. `keys_ms`: of its key frames, thinned in long films to those
    where segments can begin."""

    index: int
    codec: str
    width: int
    height: int
    rotation: int  # degrees clockwise that it is to be turned by: 0, 90, 180 or 270
    fps: float
    is_constant: bool  # frames are equally far apart
    is_hdr: bool
    start_ms: int
    last_ms: int
    end_ms: int
    frames: int
    profile: str = ""
    pixel_format: str = ""
    coded_width: int = 0  # as stored
    coded_height: int = 0
    sar: float = 1.0  # a pixel's width by its height
    mirrored: bool = False  # after it was turned: by its vertical axis, or by its horizontal one if it was not
    field_order: str = ""  # as the file says it; ffprobe's words
    fields: str = ""  # "tff", "bff": interlaced, all of it; "flagged": each frame says it itself; "": whole pictures
    colours: Colours = field(default_factory=Colours)
    dolby_vision: int = 0  # its profile; 0: none
    kbits: int = 0
    keys_ms: tuple[int, ...] = (0,)
    longest_gop_ms: int = 0
    has_preroll: bool = False  # an edit list hides its first frames
    is_decodable: bool = True
    is_seamless: bool = False  # H.264: can be begun at each key frame, and nothing about the picture changes on the way

    @property
    def is_interlaced(self) -> bool:
        return bool(self.fields)


@dataclass(frozen=True)
class AudioTrack:
    index: int
    codec: str
    channels: int
    end_ms: int
    start_ms: int = 0
    profile: str = ""
    kbits: int = 0
    rate: int = 0
    language: str = ""  # as the file says it: "zho", "eng"; empty: it does not
    title: str = ""


@dataclass(frozen=True)
class TextTrack:
    """Subtitles that are text, not pictures of it."""

    index: int
    codec: str
    language: str = ""
    title: str = ""


@dataclass(frozen=True)
class Chapter:
    start_ms: int
    end_ms: int
    title: str


@dataclass(frozen=True)
class MediaInfo:
    """`duration_ms` by the packets, not by the header, which may lie; `missing_ms`: what the header promised and is not
    there. `sounds`: the default one first. `notes`: what ffprobe grumbled about."""

    container: str
    duration_ms: int
    video: VideoTrack | None
    sounds: tuple[AudioTrack, ...]
    is_encrypted: bool
    notes: str
    texts: tuple[TextTrack, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    projection: str = ""  # "equirectangular": a picture all around
    missing_ms: int = 0

    @property
    def picture(self) -> VideoTrack:
        """The video track of a file that was not refused, and so has one."""
        if self.video is None:
            raise ValueError("There is no picture.")
        return self.video

    @property
    def audio(self) -> AudioTrack | None:
        return self.sounds[0] if self.sounds else None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(kept: dict[str, Any]) -> MediaInfo:
    """What `as_json` gave, after it was kept as JSON."""
    video = kept["video"]
    if video:
        video = VideoTrack(**video | {"colours": Colours(**video["colours"]), "keys_ms": tuple(video["keys_ms"])})
    tracks = {
        "video": video,
        "sounds": tuple(AudioTrack(**one) for one in kept["sounds"]),
        "texts": tuple(TextTrack(**one) for one in kept["texts"]),
        "chapters": tuple(Chapter(**one) for one in kept["chapters"]),
    }
    return MediaInfo(**kept | tracks)
