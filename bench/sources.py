"""The three sources that lectures are made of, drawn and filmed on the spot: a phone on a stand before slides, a screen
recorder, a phone held upright. Kept in the bench's data folder; the same to the frame each time."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

from config.demo import film
from config.demo.scripts import SCRIPTS, Script
from media_pipeline import tools

SLIDE_S = 7
_VOICE = (
    "0.22*sin(2*PI*t*(150+14*sin(2*PI*0.31*t)))*(0.55+0.45*sin(2*PI*4.6*t))*(0.7+0.3*sin(2*PI*0.23*t))"
    "+0.01*(random(0)-0.5)"
)
# A quarter turn clockwise in a track's display matrix, as a phone held upright notes it.
_CLOCKWISE = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)


def make(name: str, seconds: int, folder: Path) -> Path:
    """`phone`, `screen` or `portrait`, of that length; made once."""
    target = folder / f"{name}-{seconds}.{'mov' if name == 'portrait' else 'mp4'}"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = target.with_stem(f"draft-{target.stem}")
        SOURCES[name](seconds, draft)
        draft.rename(target)
    return target


def _phone(seconds: int, target: Path) -> None:
    """14 Mbit/s, nearly all of it for the sensor's noise, over slides and somebody moving in the corner."""
    graph = (
        f"{_slides(seconds, 30, '1920:1080')}[s];{_person(480, 480)}[p];[s][p]overlay=1340:520,"
        "noise=alls=2:allf=t,format=yuv420p[v]"
    )
    _film(target, seconds, graph, ["-c:v", "libx264", "-preset", "veryfast", "-b:v", "14M", "-g", "30"])


def _screen(seconds: int, target: Path) -> None:
    """Clean, hardly any bits; every other frame or so while something moves, two seconds in ten none; few keys."""
    moving = "lt(mod(n*7\\,15)\\,8)*not(between(mod(t\\,10)\\,6\\,8))+not(n)"
    graph = (
        f"{_slides(seconds, 30, '1920:1080')}[s];{_person(480, 480)}[p];"
        f"[s][p]overlay=1340:520,format=yuv420p,select='{moving}'[v]"
    )
    codec = ["-c:v", "libx264", "-preset", "medium", "-crf", "30", "-g", "250", "-fps_mode", "vfr"]
    _film(target, seconds, graph, codec)


def _portrait(seconds: int, target: Path) -> None:
    """HEVC as phones write it, lying on its side, with the flag that turns it up."""
    graph = (
        f"{_slides(seconds, 30, '1952:1112')}[s];{_person(480, 360)}[p];[s][p]overlay=1380:700,"
        "crop=1920:1080:x='16+14*sin(t*1.7)':y='16+12*cos(t*1.1)',noise=alls=8:allf=t,format=yuv420p[v]"
    )
    codec = ["-c:v", "libx265", "-preset", "ultrafast", "-b:v", "8M", "-tag:v", "hvc1",
             "-x265-params", "log-level=none:keyint=30"]  # fmt: skip
    _film(target, seconds, graph, codec)
    data = bytearray(target.read_bytes())
    at = data.index(b"tkhd") + 44  # behind version, times, id, duration, layer and volume
    data[at : at + len(_CLOCKWISE)] = _CLOCKWISE
    target.write_bytes(data)


SOURCES: dict[str, Callable[[int, Path], None]] = {"phone": _phone, "screen": _screen, "portrait": _portrait}


def _slides(seconds: int, fps: int, size: str) -> str:
    count = -(-seconds // SLIDE_S)
    inputs = "".join(f"[{number}:v]" for number in range(count))
    return f"{inputs}concat=n={count}:v=1:a=0,fps={fps},scale={size}:flags=bicubic,setsar=1"


def _person(width: int, height: int) -> str:
    """What moves as skin and cloth do: a fractal that is always drifting, never still, softly lit."""
    return f"mandelbrot=size={width}x{height}:rate=30:start_scale=2.2:end_scale=0.4,hue=h='20*sin(t)':s=0.5,boxblur=6"


def _film(target: Path, seconds: int, graph: str, codec: list[str]) -> None:
    slides = _draw(target.parent, -(-seconds // SLIDE_S))
    shown = [
        word for slide in slides for word in ("-loop", "1", "-framerate", "30", "-t", str(SLIDE_S), "-i", str(slide))
    ]
    subprocess.run(
        [
            tools.ffmpeg(), "-v", "error", "-nostdin", "-y", *shown, "-f", "lavfi", "-i", f"aevalsrc={_VOICE}:s=48000",
            "-filter_complex", graph, "-map", "[v]", "-map", f"{len(slides)}:a", "-t", str(seconds), *codec,
            "-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", "-bitexact", str(target),
        ],
        check=True,
    )  # fmt: skip


def _draw(folder: Path, count: int) -> list[Path]:
    """Slides of the demo's lectures, one after another, at 1080p."""
    pages = [(script, *slide) for script in SCRIPTS for slide in script.slides]
    found = []
    for number in range(count):
        script, heading, lines = pages[number % len(pages)]
        path = folder / f"slide-{number}.png"
        wide = Script(script.title, "", "", "", 0, (1920, 1080), script.colour, ())
        film._draw(wide, heading, lines).save(path)
        found.append(path)
    return found
