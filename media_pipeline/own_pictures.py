"""A picture of the author's own for a recording's poster: judged, and made anew by ffmpeg. Nothing of the file that
came is ever served, whatever it pretends to be.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from django.conf import settings

from media_pipeline import assets, commands, runner, storage, tools
from media_pipeline.models import Asset
from ui.public_id import new_public_id
from ui.sentences import Refused

MOST_BYTES = 8 * 1024 * 1024
LEAST_WIDTH, LEAST_HEIGHT = 320, 180
TIMEOUT = 20.0
MEMORY = 1024**3  # of the decoder: a picture of the largest size allowed takes a quarter of that
# By their first bytes, never by their name: the demuxer and decoder that ffmpeg is held to.
_KINDS = ((b"\xff\xd8\xff", "jpeg_pipe", "mjpeg"), (b"\x89PNG\r\n\x1a\n", "png_pipe", "png"))
_WEBP = ("webp_pipe", "webp")
# How a camera was held, as EXIF counts, in the terms of `filters.TURNS`.
_HELD = {"2": (180, True), "3": (180, False), "4": (0, True), "5": (90, True), "6": (90, False), "7": (270, True),
         "8": (270, False)}  # fmt: skip


def take(asset: Asset, data: bytes) -> str:
    """Put both sizes of the picture into the storage; answers their folder, which a row is to name. Raises Refused."""
    if not data:
        raise Refused("picture_missing", field="file")
    if len(data) > MOST_BYTES:
        raise Refused("picture_too_large", field="file", limit=f"{MOST_BYTES // 1024 // 1024} MB")
    opened = _kind(data)
    settings.SCRATCH_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.SCRATCH_DIR) as place:
        source = Path(place) / "source"
        source.write_bytes(data)
        turn = _look(source, opened)
        made = [Path(place) / name for name in ("poster.jpg", "poster-small.jpg")]
        _run([tools.ffmpeg(), *commands.own_picture(source, opened, turn, *made)])
        if not all(path.is_file() for path in made):
            raise Refused("picture_unreadable", field="file")
        folder = new_public_id()
        for path in made:
            storage.default().put_file(f"{assets.packages_prefix(asset.public_id)}/{folder}/{path.name}", path)
    return folder


def _kind(data: bytes) -> tuple[str, str]:
    for start, demuxer, codec in _KINDS:
        if data.startswith(start):
            return demuxer, codec
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _WEBP
    raise Refused("picture_other_kind", field="file")


def _look(source: Path, opened: tuple[str, str]) -> tuple[int, bool]:
    """How it is to be turned. Refuses what is too small, too large or too long."""
    demuxer, codec = opened
    said = _run(
        [tools.ffprobe(), "-v", "error", "-protocol_whitelist", "file", "-codec_whitelist", codec, "-f", demuxer,
         "-read_intervals", "%+#1", "-show_frames", "-show_entries", "frame=width,height:frame_tags=Orientation",
         "-of", "json", str(source)]
    )  # fmt: skip
    frames = json.loads(said or "{}").get("frames") or [{}]
    width, height = int(frames[0].get("width") or 0), int(frames[0].get("height") or 0)
    if not width or not height:
        raise Refused("picture_unreadable", field="file")
    size = {"width": width, "height": height}
    if max(width, height) > settings.LECTURE_MAX_PIXELS_A_SIDE:
        raise Refused("picture_too_many_pixels", field="file", **size, limit=settings.LECTURE_MAX_PIXELS_A_SIDE)
    if max(width, height) < LEAST_WIDTH or min(width, height) < LEAST_HEIGHT:
        raise Refused("picture_too_small", field="file", **size, least=f"{LEAST_WIDTH} × {LEAST_HEIGHT}")
    return _HELD.get(str(frames[0].get("tags", {}).get("Orientation", "")).strip(), (0, False))


def _run(command: list[str]) -> str:
    try:
        finished = runner.run(command, timeout=TIMEOUT, memory=MEMORY)
    except runner.RunnerError as error:
        raise Refused("picture_unreadable", field="file") from error
    if finished.returncode:
        raise Refused("picture_unreadable", field="file")
    return finished.stdout
