"""MediaInfo by hand, for what is decided from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from media_pipeline.media_info import AudioTrack, MediaInfo, VideoTrack

SOUND = AudioTrack(index=1, codec="aac", channels=2, end_ms=60_000)


def sound(**facts: Any) -> AudioTrack:
    return replace(SOUND, **facts)


def video(width: int = 1920, height: int = 1080, **facts: Any) -> VideoTrack:
    usual = {
        "index": 0,
        "codec": "h264",
        "profile": "High",
        "pixel_format": "yuv420p",
        "coded_width": width,
        "coded_height": height,
        "rotation": 0,
        "fps": 30.0,
        "is_constant": True,
        "is_hdr": False,
        "start_ms": 0,
        "last_ms": 59_967,
        "end_ms": 60_000,
        "frames": 1800,
        "kbits": 14_000,
        "keys_ms": tuple(range(0, 60_000, 2000)),
        "longest_gop_ms": 2000,
        "is_seamless": True,
    }
    return VideoTrack(width=width, height=height, **usual | facts)


def info(picture: VideoTrack | None, *sounds: AudioTrack | None, **facts: Any) -> MediaInfo:
    """With one sound track unless told otherwise; None for none."""
    heard = tuple(one for one in (sounds or (SOUND,)) if one)
    usual = {"container": "mov,mp4", "duration_ms": 60_000, "is_encrypted": False, "notes": ""}
    return MediaInfo(video=picture, sounds=heard, **usual | facts)
