"""HLS playlists: reading what ffmpeg wrote, writing what players read. Pure. (RFC 8216, and its successor's draft.)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

AAC_LC = "mp4a.40.2"
# A playlist without an end is taken for a broadcast, which players join at its newest moment; ours is joined at 0.
_START = "#EXT-X-START:TIME-OFFSET=0,PRECISE=YES"


class BadPlaylist(ValueError):
    """Not a media playlist we could serve."""


@dataclass(frozen=True)
class Segment:
    """`init`: of its own, where it was encoded by itself and its init segment is not the playlist's."""

    uri: str
    duration: float  # seconds
    init: str = ""


@dataclass(frozen=True)
class MediaPlaylist:
    init: str
    segments: tuple[Segment, ...]
    is_ended: bool

    @property
    def duration_ms(self) -> int:
        return round(sum(segment.duration for segment in self.segments) * 1000)

    @property
    def starts_ms(self) -> tuple[int, ...]:
        starts, at = [], 0.0
        for segment in self.segments:
            starts.append(round(at * 1000))
            at += segment.duration
        return tuple(starts)


@dataclass(frozen=True)
class Version:
    """What the master playlist says of one rung, or of one sound (sizes 0). Bandwidths in bit/s, of itself alone."""

    name: str
    width: int
    height: int
    codecs: str
    peak: int
    average: int
    fps: float | None = None
    language: str = ""  # BCP 47
    label: str = ""

    @property
    def is_audio(self) -> bool:
        return not self.width


@dataclass(frozen=True)
class Text:
    """Captions in one language: where their playlist is, seen from the master."""

    uri: str
    language: str  # BCP 47
    label: str


def parse(text: str) -> MediaPlaylist:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or lines[0] != "#EXTM3U":
        raise BadPlaylist("It does not begin with #EXTM3U.")
    init, here, duration, segments = "", "", None, []
    for line in lines[1:]:
        if line.startswith("#EXT-X-MAP:"):
            here = line.split('URI="', 1)[-1].split('"', 1)[0]
            init = init or here
        elif line.startswith("#EXTINF:"):
            duration = float(line.removeprefix("#EXTINF:").split(",")[0])
        elif not line.startswith("#"):
            if duration is None:
                raise BadPlaylist(f"{line} has no duration.")
            segments.append(Segment(line, duration, "" if here == init else here))
            duration = None
    if not init:
        raise BadPlaylist("It has no init segment.")
    return MediaPlaylist(init, tuple(segments), "#EXT-X-ENDLIST" in lines)


def media(playlist: MediaPlaylist, *, target: int = 1) -> str:
    """Of type VOD; of type EVENT while it grows: players look again, and begin at the beginning all the same.

    `target`: seconds that no segment will exceed, for one that grows: it must not change from one look to the next.
    """
    target = max([target, *(round(segment.duration) for segment in playlist.segments)])
    kind = "VOD" if playlist.is_ended else "EVENT"
    head = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{target}", "#EXT-X-MEDIA-SEQUENCE:1",
            f"#EXT-X-PLAYLIST-TYPE:{kind}", "#EXT-X-INDEPENDENT-SEGMENTS", *([] if playlist.is_ended else [_START]),
]  # fmt: skip
    return "\n".join([*head, *_body(playlist), *(["#EXT-X-ENDLIST"] if playlist.is_ended else []), ""])


def _body(playlist: MediaPlaylist) -> list[str]:
    """An init segment is named where it begins to hold."""
    lines, init = [f'#EXT-X-MAP:URI="{playlist.init}"'], playlist.init
    for one in playlist.segments:
        if (one.init or playlist.init) != init:
            init = one.init or playlist.init
            lines.append(f'#EXT-X-MAP:URI="{init}"')
        lines += [f"#EXTINF:{one.duration:.6f},", one.uri]
    return lines


def held(playlist: MediaPlaylist, last_frame_ms: int, until_ms: int) -> MediaPlaylist:
    """The same with its last frame shown until the end, as in the source: on the frame itself the muxer cannot see how
    long it stays, and players end with the picture. A playlist that lacks more than its last frame stays as it is."""
    missing = until_ms - playlist.duration_ms
    if not playlist.segments or not 0 < missing <= until_ms - last_frame_ms:
        return playlist
    *before, last = playlist.segments
    return replace(playlist, segments=(*before, replace(last, duration=last.duration + missing / 1000)))


