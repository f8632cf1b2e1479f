"""Makes the demo's source files on the spot: slides drawn in Chinese, a moving hand, a voice-like tone."""

from __future__ import annotations

import os
from pathlib import Path

import ffmpeg
from PIL import Image, ImageDraw, ImageFont

from config.demo.scripts import Script
from media_pipeline import runner, tools

FPS = 25


class NoFont(Exception):
    """There is no Chinese font to draw slides with."""

    def __init__(self) -> None:
        super().__init__("No Chinese font found. Install fonts-noto-cjk, or set CJK_FONT to a .ttf, .otf or .ttc file.")


def font_file() -> str:
    """`CJK_FONT`, as script/setup found it, or what usual systems have."""
    usual = [
        Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"),
        Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
        Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
        Path("/System/Library/Fonts/PingFang.ttc"),
    ]
    given = os.environ.get("CJK_FONT")
    found = next((path for path in ([Path(given)] if given else []) + usual if path.exists()), None)
    if found is None:
        raise NoFont
    return str(found)


def shoot(script: Script, folder: Path) -> Path:
    """The source file of one lecture, `<title>.mp4` in `folder`: H.264 and AAC, as a phone would make it."""
    folder.mkdir(parents=True, exist_ok=True)
    slides = [folder / f"slide-{number}.png" for number in range(len(script.slides))]
    for slide, (heading, lines) in zip(slides, script.slides, strict=True):
        _draw(script, heading, lines).save(slide)
    hand = folder / "hand.png"
    _hand(script.size[1] // 9).save(hand)
    target = folder / f"{script.title}.mp4"
    seconds = len(slides) * script.seconds_a_slide
    finished = runner.run([tools.ffmpeg(), *_arguments(script, slides, hand, target)], timeout=120 + 10 * seconds)
    if finished.returncode:
        raise RuntimeError(f"ffmpeg could not make {target.name}: {finished.stderr[-400:]}")
    return target


def _arguments(script: Script, slides: list[Path], hand: Path, target: Path) -> list[str]:
    seconds = len(slides) * script.seconds_a_slide
    shown = [ffmpeg.input(str(slide), loop=1, t=script.seconds_a_slide, framerate=FPS) for slide in slides]
    width, height = script.size
    picture = ffmpeg.concat(*shown, n=len(shown), v=1, a=0).overlay(
        ffmpeg.input(str(hand), loop=1, t=seconds, framerate=FPS),
        x=f"{width * 0.72}+{width * 0.08}*sin(t*1.7)",
        y=f"{height * 0.70}+{height * 0.06}*cos(t*2.3)",
    )
    # A voice's rhythm without words: a low tone that rises and falls, in syllables of a fifth of a second.
    voice = "0.22*sin(2*PI*t*(150+14*sin(2*PI*0.31*t)))*(0.55+0.45*sin(2*PI*4.6*t))*(0.7+0.3*sin(2*PI*0.23*t))"
    sound = ffmpeg.input(f"aevalsrc={voice}:s=44100:d={seconds}", f="lavfi")
    output = ffmpeg.output(
        picture, sound, str(target), vcodec="libx264", preset="ultrafast", pix_fmt="yuv420p", r=FPS, g=FPS * 2,
        acodec="aac", audio_bitrate="96k", movflags="+faststart", v="error", t=seconds,
    )  # fmt: skip
    arguments: list[str] = output.overwrite_output().get_args()
    return arguments


def _draw(script: Script, heading: str, lines: tuple[str, ...]) -> Image.Image:
    width, height = script.size
    unit = min(width, height) // 18
    image = Image.new("RGB", script.size, script.colour)
    draw = ImageDraw.Draw(image)
    ink, quiet, red = (246, 241, 234), (214, 206, 196), (226, 86, 74)
    draw.rectangle((unit * 2, unit * 2, unit * 2 + unit // 3, unit * 2 + unit * 3), fill=red)
    if heading.replace("\n", "") == script.title:  # the cover: read from across the room, and on a card 140 px wide
        _draw_cover(draw, script, heading, lines)
        return image
    big = ImageFont.truetype(font_file(), int(unit * 1.9))
    small = ImageFont.truetype(font_file(), int(unit * 1.05))
    draw.multiline_text((unit * 3, unit * 2), heading, font=big, fill=ink, spacing=unit // 2)
    top = unit * (5 + 2.4 * heading.count("\n"))
    for line in lines:
        draw.text((unit * 3, top), line, font=small, fill=quiet)
        top += unit * 1.9
    draw.line((unit * 2, height - unit * 2, width - unit * 2, height - unit * 2), fill=quiet, width=max(unit // 14, 1))
    return image


def _draw_cover(draw: ImageDraw.ImageDraw, script: Script, heading: str, lines: tuple[str, ...]) -> None:
    width, height = script.size
    unit = min(width, height) // 18
    rows = heading.split("\n")
    size = min(unit * 4, (width - unit * 6) // max(map(len, rows)))
    big, small = ImageFont.truetype(font_file(), size), ImageFont.truetype(font_file(), int(unit * 1.2))
    top = (height - size * 1.3 * len(rows)) / 2 - unit
    for number, row in enumerate(rows):
        draw.text((unit * 3, top + number * size * 1.3), row, font=big, fill=(246, 241, 234))
    draw.text((unit * 3, top + size * 1.3 * len(rows) + unit), lines[0], font=small, fill=(214, 206, 196))


def _hand(size: int) -> Image.Image:
    """A round pointer, so that the picture moves."""
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((2, 2, size - 2, size - 2), fill=(226, 86, 74, 230), outline=(246, 241, 234, 255), width=3)
    return image
