"""From ffprobe's JSON and packets to MediaInfo: which track, how large as displayed, how long really. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from media_pipeline.fields import FLAGS
from media_pipeline.media_info import (
    HDR_TRANSFERS,
    AudioTrack,
    Chapter,
    Colours,
    MediaInfo,
    TextTrack,
    VideoTrack,
)  # fmt: skip
from media_pipeline.packets import JUMPING_CONTAINERS, Packets, cuts

Stream = Mapping[str, Any]
Found = Mapping[int, Packets]  # by stream index

STILL_CODECS = {"mjpeg", "png", "bmp", "gif", "tiff", "webp", "jpeg2000", "jpegls", "ljpeg"}
TEXT_CODECS = {"subrip", "srt", "webvtt", "mov_text", "ass", "ssa", "text", "ttml", "subviewer", "microdvd"}
_NOTHING = Packets()
_NOTES_KEPT = 500
# More keys than this are thinned out to those where segments of four seconds can begin.
_MOST_KEYS, _SEGMENT_S = 1000, 4.0
# What is announced may lie. It is only believed to be missing where the file shows that it was cut.
_CUT_OFF = ("partial file", "ended prematurely", "Truncating packet", "Packet corrupt", "truncated")
_MISSING_S, _MISSING = 1.0, 0.02


def read(probed: Mapping[str, Any], found: Found, notes: str) -> MediaInfo:
    """`probed` is ffprobe's JSON of format, streams, chapters and the first packets."""
    streams: Sequence[Stream] = probed.get("streams", [])
    picture, sounds = picture_of(streams, found), sounds_of(streams, found)
    zero = _zero(probed.get("format", {}), [picture, *sounds], found)
    end = max((found[one["index"]].end for one in (picture, *sounds) if one and one["index"] in found), default=zero)
    return MediaInfo(
        container=_container(probed),
        duration_ms=_ms(end - zero),
        video=_video(picture, found, zero) if picture else None,
        sounds=tuple(_audio(one, found[one["index"]], zero) for one in sounds),
        texts=tuple(_text(one) for one in streams if _is_text(one)),
        chapters=_chapters(probed.get("chapters", []), end - zero),
        projection=_projection(picture) if picture else "",
        missing_ms=_missing_ms(probed, found, end - zero, notes),
        is_encrypted=any(_is_encrypted(one) for one in [*streams, *probed.get("packets", [])]),
        notes=notes.strip()[-_NOTES_KEPT:],
    )


# ---- which tracks ----


def picture_of(streams: Sequence[Stream], found: Found) -> Stream | None:
    """The stream that is the picture: the default one, else the first, and of several the largest; never a cover."""
    moving = [one for one in streams if one.get("codec_type") == "video" and not _is_cover(one, found)]
    with_packets = [one for one in moving if found.get(one["index"], _NOTHING).times]
    chosen = _defaults(with_packets or moving)
    return max(chosen, key=lambda one: int(one.get("width") or 0) * int(one.get("height") or 0), default=None)


def sounds_of(streams: Sequence[Stream], found: Found) -> list[Stream]:
    """All that can be heard, the default one first."""
    heard = [
        one
        for one in streams
        if one.get("codec_type") == "audio"
        and one.get("codec_name")
        and one.get("channels")
        and found.get(one["index"], _NOTHING).times
    ]
    first = _defaults(heard)[:1]
    return [*first, *(one for one in heard if one not in first)]


def _is_cover(stream: Stream, found: Found) -> bool:
    marks = stream.get("disposition", {})
    if marks.get("attached_pic") or marks.get("timed_thumbnails"):
        return True
    return stream.get("codec_name") in STILL_CODECS and len(found.get(stream["index"], _NOTHING).times) == 1


def _defaults(streams: Sequence[Stream]) -> list[Stream]:
    default = [one for one in streams if one.get("disposition", {}).get("default")]
    return default or list(streams[:1])


