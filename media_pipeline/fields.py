"""Interlaced pictures: who may be one, and what a look at some frames says. Pure.

Two half pictures, a fiftieth of a second apart, woven into one frame: what moves has teeth. Files often do not say so.
"""

from __future__ import annotations

import re

from media_pipeline.media_info import VideoTrack

FLAGS = {"tt", "bb", "tb", "bt"}  # ffprobe's words for top and bottom field first, as stored and as shown
# Sizes of television and camcorders. A phone or a screen recorder writes none of them interlaced.
HEIGHTS = {480, 486, 512, 576, 608, 1080, 1088}
_SD_WIDTHS = range(352, 769)
# Codecs of tape and broadcasting: here a missing word means nothing.
_TAPE = {"dvvideo", "mpeg2video", "mpeg1video", "prores", "dnxhd", "mjpeg", "rawvideo", "v210", "huffyuv", "ffvhuff",
         "utvideo", "ffv1", "vc1", "wmv3", "cfhd", "dirac"}  # fmt: skip
FRAMES_LOOKED_AT = 100
_SUMMARY = re.compile(r"Multi frame detection: TFF:\s*(\d+) BFF:\s*(\d+) Progressive:\s*(\d+)")


def is_doubtful(video: VideoTrack) -> bool:
    """Whether it is worth a look: what the file says is either that it is interlaced, or not to be relied on."""
    if video.field_order in FLAGS:
        return True
    if video.coded_height not in HEIGHTS:
        return False
    if video.coded_height < 1080:
        return video.coded_width in _SD_WIDTHS
    return video.coded_width == 1440 or (video.codec in _TAPE and video.field_order != "progressive")


def judged(video: VideoTrack, said: str) -> str:
    """Which field comes first, "tff" or "bff"; "flagged" if each frame says it itself; "" for whole pictures.

    said: what ffmpeg's idet says at its end. Pictures in which nothing moves say nothing; then the file is believed.
    """
    counts = _SUMMARY.findall(said)
    top, bottom, whole = (int(word) for word in counts[-1]) if counts else (0, 0, 0)
    is_flagged = video.field_order in FLAGS
    if top + bottom > whole:
        return "flagged" if is_flagged else ("tff" if top >= bottom else "bff")
    if is_flagged and whole < 5 * (top + bottom + 1):
        return "flagged"
    return ""
