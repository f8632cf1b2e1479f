"""Captions that came inside a file, taken out of it as they are."""

from __future__ import annotations

import os
from pathlib import Path

from media_pipeline import captions, languages, runner, tools
from media_pipeline.captions import Cue
from media_pipeline.inspection import SAFE_INPUT
from media_pipeline.media_info import MediaInfo
from ui.sentences import Refused

TIMEOUT = 300.0
MOST_TRACKS = 8
UNKNOWN = "zh"  # what a file does not name is what most of our members speak


def take(source: Path, info: MediaInfo, scratch: Path) -> dict[str, tuple[str, tuple[Cue, ...]]]:
    """By language: a label and the cues; the first track of each language that holds any words."""
    found: dict[str, tuple[str, tuple[Cue, ...]]] = {}
    for track in info.texts[:MOST_TRACKS]:
        language = languages.tag(track.language) or UNKNOWN
        if language not in found and (cues := _cues(source, track.index, scratch / f"text-{track.index}.vtt")):
            found[language] = (track.title[:64], cues)
    return found


def _cues(source: Path, index: int, target: Path) -> tuple[Cue, ...]:
    """Nothing if they cannot be read: a lecture does not fail for its subtitles."""
    args = [
        tools.ffmpeg(), "-hide_banner", "-nostdin", "-v", "error", "-y", *SAFE_INPUT, "-vn", "-an", "-dn",
        "-i", os.fspath(source), "-map", f"0:{index}", "-map_metadata", "-1", "-c:s", "webvtt", "-f", "webvtt",
        os.fspath(target),
    ]  # fmt: skip
    try:
        if runner.run(args, timeout=TIMEOUT).returncode:
            return ()
        return captions.read(target.read_bytes())
    except (runner.TimedOut, FileNotFoundError, Refused):
        return ()
