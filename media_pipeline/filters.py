"""What is done to picture and sound on their way to the encoders: ffmpeg-python graphs, each filter with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import ffmpeg

from media_pipeline import colours
from media_pipeline.kept_ranges import Range
from media_pipeline.ladder import Ladder, Rung
from media_pipeline.loudness import Loudness, levelled
from media_pipeline.media_info import Colours, VideoTrack
from media_pipeline.pieces import Piece
from media_pipeline.stretches import EARLY_MS, Stretch

# How the source is opened for the cascade. Turning it is ours to do, after scaling, and the same in every ffmpeg.
# And if its size changes on the way the filters stay: made anew they would begin again at zero; the scaler copes.
AS_IT_LIES: dict[str, Any] = {"noautorotate": None, "reinit_filter": 0}

EARLY_S = 0.002  # times are rounded to whole milliseconds on the way; a frame is taken that much early
FADE_S = 0.005  # where sound is joined: too short to be heard, long enough not to click
LEAST_GAP_S = 0.024  # between frames; 30 a second are 0.033, with a phone's jitter

# (degrees clockwise, mirrored) as ffprobe reads the display matrix: how the picture is brought upright.
TURNS: dict[tuple[int, bool], list[tuple[str, dict[str, Any]]]] = {
    (0, False): [],
    (0, True): [("vflip", {})],
    (90, False): [("transpose", {"dir": "clock"})],
    (90, True): [("transpose", {"dir": "cclock_flip"})],
    (180, False): [("hflip", {}), ("vflip", {})],
    (180, True): [("hflip", {})],
    (270, False): [("transpose", {"dir": "cclock"})],
    (270, True): [("transpose", {"dir": "clock_flip"})],
}


def cascade(
    picture: Any,
    video: VideoTrack,
    ladder: Ladder,
    *,
    can_tone_map: bool,
    pieces: Sequence[Piece] = (),
    stretch: Stretch | None = None,
) -> list[Any]:
    """Each rung is scaled from the one above it: half the work of scaling each from the source."""
    picture = _timed(picture, stretch)
    picture = _paced(_cut(_deinterlaced(picture, video), pieces), ladder, stretch)
    picture = _taken_out(picture, ladder, stretch)
    first, *rest = ladder.rungs
    picture = _first(picture, video, first)
    if video.is_hdr and can_tone_map:
        picture = _tone_mapped(picture, video)
    for name, options in TURNS[video.rotation, video.mirrored]:
        picture = picture.filter(name, **options)
    # What every player decodes; and what its colours are, because players guess by the size where nothing is said.
    picture = _called(picture.filter("format", "yuv420p"), colours.ours(video))
    streams = []
    for rung in rest:
        here = picture.filter_multi_output("split")
        streams.append(here[0])
        picture = _scaled(here[1], rung.width, rung.height)
    return [*streams, picture]


def _deinterlaced(picture: Any, video: VideoTrack) -> Any:
    """bwdif: cheaper than yadif, and cleaner. A picture for each frame, not for each field: a talk needs no fifty."""
    if not video.fields:
        return picture
    if video.fields == "flagged":
        return picture.filter("bwdif", mode="send_frame", deint="interlaced")
    return picture.filter("bwdif", mode="send_frame", parity=video.fields, deint="all")


def _cut(picture: Any, pieces: Sequence[Piece]) -> Any:
    """Only the kept pieces, one after the other, each frame where it was within its piece."""
    if not pieces:
        return picture
    # trim ends the decoding; what is left out before that is decoded all the same: the source is read once, in order.
    picture = picture.filter("trim", end=_s(pieces[-1].end))
    inside = [f"gte(t,{_s(max(one.seen_from - EARLY_S, 0))})*lt(t,{_s(one.end - EARLY_S)})" for one in pieces]
    picture = picture.filter("select", "+".join(inside))
    # The frame that is seen when a piece begins began before it: it is moved to the beginning. A sum, one term of which
    # is not zero: ffmpeg reads no deeper than a hundred brackets.
    ends = [0.0, *(one.end - EARLY_S for one in pieces)]
    terms = [
        f"gte(T,{_s(since)})*lt(T,{_s(until)})*(max(T,{_s(one.start)})-{_s(one.start - one.at)})"
        for one, (since, until) in zip(pieces, pairwise(ends), strict=True)
    ]
    return picture.filter("setpts", f"round(({'+'.join(terms)})/TB)")


def _s(seconds: float) -> str:
    return f"{seconds:.4f}".rstrip("0").rstrip(".")


def _timed(picture: Any, stretch: Stretch | None) -> Any:
    """Times of the whole film, also where decoding began within it."""
    if stretch and stretch.seek_s:
        return picture.filter("setpts", f"round(PTS+{stretch.seek_s}/TB)")
    # A picture that begins after the sound is shown from the beginning: players stop at a hole there.
    return picture.filter("setpts", "if(eq(N,0),0,PTS)")


def _taken_out(picture: Any, ladder: Ladder, stretch: Stretch | None) -> Any:
    """Its own frames. On an even grid they are counted, and begin at 0: their place is told to the segments later.

    Where times vary they stay as they are, and the first frame of the next stretch is taken along, so that the muxer
    knows how long the last one stays.
    """
    if stretch is None:
        return picture
    if ladder.fps:
        first, end = stretch.frames(ladder.fps)
        limits = {"start_pts": first} if end is None else {"start_pts": first, "end_pts": end}
        return picture.filter("trim", **limits).filter("setpts", "PTS-STARTPTS")
    times = {"start": max(0, stretch.start_ms - EARLY_MS) / 1000}
    if stretch.end_ms is not None:
        times["end"] = (stretch.end_ms + EARLY_MS) / 1000
    return picture.filter("trim", **times)


def _paced(picture: Any, ladder: Ladder, stretch: Stretch | None) -> Any:
    """An even rate is made; uneven times are kept, but of bursts of 50 and 60 a second every second frame goes.

    Of which two frames one goes is counted anew where a stretch begins, so that those on both sides count alike.
    """
    if ladder.fps:
        return picture.filter("fps", ladder.fps)
    edges = [] if stretch is None else [at / 1000 for at in (stretch.start_ms, stretch.end_ms) if at]
    at_edge = "".join(f"+lt(abs(t-{at}),{EARLY_MS / 1000})" for at in edges)
    return picture.filter("select", f"isnan(prev_selected_t)+gte(t-prev_selected_t,{LEAST_GAP_S}){at_edge}")


def _first(picture: Any, video: VideoTrack, rung: Rung) -> Any:
    """To the largest rung's size, still lying as stored, with square pixels and of limited range."""
    size = (rung.height, rung.width) if video.rotation % 180 else (rung.width, rung.height)
    options: dict[str, Any] = {}
    if colours.is_full_range(video) and not video.is_hdr:
        options |= {"in_range": "full", "out_range": "limited"}
    if colours.is_rgb(video):
        options |= {"out_range": "limited", "out_color_matrix": colours.SCALER_MATRIX[colours.ours(video).matrix]}
    return _scaled(picture, *size, **options).filter("setsar", 1)


