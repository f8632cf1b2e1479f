"""What kinds of files a package has, and for how long who has one may keep it. Pure."""

from __future__ import annotations

from pathlib import PurePosixPath

DOWNLOAD = "lecture.mp4"  # of a package: all of it in one file, to be saved
TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mp4": "video/mp4",
    ".m4s": "video/iso.segment",
    ".jpg": "image/jpeg",
    ".vtt": "text/vtt; charset=utf-8",
}
# A playlist grows while it is written, and a master gets tracks later: asked for each time, answered by 304 mostly.
_CHANGING = {".m3u8": "private, no-cache"}
_FOR_GOOD = "private, max-age=604800, immutable"


def of(key: str) -> str:
    """The content type; empty for what no package has."""
    return TYPES.get(PurePosixPath(key).suffix, "")


def keeps(key: str) -> str:
    """Its Cache-Control."""
    return _CHANGING.get(PurePosixPath(key).suffix, _FOR_GOOD)


def stored_as(key: str) -> dict[str, str]:
    """What an object service is told with the bytes, so that it says the same when asked for them."""
    kind = of(key)
    return {"ContentType": kind, "CacheControl": keeps(key)} if kind else {"ContentType": "application/octet-stream"}