def _is_text(stream: Stream) -> bool:
    return stream.get("codec_type") == "subtitle" and stream.get("codec_name") in TEXT_CODECS


# ---- times ----


def _zero(container: Mapping[str, Any], streams: Sequence[Stream | None], found: Found) -> float:
    """Where ffmpeg counts from: the container's first time, of any track; else of those we use."""
    starts = [found[one["index"]].start for one in streams if one and found.get(one["index"], _NOTHING).times]
    said = _number(container.get("start_time"))
    return min(starts, default=0.0) if said is None else min([said, *starts])


def _missing_ms(probed: Mapping[str, Any], found: Found, length: float, notes: str) -> int:
    """By what the header says of lengths and frames, if the file shows that it was cut."""
    container, streams = _container(probed), probed.get("streams", [])
    if container in JUMPING_CONTAINERS:
        return 0  # nothing is announced there, only guessed from both ends
    announced = [_number(one.get("duration")) or 0.0 for one in (*streams, probed.get("format", {}))]
    fewer = False
    for one in streams:
        frames, seen = int(_number(one.get("nb_frames")) or 0), found.get(one["index"], _NOTHING)
        if one.get("codec_type") == "video" and frames > len(seen.times) * (1 + _MISSING) + 1:
            fewer = True
            if container == "avi" and seen.fps:  # where lengths are guessed, but frames are counted
                announced.append(frames / seen.fps)
    if not fewer and not any(words in notes for words in _CUT_OFF):
        return 0
    missing = max(announced, default=0.0) - length
    return _ms(missing) if missing > max(_MISSING_S, max(announced) * _MISSING) else 0


def _container(probed: Mapping[str, Any]) -> str:
    return str(probed.get("format", {}).get("format_name", ""))


def _chapters(chapters: Sequence[Mapping[str, Any]], length: float) -> tuple[Chapter, ...]:
    """Those that begin within the film; a player's own marks without a title too."""
    known = []
    for one in chapters:
        start, end = _number(one.get("start_time")) or 0.0, _number(one.get("end_time"))
        if start < length:
            title = _tag(one, "title")
            known.append(Chapter(_ms(start), _ms(min(length, length if end is None else end)), title))
    return tuple(sorted(known, key=lambda one: one.start_ms))


def _ms(seconds: float) -> int:
    return round(max(0.0, seconds) * 1000)


# ---- picture ----


def _video(stream: Stream, all_found: Found, zero: float) -> VideoTrack:
    found = all_found.get(stream["index"], _NOTHING)
    turn, mirrored = orientation(stream)
    stored = int(stream.get("width") or 0), int(stream.get("height") or 0)
    sar, transfer = ratio(stream.get("sample_aspect_ratio")), _word(stream, "color_transfer")
    width, height = round(stored[0] * sar), stored[1]
    if turn in {90, 270}:
        width, height = height, width
    dolby = _side(stream, "DOVI configuration record").get("dv_profile", 0)
    return VideoTrack(
        index=int(stream["index"]),
        codec=_word(stream, "codec_name"),
        width=width,
        height=height,
        rotation=turn,
        fps=found.fps,
        is_constant=found.is_constant,
        is_hdr=transfer in HDR_TRANSFERS or dolby == 5,
        start_ms=_ms(found.start - zero),
        last_ms=_ms(max(found.times, default=zero) - zero),
        end_ms=_ms(found.end - zero),
        frames=len(found.times),
        profile=_word(stream, "profile"),
        pixel_format=_word(stream, "pix_fmt"),
        coded_width=stored[0],
        coded_height=stored[1],
        sar=sar,
        mirrored=mirrored,
        field_order=_word(stream, "field_order"),
        fields="flagged" if stream.get("field_order") in FLAGS else "",
        colours=Colours(
            primaries=_word(stream, "color_primaries"),
            transfer=transfer,
            matrix=_word(stream, "color_space"),
            range=_word(stream, "color_range"),
        ),
        dolby_vision=int(dolby),
        kbits=_kbits(found),
        keys_ms=tuple(_ms(at - zero) for at in _keys(found)),
        longest_gop_ms=_ms(found.longest_gop),
        has_preroll=found.has_preroll,
    )


