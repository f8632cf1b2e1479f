"""What colours our rungs have, and how the source's get there. Pure."""

from __future__ import annotations

from dataclasses import replace

from media_pipeline.media_info import HDR_TRANSFERS, Colours, VideoTrack

HD = Colours("bt709", "bt709", "bt709", "tv")
SD = Colours("smpte170m", "smpte170m", "smpte170m", "tv")
# What is said of a source and players understand stays as it is: converting would only lose. All else is guessed as
# players guess, once and for all rungs: they would guess anew for each size, and colours would change with the rung.
PRIMARIES = {"bt709", "smpte170m", "bt470bg", "bt2020"}
TRANSFERS = {"bt709", "smpte170m", "bt470bg", "iec61966-2-1", "bt2020-10", "bt2020-12"}
MATRICES = {"bt709", "smpte170m", "bt470bg", "bt2020nc"}
HD_FROM = 720  # short side; smaller pictures that say nothing are taken for standard television
# The names the scaler has for matrices, where it must make one out of RGB.
SCALER_MATRIX = {"bt709": "bt709", "smpte170m": "smpte170m", "bt470bg": "bt470", "bt2020nc": "bt2020"}


def ours(video: VideoTrack) -> Colours:
    """Of every rung; always of limited range, which is what all players and screens agree on."""
    if video.is_hdr:
        return HD
    said = video.colours
    usual = HD if min(video.coded_width, video.coded_height) >= HD_FROM else SD
    if said.matrix in MATRICES:
        usual = HD if said.matrix == "bt709" else SD
    return Colours(
        primaries=said.primaries if said.primaries in PRIMARIES else usual.primaries,
        transfer=said.transfer if said.transfer in TRANSFERS else usual.transfer,
        matrix=said.matrix if said.matrix in MATRICES else usual.matrix,
        range="tv",
    )


def is_full_range(video: VideoTrack) -> bool:
    """RGB is too, but the scaler knows that by itself."""
    return video.colours.range == "pc" or video.pixel_format.startswith("yuvj")


def is_rgb(video: VideoTrack) -> bool:
    return video.colours.matrix == "gbr" or video.pixel_format.startswith(("rgb", "bgr", "gbr", "argb", "abgr", "pal8"))


def of_hdr(video: VideoTrack) -> Colours:
    """What the source's colours are taken for; where it does not say, what HDR usually is."""
    said = video.colours
    return replace(
        said,
        primaries=said.primaries or "bt2020",
        transfer=said.transfer if said.transfer in HDR_TRANSFERS else "smpte2084",
        matrix=said.matrix if said.matrix in {"bt709", "bt2020nc", "bt2020c"} else "bt2020nc",
        range="pc" if is_full_range(video) else "tv",
    )