def _scaled(picture: Any, width: int, height: int, **options: Any) -> Any:
    return picture.filter("scale", width, height, flags="bicubic", **options)


def _tone_mapped(picture: Any, video: VideoTrack) -> Any:
    """HDR to the colours of ordinary screens; after scaling, because it costs by the pixel. First it is said what they
    are: many files leave half of it out, and zscale then finds no way."""
    linear = _called(picture, colours.of_hdr(video)).filter("zscale", t="linear", npl=100)
    linear = linear.filter("format", "gbrpf32le").filter("zscale", p="bt709")
    return linear.filter("tonemap", "hable", desat=0).filter("zscale", t="bt709", m="bt709", r="tv")


def _called(picture: Any, of: Colours) -> Any:
    return picture.filter(
        "setparams", range=of.range, color_primaries=of.primaries, color_trc=of.transfer, colorspace=of.matrix
    )


def kept(track: Any, ranges: Sequence[Range]) -> Any:
    """Of a sound only these ranges, one after another. Silence fills its holes first: times must mean what they say."""
    if not ranges:
        return track
    return _joined(sound(track, None), [(start / 1000, end / 1000) for start, end in ranges])


def sound(track: Any, loudness: Loudness | None, pieces: Sequence[Piece] = ()) -> Any:
    # Fills the silence before a late track and inside gaps, so that sound and picture stay together.
    track = track.filter("aresample", **{"async": 1, "first_pts": 0})
    track = levelled(track, loudness) if loudness else track
    return _joined(track, [(one.start, one.end) for one in pieces]) if pieces else track


def _joined(track: Any, spans: Sequence[tuple[float, float]]) -> Any:
    """Spans in seconds, joined to the sample, so that nothing adds up; the joins softened."""
    if len(spans) == 1:
        return _taken(track, *spans[0])
    branches = track.filter_multi_output("asplit", len(spans))
    taken = [_taken(branches[number], *one) for number, one in enumerate(spans)]
    for number, ((start, end), _) in enumerate(pairwise(spans)):
        taken[number] = taken[number].filter("afade", t="out", st=_s(max(end - start - FADE_S, 0)), d=FADE_S)
        taken[number + 1] = taken[number + 1].filter("afade", t="in", d=FADE_S)
    return ffmpeg.concat(*taken, v=0, a=1)


def _taken(track: Any, start: float, end: float) -> Any:
    return track.filter("atrim", start=_s(start), end=_s(end)).filter("asetpts", "PTS-STARTPTS")
