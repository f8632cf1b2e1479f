"""Listening to a source before anything of it is played."""

from __future__ import annotations

import logging
from pathlib import Path

from media_pipeline import languages, loudness, runner, tools
from media_pipeline.loudness import Heard
from media_pipeline.media_info import AudioTrack, MediaInfo

logger = logging.getLogger(__name__)
LEAST_TIME = 60.0  # seconds; decoding sound runs some hundred times faster than it is played


def hear(source: Path, info: MediaInfo) -> Heard | None:
    """How loud the source's sound is; None if it has none, or cannot be read alone: it stays as it is."""
    return measure(source, info.audio.index, info.duration_ms) if info.audio else None


def measure(source: Path, index: int, duration_ms: int) -> Heard | None:
    """The same of any of its sounds."""
    lines: list[str] = []
    args = [tools.ffmpeg(), *loudness.measure_command(source, index)]
    try:
        finished = runner.run(args, timeout=LEAST_TIME + duration_ms / 1000, on_line=lines.append)
    except runner.TimedOut:
        logger.warning("sound not measured in time", extra={"seconds": duration_ms // 1000})
        return None
    return loudness.read(lines, finished.stderr) if finished.returncode == 0 else None


def others(info: MediaInfo) -> list[AudioTrack]:
    """Sounds worth offering beside the default one: each in a language of its own that the file names."""
    if info.audio is None:
        return []
    known = {languages.tag(info.audio.language)}
    found = []
    for track in info.sounds[1:]:
        language = languages.tag(track.language)
        if language and language not in known:
            known.add(language)
            found.append(track)
    return found
