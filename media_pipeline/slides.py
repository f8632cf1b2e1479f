"""Reads the writing on a lecture's slides, where `rapidocr` is installed: one picture of each slide, from the source.

About one second of CPU a slide (1280 × 720, one thread), 450 MB; in a process of its own, under limits of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from django.conf import settings

from jobs.errors import JobError
from media_pipeline import extras, kept_ranges, runner, slide_text, tools
from media_pipeline.extras import Off
from media_pipeline.inspection import SAFE_INPUT
from media_pipeline.kept_ranges import Range
from media_pipeline.slide_text import Slide

MOST_SLIDES = 80
LONG_SIDE = 1600  # small print is still read; larger pictures only cost more
MEMORY = 2 * 1024**3
SECONDS_A_SLIDE, SECONDS_TO_START = 20.0, 60.0
# A slide is read shortly before the next one comes: by then its lines are all there, and a fade has not begun.
BEFORE_NEXT_MS = 700


def off() -> Off | None:
    """Why slides are not read here; None if they are."""
    found = extras.python(settings.OCR_PYTHON, "OCR_PYTHON", "rapidocr")
    return found if isinstance(found, Off) else None


def spans(slides_ms: Sequence[int], duration_ms: int) -> list[tuple[int, int]]:
    """When each slide is shown: from one change to the next. The longest ones, if there are too many to read."""
    edges = sorted({0, *(at for at in slides_ms if 0 < at < duration_ms), duration_ms})
    found = sorted(pairwise(edges), key=lambda span: span[0] - span[1])[:MOST_SLIDES]
    return sorted(found)


def read(
    source: Path,
    track_index: int,
    shown: Sequence[Range],
    kept: Sequence[Range],
    scratch: Path,
    *,
    on_part: Callable[[float], None],
) -> list[Slide]:
    """`shown`: from `spans`, in the cut's time, as is what comes out. Call it only where `off()` is None.

    on_part: how much of it is done, 0 to 1, after each slide. Raises JobError.
    """
    program = extras.python(settings.OCR_PYTHON, "OCR_PYTHON", "rapidocr")
    if isinstance(program, Off):
        raise JobError(program.code, permanent=True, **program.params)
    pictures = _pictures(source, track_index, shown, kept, scratch)
    if not pictures:
        return []
    rows: list[str] = []

    def note(row: str) -> None:
        rows.append(row)
        on_part(len(rows) / len(pictures))

    command = [program, "-B", "-m", "media_pipeline.slide_reader", *pictures]
    timeout = SECONDS_TO_START + SECONDS_A_SLIDE * len(pictures)
    try:
        finished = runner.run(command, timeout=timeout, on_line=note, cwd=settings.BASE_DIR, memory=MEMORY)
    except runner.TimedOut as error:
        raise JobError("slides_too_slow") from error
    if finished.returncode:
        raise JobError("slides_failed", words=finished.stderr[-200:])
    return slide_text.slides(pictures, slide_text.read(rows))


def _pictures(
    source: Path, track_index: int, shown: Sequence[Range], kept: Sequence[Range], scratch: Path
) -> dict[str, Range]:
    """A picture of each slide, and when it is shown."""
    found = {}
    for number, (start, end) in enumerate(shown):
        picture = scratch / f"slide-{number:03}.png"
        moment = kept_ranges.source_moment(max((start + end) // 2, end - BEFORE_NEXT_MS), kept)
        if _take(source, track_index, moment, picture):
            found[str(picture)] = (start, end)
    return found


def _take(source: Path, track_index: int, at_ms: int, picture: Path) -> bool:
    """One frame of the source, upright. A moment at which it cannot be read is left out."""
    finished = runner.run(
        [
            tools.ffmpeg(), "-hide_banner", "-nostdin", "-v", "error", "-y", "-threads", "1", *SAFE_INPUT,
            "-ss", f"{at_ms / 1000:.3f}", "-i", os.fspath(source), "-map", f"0:{track_index}", "-frames:v", "1",
            "-vf", f"scale='if(gt(a,1),min({LONG_SIDE},iw),-2)':'if(gt(a,1),-2,min({LONG_SIDE},ih))'",
            "-map_metadata", "-1", "-update", "1", os.fspath(picture),
        ],
        timeout=60,
    )  # fmt: skip
    return finished.returncode == 0 and picture.is_file()
