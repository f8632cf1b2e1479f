"""Whether a package keeps to HLS (RFC 8216 and its successor's draft) and says the truth about its bytes. Reads files,
believes nothing of ours: boxes and NAL units are parsed here again."""

from __future__ import annotations

import itertools
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf"}
STEP = 0.05  # seconds that times may differ by
ROUNDING = 0.02  # part by which rates may


def check(folder: Path) -> list[str]:
    """What is wrong, a sentence each; empty if nothing is."""
    text = (folder / "master.m3u8").read_text()
    faults = _head(text, "master")
    sounds = {one["URI"]: one for one in _tags(text, "EXT-X-MEDIA") if one["TYPE"] == "AUDIO"}
    texts = [one for one in _tags(text, "EXT-X-MEDIA") if one["TYPE"] == "SUBTITLES"]
    streams = [(_attributes(line), uri) for line, uri in re.findall(r"#EXT-X-STREAM-INF:(.*)\n(.*)", text)]
    tracks: dict[str, Track] = {}
    for uri in [*(uri for _, uri in streams), *sounds]:
        if uri.startswith("/") or "://" in uri or ".." in uri or not (folder / uri).is_file():
            return [*faults, f"{uri}: not a file of the package"]
        tracks[uri] = Track(folder / uri)
        faults += tracks[uri].faults
    for told, uri in streams:
        group = [tracks[one] for one, about in sounds.items() if about["GROUP-ID"] == told.get("AUDIO")]
        faults += [f"{uri}: {fault}" for fault in _stream(told, tracks[uri], group)]
        if told.get("SUBTITLES") not in ({one["GROUP-ID"] for one in texts} or {None}):
            faults.append(f"{uri}: SUBTITLES {told.get('SUBTITLES')}")
    pictures = [tracks[uri] for _, uri in streams]
    for one in texts:
        faults += _texts(folder, one["URI"], max(track.ends[-1] for track in pictures))
    return [*faults, *_together(pictures, [tracks[uri] for uri in sounds])]


def _stream(told: dict[str, str], track: Track, group: list[Track]) -> list[str]:
    faults = []
    if told.get("AUDIO") and not group:
        faults.append(f"its group {told['AUDIO']} has no sound")
    codecs = [track.codec, *dict.fromkeys(one.codec for one in group)]
    if told["CODECS"].split(",") != codecs:
        faults.append(f"CODECS {told['CODECS']}, but the bytes say {','.join(codecs)}")
    if told["RESOLUTION"] != f"{track.width}x{track.height}":
        faults.append(f"RESOLUTION {told['RESOLUTION']}, but the bytes say {track.width}x{track.height}")
    peak = track.peak + max((one.peak for one in group), default=0)
    average = track.average + max((one.average for one in group), default=0)
    for name, rate in (("BANDWIDTH", peak), ("AVERAGE-BANDWIDTH", average)):
        if abs(int(told[name]) - rate) > rate * ROUNDING:
            faults.append(f"{name} {told[name]}, but the bytes say {rate:.0f}")
    if "FRAME-RATE" in told and abs(float(told["FRAME-RATE"]) - track.fps) > track.fps * ROUNDING:
        faults.append(f"FRAME-RATE {told['FRAME-RATE']}, but there are {track.fps:.2f}")
    return faults


def _together(pictures: list[Track], sounds: list[Track]) -> list[str]:
    """Pieces of a coarse rung end where pieces of the finer ones do; all begin together, and end so."""
    faults = []
    starts = [track.begins for track in [*pictures, *sounds]]
    if max(starts) - min(starts) > STEP:
        faults.append(f"begin at {starts}")
    stops = [track.stops for track in [*pictures, *sounds]]
    if max(stops) - min(stops) > STEP:
        faults.append(f"stop at {stops}")
    finest = max(pictures, key=lambda track: len(track.ends))
    for track in pictures:
        astray = [end for end in track.ends if min(abs(end - other) for other in finest.ends) > STEP]
        if astray:
            faults.append(f"{track.name}: pieces end at {astray[:3]}, others do not")
    return faults


