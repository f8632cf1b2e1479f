"""Small films made on the spot by the real ffmpeg, and what can be wrong with one."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from media_pipeline import tools

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac", "-b:a", "32k")
PICTURE = "testsrc2=size=320x240:rate=25"
# 90° clockwise, as a phone held upright writes it: a b u, c d v, x y w (16.16 and 2.30 fixed point).
_CLOCKWISE = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)


def film(
    path: Path, *codecs: str, picture: str | None = PICTURE, sound: str | None = "sine", seconds: float = 2
) -> Path:
    """A film in the container its name asks for; by default H.264 and AAC. Always the same: made once, copied."""
    inputs: list[str] = []
    for source in (picture, sound):
        if source:
            inputs += ["-f", "lavfi", "-t", str(seconds), "-i", source]
    shutil.copyfile(_kept(path.suffix, *inputs, *(codecs or (*X264, *AAC))), path)
    return path


def _kept(suffix: str, *args: str) -> Path:
    """What this ffmpeg makes of `args`, in a folder that outlives the run."""
    program = Path(tools.ffmpeg()).resolve()
    asked = repr((*args, str(program), program.stat().st_mtime_ns))
    kept = Path(settings.KEPT_DIR, "films", hashlib.sha256(asked.encode()).hexdigest()[:20] + suffix)
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_name(f"{os.getpid()}-{kept.name}")
        ffmpeg(draft, *args).rename(kept)
    return kept


def ffmpeg(path: Path, *args: str) -> Path:
    subprocess.run(
        [tools.ffmpeg(), "-v", "error", "-nostdin", "-y", *args, str(path)],
        check=True,
        capture_output=True,
    )
    return path


def needs(*encoders: str) -> None:
    """Some builds of ffmpeg cannot make these sources; what we read does not depend on it."""
    if lacking := set(encoders) - tools.capabilities().encoders:
        pytest.skip(f"this ffmpeg cannot make {', '.join(lacking)}")


def upright(path: Path) -> Path:
    """The same film with the flag of a phone held upright: its first track's display matrix says a quarter turn."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40  # version and flags, times, id, duration, layer, volume
    data[at : at + len(_CLOCKWISE)] = _CLOCKWISE
    path.write_bytes(data)
    return path


def without_header(path: Path) -> Path:
    """As a phone leaves it whose battery died: the index, written last, was never written."""
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"moov") - 1000])
    return path


def damaged(path: Path) -> Path:
    """All of the picture and the sound overwritten, the index whole."""
    data = path.read_bytes()
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    path.write_bytes(data[:start] + bytes(end - start) + data[end:])
    return path


def probe(path: Path, entries: str, *options: str) -> list[str]:
    """ffprobe's own words about a file of ours, line by line."""
    found = subprocess.run(
        [tools.ffprobe(), "-v", "error", *options, "-show_entries", entries, "-of", "csv=p=0", str(path)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [line.rstrip(",") for line in found.stdout.split()]
