"""Odd files made on the spot by the real ffmpeg: what phones, cameras, recorders, cutters and accidents make."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

from tests.media_pipeline import footage
from tests.media_pipeline.footage import AAC, X264, ffmpeg

Make = Callable[[Path], Path]

# Red and green above blue and white: each way of turning and mirroring shows by its corners.
CORNERS = "color=red:s={w}x{h}:r={r}[a];color=lime:s={w}x{h}:r={r}[b];color=blue:s={w}x{h}:r={r}[c];color=white:s={w}x{h}:r={r}[d];[a][b]hstack[e];[c][d]hstack[f];[e][f]vstack"  # noqa: E501


def corners(width: int = 320, height: int = 180, rate: float = 10, then: str = "") -> str:
    quarters = CORNERS.format(w=max(width // 2, 1), h=max(height // 2, 1), r=rate)
    return f"{quarters},{then}" if then else quarters


def made(name: str, *codecs: str, picture: str | None = "", sound: str | None = "sine", seconds: float = 2) -> Make:
    """A film in the container `name` ends with; H.264 and AAC unless told otherwise. `picture` None: sound alone."""
    shown = corners() if picture == "" else picture
    return lambda folder: footage.film(
        folder / name, *(codecs or (*X264, *AAC)), picture=shown, sound=sound, seconds=seconds
    )


# ---- held otherwise than stored ----

# The display matrix (a, b, c, d), and what was done to the picture so that it undoes it.
MATRICES: dict[str, tuple[tuple[int, int, int, int], str]] = {
    "quarter": ((0, 1, -1, 0), "transpose=cclock"),
    "half": ((-1, 0, 0, -1), "hflip,vflip"),
    "three quarters": ((0, -1, 1, 0), "transpose=clock"),
    "mirrored": ((-1, 0, 0, 1), "hflip"),
    "upside down": ((1, 0, 0, -1), "vflip"),
    "mirrored quarter": ((0, 1, 1, 0), "transpose=cclock_flip"),
    "mirrored three quarters": ((0, -1, -1, 0), "transpose=clock_flip"),
}


def turned(how: str, *codecs: str, more: str = "") -> Make:
    matrix, undone = MATRICES[how]

    def make(folder: Path) -> Path:
        path = footage.film(
            folder / "turned.mp4", *(codecs or (*X264, *AAC)), picture=corners(then=undone + more), seconds=1
        )
        return with_matrix(path, matrix)

    return make


def with_matrix(path: Path, matrix: tuple[int, int, int, int]) -> Path:
    a, b, c, d = (part * 0x10000 for part in matrix)
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000)
    path.write_bytes(data)
    return path


# ---- one file of several ----


def joined(name: str, *parts: Make) -> Make:
    """The bytes of one after those of another, as a camera that began anew writes a transport stream."""

    def make(folder: Path) -> Path:
        target = folder / name
        for number, part in enumerate(parts):
            (folder / str(number)).mkdir()
            with target.open("ab") as file:
                file.write(part(folder / str(number)).read_bytes())
        return target

    return make


def remuxed(name: str, source: Make, *options: str, before: tuple[str, ...] = ()) -> Make:
    def make(folder: Path) -> Path:
        (folder / "of").mkdir()
        return ffmpeg(folder / name, *before, "-i", str(source(folder / "of")), "-c", "copy", *options)

    return make


def cut_off(source: Make, part: float = 0.6) -> Make:
    def make(folder: Path) -> Path:
        path = source(folder)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * part)])
        return path

    return make


def merged(name: str, first: Make, second: Make, *options: str, offset: float = 0.0) -> Make:
    """Tracks of two films in one; the second one's later by `offset` seconds."""

    def make(folder: Path) -> Path:
        for one in ("1", "2"):
            (folder / one).mkdir()
        paths = first(folder / "1"), second(folder / "2")
        return ffmpeg(
            folder / name, "-i", str(paths[0]), "-itsoffset", str(offset), "-i", str(paths[1]), "-c", "copy", *options
        )

    return make