def _texts(folder: Path, uri: str, lasts: float) -> list[str]:
    """Captions lie beside the package, one folder up: all of the lecture, in pieces that are WebVTT."""
    path = folder / uri
    if not re.fullmatch(r"\.\./[\w-]+/playlist\.m3u8", uri) or not path.is_file():
        return [f"{uri}: not a playlist beside the package"]
    text = path.read_text()
    faults = [] if text.startswith("#EXTM3U\n") else [f"{uri}: does not begin with #EXTM3U"]
    if "PLAYLIST-TYPE:VOD" not in text or not text.endswith("#EXT-X-ENDLIST\n"):
        faults.append(f"{uri}: captions of what is over have an end")
    pieces = [(float(length), name) for length, name in re.findall(r"#EXTINF:([\d.]+),.*\n(.*)", text)]
    if any(round(length) > int(re.findall(r"#EXT-X-TARGETDURATION:(\d+)", text)[0]) for length, _ in pieces):
        faults.append(f"{uri}: a piece is longer than its target")
    if abs(sum(length for length, _ in pieces) - lasts) > STEP:
        faults.append(f"{uri}: lasts {sum(length for length, _ in pieces):.3f} s, the picture {lasts:.3f}")
    for _, name in pieces:
        piece = path.parent / name
        if "/" in name or not piece.is_file() or not piece.read_text().startswith("WEBVTT\nX-TIMESTAMP-MAP="):
            faults.append(f"{uri}: {name} is no WebVTT with the time it begins at")
    return faults


@dataclass
class Track:
    """One media playlist and the pieces it names."""

    path: Path
    faults: list[str] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.name = self.path.parent.name
        text = self.path.read_text()
        self.faults += _head(text, self.name)
        self.init = (self.path.parent / _tags(text, "EXT-X-MAP")[0]["URI"]).read_bytes()
        pieces = [(float(length), uri) for length, uri in re.findall(r"#EXTINF:([\d.]+),.*\n(.*)", text)]
        target = int(re.findall(r"#EXT-X-TARGETDURATION:(\d+)", text)[0])
        if any(round(length) > target for length, _ in pieces):
            self.faults.append(f"{self.name}: a piece is longer than its target of {target} s")
        self._describe()
        self._read(pieces)

    def _describe(self) -> None:
        found = dict(boxes(self.init))
        for kind in (b"edts", b"udta", b"meta"):
            if kind in found:
                self.faults.append(f"{self.name}: its head has {kind.decode()}")
        self.timescale = struct.unpack(">I", found[b"mdhd"][12:16])[0]
        at = self.init.find(b"avcC")
        self.is_audio = at < 0
        if self.is_audio:
            self.codec, self.width, self.height = _aac(self.init), 0, 0
        else:
            self.codec = f"avc1.{self.init[at + 5 : at + 8].hex()}"
            entry = self.init.find(b"avc1") + 4  # the box is read from its kind on
            self.width, self.height = struct.unpack(">HH", self.init[entry + 24 : entry + 28])

    def _read(self, pieces: list[tuple[float, str]]) -> None:
        sizes, frames, expected = [], 0, None
        for number, (length, uri) in enumerate(pieces):
            if "/" in uri:
                self.faults.append(f"{self.name}/{uri}: not a file beside its playlist")
            data = (self.path.parent / uri).read_bytes()
            piece = Piece(data, self.timescale)
            if expected is not None and abs(piece.decodes - expected) > 1 / 1000:
                self.faults.append(f"{self.name}/{uri}: begins at {piece.decodes:.3f}, {expected:.3f} was due")
            expected = piece.decodes + piece.lasts
            self.stops = piece.stops
            if number == 0:
                self.begins = piece.shows
            if number < len(pieces) - 1 and abs(piece.lasts - length) > STEP * 2:
                self.faults.append(f"{self.name}/{uri}: lasts {piece.lasts:.3f} s, not {length:.3f}")
            if not self.is_audio and not piece.begins_with_a_key:
                self.faults.append(f"{self.name}/{uri}: does not begin with a key frame")
            sizes.append(len(data))
            frames += piece.frames
            self.ends.append((self.ends[-1] if self.ends else 0.0) + length)
        total = sum(length for length, _ in pieces)
        self.average = sum(sizes) * 8 / total
        self.fps = frames / total
        whole = [size * 8 / length for size, (length, _) in zip(sizes, pieces, strict=True) if length >= 1]
        self.peak = max([*whole, self.average])


