"""Listening to a source before anything of it is played."""

from __future__ import annotations

import logging
from pathlib import Path

from media_pipeline import loudness, runner, tools
from media_pipeline.loudness import Heard
from media_pipeline.media_info import MediaInfo

logger = logging.getLogger(__name__)
LEAST_TIME = 60.0  # seconds; decoding sound runs some hundred times faster than it is played


def hear(source: Path, info: MediaInfo) -> Heard | None:
    """How loud the source's sound is; None if it has none, or cannot be read alone: it stays as it is."""
    if info.audio is None:
        return None
    lines: list[str] = []
    args = [tools.ffmpeg(), *loudness.measure_command(source, info.audio.index)]
    try:
        finished = runner.run(args, timeout=LEAST_TIME + info.duration_ms / 1000, on_line=lines.append)
    except runner.TimedOut:
        logger.warning("sound not measured in time", extra={"seconds": info.duration_ms // 1000})
        return None
    return loudness.read(lines, finished.stderr) if finished.returncode == 0 else None
