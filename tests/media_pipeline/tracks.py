"""MediaInfo by hand, for what is decided from it."""

from __future__ import annotations

from typing import Any

from media_pipeline.media_info import AudioTrack, MediaInfo, VideoTrack

SOUND = AudioTrack(index=1, codec="aac", channels=2, end_ms=60_000)


def video(width: int = 1920, height: int = 1080, **facts: Any) -> VideoTrack:
    usual = {
        "index": 0,
        "codec": "h264",
        "rotation": 0,
        "fps": 30.0,
        "is_constant": True,
        "is_interlaced": False,
        "is_hdr": False,
        "start_ms": 0,
        "last_ms": 59_967,
        "end_ms": 60_000,
        "frames": 1800,
    }
    return VideoTrack(width=width, height=height, **usual | facts)


def info(picture: VideoTrack | None, sound: AudioTrack | None = SOUND, **facts: Any) -> MediaInfo:
    usual = {"container": "mov,mp4", "duration_ms": 60_000, "is_encrypted": False, "notes": ""}
    return MediaInfo(video=picture, audio=sound, **usual | facts)