class Piece:
    """One media segment with one run of samples."""

    def __init__(self, data: bytes, timescale: int) -> None:
        found = dict(boxes(data))
        time, run, head = found[b"tfdt"], found[b"trun"], found[b"tfhd"]
        self.decodes = (struct.unpack(">Q", time[4:12]) if time[0] else struct.unpack(">I", time[4:8]))[0] / timescale
        flags, self.frames = struct.unpack(">I", b"\0" + run[1:4])[0], struct.unpack(">I", run[4:8])[0]
        at = 8 + 4 * bool(flags & 1) + 4 * bool(flags & 4)
        names = [
            name
            for bit, name in ((0x100, "length"), (0x200, "size"), (0x400, "flags"), (0x800, "shift"))
            if flags & bit
        ]
        rows = [
            dict(zip(names, struct.unpack_from(f">{len(names)}i", run, at + 4 * len(names) * number), strict=True))
            for number in range(self.frames)
        ]
        usual = _usual_length(head)
        lengths = [row.get("length", usual) for row in rows]
        self.lasts = sum(lengths) / timescale
        decoded = [0, *itertools.accumulate(lengths)]
        shown = [at + row.get("shift", 0) for at, row in zip(decoded, rows, strict=False)]
        self.shows = self.decodes + min(shown) / timescale
        last = max(range(self.frames), key=shown.__getitem__)
        self.stops = self.decodes + (shown[last] + lengths[last]) / timescale
        size = rows[0].get("size", len(found[b"mdat"]))
        self.begins_with_a_key = 5 in nal_types(found[b"mdat"][:size])


def _usual_length(head: bytes) -> int:
    flags = struct.unpack(">I", b"\0" + head[1:4])[0]
    at = 8 + 8 * bool(flags & 1) + 4 * bool(flags & 2)
    return int(struct.unpack(">I", head[at : at + 4])[0]) if flags & 8 else 0


def nal_types(sample: bytes) -> set[int]:
    types, at = set(), 0
    while at + 5 <= len(sample):
        types.add(sample[at + 4] & 31)
        at += 4 + struct.unpack(">I", sample[at : at + 4])[0]
    return types


def _aac(init: bytes) -> str:
    """`mp4a.40.<object type>` from the decoder's configuration in esds."""
    at = init.index(b"\x05", init.index(b"esds") + 8 + 20)
    while init[at + 1] == 0x80:  # lengths may be padded
        at += 1
    return f"mp4a.40.{init[at + 2] >> 3}"


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, bytes]]:
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack(">I4s", data[start : start + 8])
        if size < 8:  # 0 means "to the end", which no piece of ours has
            raise ValueError(f"A box {kind!r} of {size} bytes.")
        yield kind, data[start + 8 : start + size]
        if kind in HOLDERS:
            yield from boxes(data, start + 8, start + size)
        start += size


def _head(text: str, name: str) -> list[str]:
    faults = []
    if not text.startswith("#EXTM3U\n"):
        faults.append(f"{name}: does not begin with #EXTM3U")
    if int((re.findall(r"#EXT-X-VERSION:(\d+)", text) or ["1"])[0]) < 6:
        faults.append(f"{name}: an EXT-X-MAP wants version 6 or more")
    if "#EXT-X-INDEPENDENT-SEGMENTS\n" not in text:
        faults.append(f"{name}: not said to be independent")
    if ("PLAYLIST-TYPE:VOD" in text) != text.endswith("#EXT-X-ENDLIST\n"):
        faults.append(f"{name}: VOD with an end, EVENT without")
    return faults


def _tags(text: str, tag: str) -> list[dict[str, str]]:
    return [_attributes(line) for line in re.findall(rf"#{tag}:(.*)", text)]


def _attributes(line: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in re.findall(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)', line)}
