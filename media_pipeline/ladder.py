"""Which versions are made of a source. Pure: MediaInfo in, Ladder out."""

from __future__ import annotations

from dataclasses import dataclass

from media_pipeline.media_info import MediaInfo

# short side, ceiling and buffer in kbit/s. The ceilings are insurance: slides stay far below them, a waving hand-held
# picture does not starve the phones it is meant for. Figures: measured on lectures at crf 22.
RUNGS = (
    (1080, 2800, 5600),
    (720, 1600, 3200),
    (480, 800, 1600),
    (360, 450, 900),
    (240, 250, 500),
)
AUDIO_KBITS = 96
# A talk gains nothing above 30 frames a second, and pays for each: 50 and 60 are halved.
MOST_FPS = 30.5
# A source between two rungs keeps its own size if the rung below would lose more than this part of its short side.
WORTH_ITS_OWN = 1.1


@dataclass(frozen=True)
class Rung:
    """`name` is the short side; sizes are even, because 4:2:0 halves them."""

    name: str
    width: int
    height: int
    maxrate: int
    bufsize: int


@dataclass(frozen=True)
class Ladder:
    """Rungs from the largest to the smallest. `fps` None: frame times are kept as they are (VFR)."""

    rungs: tuple[Rung, ...]
    fps: float | None
    has_audio: bool
    deinterlace: bool
    tone_map: bool


def plan(info: MediaInfo) -> Ladder:
    """Rungs by the short side and the real aspect, never larger than the source. `info` must have a video track."""
    video = info.picture
    short = min(video.width, video.height)
    sides = [(side, rate, buffer) for side, rate, buffer in RUNGS if side <= short]
    if video.is_hdr:
        sides = [row for row in sides if row[0] <= 720]  # tone mapping at 1080 costs more than the whole ladder
    top = sides[0][0] if sides else 0
    if short < RUNGS[0][0] and short > top * WORTH_ITS_OWN:
        sides = [(short, *_rates_above(short)), *sides]
    return Ladder(
        rungs=tuple(_rung(video.width, video.height, *row) for row in sides),
        fps=_fps(video.fps, video.is_constant),
        has_audio=info.audio is not None,
        deinterlace=video.is_interlaced,
        tone_map=video.is_hdr,
    )


def _rates_above(short: int) -> tuple[int, int]:
    """Of the smallest rung that is not smaller than `short`."""
    rate, buffer = RUNGS[0][1:]
    for side, maxrate, bufsize in RUNGS:
        if side >= short:
            rate, buffer = maxrate, bufsize
    return rate, buffer


def _rung(width: int, height: int, side: int, maxrate: int, bufsize: int) -> Rung:
    scale = side / min(width, height)
    return Rung(str(side), _even(width * scale), _even(height * scale), maxrate, bufsize)


def _even(pixels: float) -> int:
    return max(2, round(pixels / 2) * 2)


def _fps(fps: float, is_constant: bool) -> float | None:
    """A constant rate up to 30 is kept, a higher one halved until it fits; varying frame times are kept."""
    if fps <= 0:
        return None
    if fps <= MOST_FPS:
        return round(fps, 3) if is_constant else None
    while fps > MOST_FPS:
        fps /= 2
    return round(fps, 3)
