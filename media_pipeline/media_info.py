"""What is in a file, as plain values. Pure: made from ffprobe's words, read by the ladder and the refusals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

HDR_TRANSFERS = {"smpte2084", "arib-std-b67"}


@dataclass(frozen=True)
class VideoTrack:
    """`width` and `height` as displayed: after rotation, with square pixels. `is_constant`: frames equally far apart.
    Times count from the container's first packet; `last_ms` is when the last frame begins."""

    index: int
    codec: str
    width: int
    height: int
    rotation: int
    fps: float
    is_constant: bool
    is_interlaced: bool
    is_hdr: bool
    start_ms: int
    last_ms: int
    end_ms: int
    frames: int


@dataclass(frozen=True)
class AudioTrack:
    index: int
    codec: str
    channels: int
    end_ms: int


@dataclass(frozen=True)
class MediaInfo:
    """`duration_ms` by the packets, not by the header, which may lie. `notes`: what ffprobe grumbled about."""

    container: str
    duration_ms: int
    video: VideoTrack | None
    audio: AudioTrack | None
    is_encrypted: bool
    notes: str

    @property
    def picture(self) -> VideoTrack:
        """The video track of a file that was not refused, and so has one."""
        if self.video is None:
            raise ValueError("There is no picture.")
        return self.video

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Packets:
    """Times of a track's packets in seconds, in order of presentation."""

    times: tuple[float, ...]
    end: float

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
        gaps = [after - before for before, after in zip(self.times, self.times[1:], strict=False)]
        if not gaps:
            return True
        usual = sorted(gaps)[len(gaps) // 2]
        odd = sum(abs(gap - usual) > max(0.002, usual * 0.1) for gap in gaps)
        return odd * 100 <= len(gaps)


def packets(rows: Sequence[str]) -> Packets:
    """From ffprobe's `packet=pts_time,duration_time` rows, `1.5,0.04`; packets without a time are left out."""
    times, end = [], 0.0
    for row in rows:
        words = row.split(",")
        try:
            at = float(words[0])
            length = float(words[1]) if len(words) > 1 and words[1] not in {"N/A", ""} else 0.0
        except ValueError:
            continue
        times.append(at)
        end = max(end, at + length)
    return Packets(tuple(sorted(times)), end)


def read(probed: dict[str, Any], video: Packets, audio: Packets, notes: str) -> MediaInfo:
    """`probed` is ffprobe's JSON of format and streams."""
    streams = probed.get("streams", [])
    zero = min((one.start for one in (video, audio) if one.times), default=0.0)
    return MediaInfo(
        container=str(probed.get("format", {}).get("format_name", "")),
        duration_ms=_ms(max(video.end, audio.end) - zero),
        video=_video(picture_of(streams), video, zero),
        audio=_audio(sound_of(streams), audio, zero),
        is_encrypted=any(_is_encrypted(one) for one in [*streams, *probed.get("packets", [])]),
        notes=notes[-500:],
    )


def picture_of(streams: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The stream that is the picture: the default one, else the first; never a cover or a thumbnail."""
    moving = [
        stream
        for stream in streams
        if stream.get("codec_type") == "video" and not stream.get("disposition", {}).get("attached_pic")
    ]
    return _chosen(moving)


def sound_of(streams: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    heard = [
        one for one in streams if one.get("codec_type") == "audio" and one.get("codec_name") and one.get("channels")
    ]
    return _chosen(heard)


def _chosen(streams: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    default = [stream for stream in streams if stream.get("disposition", {}).get("default")]
    return next(iter(default or streams), None)


def _video(stream: dict[str, Any] | None, found: Packets, zero: float) -> VideoTrack | None:
    if stream is None:
        return None
    rotation = _rotation(stream)
    width, height = int(stream.get("width") or 0), int(stream.get("height") or 0)
    width = round(width * _ratio(stream.get("sample_aspect_ratio")))
    if rotation % 180:
        width, height = height, width
    return VideoTrack(
        index=int(stream["index"]),
        codec=str(stream.get("codec_name", "")),
        width=width,
        height=height,
        rotation=rotation,
        fps=found.fps,
        is_constant=found.is_constant,
        is_interlaced=stream.get("field_order") in {"tt", "bb", "tb", "bt"},
        is_hdr=stream.get("color_transfer") in HDR_TRANSFERS,
        start_ms=_ms(found.start - zero),
        last_ms=_ms(max(found.times, default=zero) - zero),
        end_ms=_ms(found.end - zero),
        frames=len(found.times),
    )


def _audio(stream: dict[str, Any] | None, found: Packets, zero: float) -> AudioTrack | None:
    if stream is None or not found.times:
        return None
    codec, channels = str(stream.get("codec_name", "")), int(stream.get("channels") or 0)
    return AudioTrack(int(stream["index"]), codec, channels, end_ms=_ms(found.end - zero))


def _ms(seconds: float) -> int:
    return round(max(0.0, seconds) * 1000)


def _rotation(stream: dict[str, Any]) -> int:
    """Degrees, 0 to 359; from the display matrix, or the older tag."""
    for side in stream.get("side_data_list", []):
        if "rotation" in side:
            return round(float(side["rotation"])) % 360
    return int(float(stream.get("tags", {}).get("rotate", 0))) % 360


def _ratio(text: Any) -> float:
    """A pixel's width by its height; 1 where it is not said or makes no sense."""
    try:
        ratio = float(Fraction(str(text).replace(":", "/")))
    except (ValueError, ZeroDivisionError):
        return 1.0
    return ratio if math.isfinite(ratio) and 0.1 <= ratio <= 10 else 1.0


def _is_encrypted(one: dict[str, Any]) -> bool:
    sides = " ".join(str(side.get("side_data_type", "")) for side in one.get("side_data_list", []))
    return one.get("codec_tag_string") in {"encv", "enca", "drmi", "drms"} or "ncryption" in sides
