"""Listens to a source once, before anything of it is played: how loud it is, and its waveform."""

from __future__ import annotations

from pathlib import Path

from media_pipeline import loudness, runner, tools
from media_pipeline.loudness import Heard

# Decoding sound runs at hundreds of times its speed; a file that takes longer was made to wear us out.
LEAST_TIMEOUT, TIMES_FASTER = 60.0, 4


def listen(source: Path, track_index: int, duration_ms: int) -> Heard:
    """Never fails for what is in the file: sound that cannot be read is heard as silence, and gets no gain."""
    lines: list[str] = []
    timeout = max(LEAST_TIMEOUT, duration_ms / 1000 / TIMES_FASTER)
    args = [tools.ffmpeg(), *loudness.measure_command(source, track_index)]
    try:
        finished = runner.run(args, timeout=timeout, on_line=lines.append)
    except runner.TimedOut:
        return loudness.read([], "")
    return loudness.read(lines, finished.stderr)
