"""A lecture of slides, drawn on the spot and packaged as our lowest rung is."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from media_pipeline import tools
from tests.media_pipeline.footage import X264

SIZE = (640, 360)


def slide(number: int, lines: int = 5) -> Image.Image:
    """One of a set with the same frame, as slides are; its words are its own."""
    picture = Image.new("RGB", SIZE, (252, 250, 245))
    draw, chance = ImageDraw.Draw(picture), random.Random(number)
    draw.rectangle((0, 0, SIZE[0], 44), fill=(170, 30, 30))
    draw.text((20, 8), _words(chance, 3), font=ImageFont.load_default(26), fill="white")
    for line in range(lines):
        words = _words(chance, chance.randint(2, 5))
        draw.text((40, 70 + line * 48), words, font=ImageFont.load_default(24), fill=(30, 30, 30))
    return picture


def _words(chance: random.Random, count: int) -> str:
    return " ".join("".join(chance.choices("abcdefghikmnoprstuvw", k=chance.randint(3, 8))) for _ in range(count))


def show(folder: Path, shown: Sequence[tuple[Image.Image, float]], *, graph: str = "null") -> Path:
    """Each picture for its seconds. Answers the playlist; `graph` is done to the film on its way."""
    rows = []
    for number, (picture, seconds) in enumerate(shown):
        picture.save(folder / f"{number}.png")
        rows.append(f"file '{number}.png'\nduration {seconds}\n")
    (folder / "list.txt").write_text("".join(rows) + f"file '{len(shown) - 1}.png'\n")
    playlist = folder / "playlist.m3u8"
    subprocess.run(
        [tools.ffmpeg(), "-v", "error", "-y", "-f", "concat", "-safe", "0", "-i", str(folder / "list.txt"),
         "-vf", f"fps=10,{graph},scale=426:240", "-t", str(sum(seconds for _, seconds in shown)), *X264,
         "-sc_threshold", "0", "-force_key_frames", "expr:gte(t,n_forced*4)", "-f", "hls", "-hls_time", "4",
         "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", str(playlist)],
        check=True, cwd=folder,
    )  # fmt: skip
    return playlist