def orientation(stream: Stream) -> tuple[int, bool]:
    """`(degrees clockwise, mirrored)` from the display matrix, which counts anticlockwise, else from the older tag.
    Quarter turns only: nobody wants a tilt undone at the cost of the corners."""
    for side in stream.get("side_data_list", []):
        if (turned := _number(side.get("rotation"))) is not None:
            return round(-turned / 90) * 90 % 360, _is_mirrored(str(side.get("displaymatrix", "")))
    return round((_number(_tag(stream, "rotate")) or 0.0) / 90) * 90 % 360, False


def _is_mirrored(matrix: str) -> bool:
    """By its determinant. ffprobe prints `00000000:  0  65536  0` in three lines."""
    rows = [line.split(":")[1].split() for line in matrix.splitlines() if ":" in line]
    if len(rows) < 2:
        return False
    (a, b, *_), (c, d, *_) = ([int(word) for word in row] for row in rows[:2])
    return a * d - b * c < 0


def ratio(text: Any) -> float:
    """A pixel's width by its height; 1 where it is not said or makes no sense."""
    try:
        found = float(Fraction(str(text).replace(":", "/")))
    except (ValueError, ZeroDivisionError):
        return 1.0
    return found if math.isfinite(found) and 0.1 <= found <= 10 else 1.0


def _keys(found: Packets) -> tuple[float, ...]:
    return found.keys if len(found.keys) <= _MOST_KEYS else cuts(found.keys, _SEGMENT_S)


def _projection(stream: Stream) -> str:
    return str(_side(stream, "Spherical Mapping").get("projection", ""))


# ---- sound and text ----


def _audio(stream: Stream, found: Packets, zero: float) -> AudioTrack:
    return AudioTrack(
        index=int(stream["index"]),
        codec=_word(stream, "codec_name"),
        channels=int(stream.get("channels") or 0),
        end_ms=_ms(found.end - zero),
        start_ms=_ms(found.start - zero),
        profile=_word(stream, "profile"),
        kbits=_kbits(found),
        rate=int(_number(stream.get("sample_rate")) or 0),
        language=_language(stream),
        title=_title(stream),
    )


def _text(stream: Stream) -> TextTrack:
    return TextTrack(int(stream["index"]), _word(stream, "codec_name"), _language(stream), _title(stream))


def _language(stream: Stream) -> str:
    said = _tag(stream, "language").lower()
    return "" if said in {"und", "unknown", "mis", "zxx", "```"} else said


def _title(stream: Stream) -> str:
    return _tag(stream, "title")


# ---- words ----


def _kbits(found: Packets) -> int:
    length = found.end - found.start
    return round(found.bytes * 8 / length / 1000) if length > 0 else 0


def _word(stream: Stream, name: str) -> str:
    word = str(stream.get(name, ""))
    return "" if word in {"unknown", "N/A", "none", "reserved"} else word


def _tag(one: Mapping[str, Any], name: str) -> str:
    """Some containers write their tags in capitals."""
    return next((str(value).strip() for key, value in one.get("tags", {}).items() if key.lower() == name), "")


def _number(word: Any) -> float | None:
    try:
        number = float(word)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _side(stream: Stream, kind: str) -> Mapping[str, Any]:
    sides = (side for side in stream.get("side_data_list", []) if side.get("side_data_type") == kind)
    return next(sides, {})


def _is_encrypted(one: Mapping[str, Any]) -> bool:
    sides = " ".join(str(side.get("side_data_type", "")) for side in one.get("side_data_list", []))
    return one.get("codec_tag_string") in {"encv", "enca", "drmi", "drms"} or "ncryption" in sides
