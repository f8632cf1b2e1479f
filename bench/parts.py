"""What a ladder's parts cost alone: decoding, scaling, encoding, sound. Their sum is what no plumbing can go below."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.peers import run
from media_pipeline import commands, inspection, ladder, tools
from media_pipeline.ladder import Ladder
from media_pipeline.media_info import MediaInfo


def measure(source: Path, folder: Path) -> dict[str, float]:
    """CPU seconds of each part, for the rungs that the pipeline encodes of this source."""
    folder.mkdir(parents=True, exist_ok=True)
    info = inspection.inspect(source)
    rungs = ladder.plan(info, copying=ladder.copyable(info))
    picture = ["-i", str(source), "-map", f"0:{info.picture.index}"]
    decode = run([*picture, "-fps_mode", "passthrough", "-f", "null", "-"])
    scaled = run([*_cascade(source, info, rungs), "-fps_mode", "passthrough", "-f", "null", "-"])
    parts = {"decode": decode, "scale": max(scaled - decode, 0.0), "encode": 0.0, "sound": _sound(source, info)}
    for number in range(len(rungs.rungs)):
        parts["encode"] += _encode(source, info, rungs, number, folder)
    return {name: round(cpu, 2) for name, cpu in parts.items()}


def _cascade(source: Path, info: MediaInfo, rungs: Ladder) -> list[str]:
    """The pipeline's own graph, up to the encoders."""
    can_tone_map = tools.capabilities().can_tone_map
    args = commands.encode(
        source, info, rungs, Path("out"), threads=0, can_tone_map=can_tone_map, with_sound=False
    )  # fmt: skip
    graph = args[args.index("-filter_complex") + 1]
    maps = [word for at, word in enumerate(args) if at and args[at - 1] == "-map"]
    return ["-i", str(source), "-filter_complex", graph, *(word for one in maps for word in ("-map", one))]


def _sound(source: Path, info: MediaInfo) -> float:
    if info.audio is None:
        return 0.0
    return run(["-vn", "-i", str(source), "-map", f"0:{info.audio.index}", "-c:a", "aac", "-b:a", "96k", "-ac", "2",
                "-ar", "48000", "-f", "null", "-"])  # fmt: skip


def _encode(source: Path, info: MediaInfo, rungs: Ladder, number: int, folder: Path) -> float:
    """From raw frames that lie there ready, less what reading them costs."""
    rung = rungs.rungs[number]
    raw = folder / f"{rung.name}.nut"
    picture = ["-i", str(source), "-map", f"0:{info.picture.index}"]
    scale = f"scale={rung.width}:{rung.height}:flags=fast_bilinear,setsar=1,format=yuv420p"
    fps = [f"fps={rungs.fps}"] if rungs.fps else []
    run([*picture, "-vf", ",".join([*fps, scale]), "-c:v", "rawvideo", "-fps_mode", "passthrough", str(raw)])
    reading = run(["-i", str(raw), "-c", "copy", "-f", "null", "-"])
    options = commands.picture_options(rungs, 0, info.duration_ms) | {"f": "null"}
    spent = run(["-i", str(raw), *_words(options, number), "-"])
    raw.unlink()
    return max(spent - reading, 0.0)


def _words(options: dict[str, Any], number: int) -> list[str]:
    """The pipeline's options for one rung, as if it were the only one."""
    words = []
    for name, value in options.items():
        stem, _, place = name.partition(":v:")
        if place and place != str(number):
            continue
        words += [f"-{stem}:v" if place else f"-{name}", str(value)]
    return words
