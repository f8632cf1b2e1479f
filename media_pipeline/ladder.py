"""Which versions are made of a source. Pure: MediaInfo in, Ladder out."""

from __future__ import annotations

from dataclasses import dataclass

from media_pipeline.media_info import MediaInfo, VideoTrack
from media_pipeline.packets import cuts, spread

SEGMENT_MS = 4000
# short side, ceiling and buffer in kbit/s. The ceilings are insurance: slides stay far below them, a waving hand-held
# picture does not starve the phones it is meant for. Figures: measured on lectures at crf 22.
RUNGS = (
    (1080, 2800, 5600),
    (720, 1600, 3200),
    (480, 800, 1600),
    (360, 450, 900),
    (240, 250, 500),
)
# x264's measure of what may be lost, by the short side: writing on small rungs suffers first, and costs little to keep.
CRF = ((720, 22.4), (480, 21.3), (0, 20.3))
AUDIO_KBITS = 96
# A talk gains nothing above 30 frames a second, and pays for each: 50 and 60 are halved.
MOST_FPS = 30.5
LONGEST_TAIL_MS = 500
# A source between two rungs keeps its own size if the rung below would lose more than this part of its short side.
WORTH_ITS_OWN = 1.1
MOST_LONG_SIDE = 4096  # what decoders of phones take; reached only by pictures much wider than high

# What a rung of a plain lecture takes when we make it, in kbit/s by its short side: between a clean screen (297 at
# 1080) and a noisy phone (558), measured at crf 22. A source that takes no more is the better rung, and costs nothing.
USUAL_KBITS = ((1080, 430), (720, 240), (480, 140), (360, 100), (0, 70))
# What browsers play of H.264, and how it must lie in the file to be cut into segments without touching a frame.
PLAYABLE_PROFILES = {"Constrained Baseline", "Baseline", "Main", "High"}
PLAYABLE_FORMATS = {"yuv420p", "yuvj420p"}  # j: full range, as many phones write it, and as it says itself
# A player begins at a key and fetches up to the next: ten seconds of anything, a minute of what is small (a screen
# recorder writes a key every 250 frames, and has few frames).
LONGEST_GOP_MS, LONGEST_SMALL_GOP_MS, SMALL_GOP_KBIT = 10_000, 60_000, 16_000
LATEST_START_MS = 200
MOST_COPIED_FPS, MOST_COPIED_PIXELS, MOST_COPIED_KBITS = 61.0, 1920 * 1088, 25_000


@dataclass(frozen=True)
class Rung:
    """`name` is the short side; sizes are even, because 4:2:0 halves them."""

    name: str
    width: int
    height: int
    maxrate: int
    bufsize: int

    @property
    def crf(self) -> float:
        return next(crf for side, crf in CRF if side <= int(self.name))


@dataclass(frozen=True)
class Ladder:
    """Rungs to be encoded, from the largest to the smallest. `fps` None: frame times are kept as they are (VFR).

    copied: the source's own picture as the largest rung, by stream copy.
    keys_ms: where the others are cut beside a copied one: wherever it is, and in between; None: every four seconds.
    """

    rungs: tuple[Rung, ...]
    fps: float | None
    has_audio: bool
    copied: Rung | None = None
    keys_ms: tuple[int, ...] | None = None


def plan(info: MediaInfo, *, copying: bool = False) -> Ladder:
    """Rungs by the short side and the real aspect, never larger than the source. `info` must have a video track.

    copying: whether the source itself may become a rung; not where nothing can be copied or a copy proved unsound.
    """
    video = info.picture
    short = min(video.width, video.height)
    copied = _copied(info, short) if copying else None
    sides = _sides(video, short)
    smaller = [row for row in sides if row[0] * WORTH_ITS_OWN < short]
    if not smaller:
        copied = None  # the seek bar's pictures come from a rung of ours
    if copied:
        sides = smaller
    return Ladder(
        rungs=tuple(_rung(video.width, video.height, *row) for row in sides),
        # A last picture that stays while there is still sound is one long frame: times are then kept too.
        fps=_fps(video.fps, video.is_constant and info.duration_ms - video.end_ms <= LONGEST_TAIL_MS),
        has_audio=info.audio is not None,
        copied=copied,
        keys_ms=spread(cuts(video.keys_ms, SEGMENT_MS), info.duration_ms, SEGMENT_MS) if copied else None,
    )


def _sides(video: VideoTrack, short: int) -> list[tuple[int, int, int]]:
    """Rows of the table that the picture fills, and one for its own size where it lies well between two."""
    highest = MOST_LONG_SIDE * short // max(video.width, video.height)
    if video.is_hdr:
        highest = min(highest, 720)  # tone mapping at 1080 costs more than the whole ladder
    sides = [row for row in RUNGS if row[0] <= min(short, highest)]
    own = min(short, max(highest, 2))
    top = sides[0][0] if sides else 0
    if own < RUNGS[0][0] and own > top * WORTH_ITS_OWN:
        sides = [(own, *_rates_above(own)), *sides]
    return sides


def copyable(info: MediaInfo) -> bool:
    """Whether browsers play this picture as it is, and segments can be cut out of it without touching a frame."""
    video = info.picture
    return all(
        (
            video.codec == "h264",
            video.profile in PLAYABLE_PROFILES,
            video.pixel_format in PLAYABLE_FORMATS,
            video.rotation == 0 and not video.mirrored,  # segments carry no display matrix
            video.sar == 1.0,
            not video.is_interlaced,
            not video.is_hdr,
            video.coded_width * video.coded_height <= MOST_COPIED_PIXELS,
            video.fps <= MOST_COPIED_FPS,
            video.kbits <= MOST_COPIED_KBITS,
            _has_near_keys(video),
            video.keys_ms[:1] == (video.start_ms,),
            video.start_ms <= LATEST_START_MS,  # what comes late needs a picture to lead it in
            not video.has_preroll,  # segments carry no edit list
            video.is_seamless,
            info.missing_ms == 0,
        )
    )


def own(info: MediaInfo) -> Rung:
    """The source's own picture as a rung, for playing it as it is."""
    video = info.picture
    short = min(video.width, video.height)
    return Rung(str(short), video.width, video.height, *_rates_above(short))


def longest_piece_s(info: MediaInfo) -> int:
    """Whole seconds that no piece of the source's own picture exceeds: it is cut at its own key frames."""
    edges = [*cuts(info.picture.keys_ms, SEGMENT_MS), info.duration_ms]
    longest = max((end - start for start, end in zip([0, *edges], edges, strict=False)), default=SEGMENT_MS)
    return -(-longest // 1000)


def _has_near_keys(video: VideoTrack) -> bool:
    gop = video.longest_gop_ms
    return gop <= LONGEST_GOP_MS or (gop <= LONGEST_SMALL_GOP_MS and gop * video.kbits <= SMALL_GOP_KBIT * 1000)


def _copied(info: MediaInfo, short: int) -> Rung | None:
    """The source as it is, where it is playable and takes no more than what we would make of it."""
    usual = next(kbits for side, kbits in USUAL_KBITS if side <= short)
    return own(info) if copyable(info) and info.picture.kbits <= usual else None


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
    if fps <= 0 or not is_constant:
        return None
    while fps > MOST_FPS:
        fps /= 2
    return round(fps, 3)