def master(versions: Sequence[Version], *, texts: Sequence[Text] = (), growing: bool = False) -> str:
    """The largest rung first; sounds as renditions of their own: they can be listened to alone, and dubs can join.

    The first sound is the one that plays unless another is chosen, and the first captions are shown.
    """
    sounds = [one for one in versions if one.is_audio]
    rungs = sorted((one for one in versions if not one.is_audio), key=lambda one: -one.width * one.height)
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS", *([_START] if growing else [])]
    named = _distinct([one.label or "原声" for one in sounds])
    lines += [_sound(one, name, is_first=one is sounds[0]) for one, name in zip(sounds, named, strict=True)]
    named = _distinct([one.label for one in texts])
    lines += [_text(one, name, is_first=one is texts[0]) for one, name in zip(texts, named, strict=True)]
    captions = ['SUBTITLES="text"'] if texts else []
    for one in rungs:
        told = ",".join([*_stream(one, sounds), *captions])
        lines += [f"#EXT-X-STREAM-INF:{told}", f"{one.name}/playlist.m3u8"]
    return "\n".join([*lines, ""])


def _sound(one: Version, name: str, *, is_first: bool) -> str:
    return (
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="{name}",'
        f'LANGUAGE="{one.language or "zh"}",'
        f"DEFAULT={'YES' if is_first else 'NO'},AUTOSELECT=YES,"
        f'CHANNELS="2",URI="{one.name}/playlist.m3u8"'
    )


def _text(one: Text, name: str, *, is_first: bool) -> str:
    return (
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="{name}",LANGUAGE="{one.language}",'
        f'DEFAULT={"YES" if is_first else "NO"},AUTOSELECT=YES,FORCED=NO,URI="{one.uri}"'
    )


def _distinct(labels: Sequence[str]) -> list[str]:
    """No two of a group may have one name. What people wrote may hold neither the quotation mark nor a line's end."""
    named: list[str] = []
    for label in labels:
        name = quoted = " ".join(label.replace('"', "”").split()) or "–"
        number = 2
        while name in named:
            name, number = f"{quoted} {number}", number + 1
        named.append(name)
    return named


def _stream(one: Version, sounds: Sequence[Version]) -> list[str]:
    codecs = dict.fromkeys([one.codecs, *(sound.codecs for sound in sounds)])
    return [
        f"BANDWIDTH={one.peak + max((sound.peak for sound in sounds), default=0)}",
        f"AVERAGE-BANDWIDTH={one.average + max((sound.average for sound in sounds), default=0)}",
        f'CODECS="{",".join(codecs)}"',
        f"RESOLUTION={one.width}x{one.height}",
        *([f"FRAME-RATE={one.fps:.3f}"] if one.fps else []),
        *(['AUDIO="sound"'] if sounds else []),
    ]


def bandwidths(playlist: MediaPlaylist, sizes: Sequence[int]) -> tuple[int, int]:
    """`(peak, average)` bit/s of segments of these sizes. The peak is that of a segment, but a very short last one is
    measured together with the one before it: it is not what a player waits for."""
    rates, pending_bytes, pending_time = [], 0, 0.0
    for segment, size in zip(playlist.segments, sizes, strict=True):
        pending_bytes, pending_time = pending_bytes + size, pending_time + segment.duration
        if pending_time >= 1.0:
            rates.append(pending_bytes * 8 / pending_time)
            pending_bytes, pending_time = 0, 0.0
    total_time = sum(segment.duration for segment in playlist.segments)
    average = sum(sizes) * 8 / total_time if total_time else 0.0
    return round(max([*rates, average])), round(average)


def avc_codec(init: bytes) -> str:
    """`avc1.PPCCLL` from the avcC box of an init segment, as the bitstream really is."""
    at = init.find(b"avcC")
    if at < 0 or len(init) < at + 8:
        raise BadPlaylist("The init segment has no avcC box.")
    return f"avc1.{init[at + 5 : at + 8].hex()}"
