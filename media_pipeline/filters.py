"""What is done to picture and sound on their way to the encoders: ffmpeg-python graphs, each filter with its reason."""

from __future__ import annotations

from typing import Any

from media_pipeline.ladder import Ladder
from media_pipeline.loudness import Loudness, levelled


def cascade(picture: Any, ladder: Ladder, *, can_tone_map: bool) -> list[Any]:
    """Each rung is scaled from the one above it: half the work of scaling each from the source."""
    # A picture that begins after the sound is shown from the beginning: players stop at a hole there.
    picture = picture.filter("setpts", "if(eq(N,0),0,PTS)")
    if ladder.deinterlace:
        picture = picture.filter("bwdif", mode="send_frame", deint="interlaced")  # cheaper than yadif, and cleaner
    if ladder.fps:
        picture = picture.filter("fps", ladder.fps)
    first, *rest = ladder.rungs
    picture = _scaled(picture, first.width, first.height).filter("setsar", 1)
    if ladder.tone_map and can_tone_map:
        picture = _tone_mapped(picture)
    picture = picture.filter("format", "yuv420p")  # what every player decodes
    streams = []
    for rung in rest:
        here = picture.filter_multi_output("split")
        streams.append(here[0])
        picture = _scaled(here[1], rung.width, rung.height)
    return [*streams, picture]


def _scaled(picture: Any, width: int, height: int) -> Any:
    return picture.filter("scale", width, height, flags="bicubic")


def _tone_mapped(picture: Any) -> Any:
    """HDR to the colours of ordinary screens; after scaling, because it costs by the pixel."""
    linear = picture.filter("zscale", t="linear", npl=100).filter("format", "gbrpf32le").filter("zscale", p="bt709")
    return linear.filter("tonemap", "hable", desat=0).filter("zscale", t="bt709", m="bt709", r="tv")


def sound(track: Any, loudness: Loudness | None) -> Any:
    # Fills the silence before a late track and inside gaps, so that sound and picture stay together.
    track = track.filter("aresample", **{"async": 1, "first_pts": 0})
    return levelled(track, loudness) if loudness else track
