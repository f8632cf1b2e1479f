"""What MediaCMS 8.3 and PeerTube 6.3 run for the same five rungs, by their own sources; measured in CPU seconds."""

from __future__ import annotations

import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from media_pipeline import tools

SIDES = (1080, 720, 480, 360, 240)
# MediaCMS: short side, long side and ceiling (1.5 times its table's rate), in kbit/s.
_MEDIACMS = {1080: (1920, 6750), 720: (1280, 3750), 480: (853, 1500), 360: (640, 750), 240: (427, 450)}
# PeerTube: rates by its bits-per-pixel table at 30 frames a second; in the order of its jobs.
_PEERTUBE = {1080: 6_220_800, 480: 1_474_560, 360: 1_036_800, 720: 3_041_280, 240: 522_240}


@dataclass(frozen=True)
class Spent:
    cpu_s: float
    wall_s: float
    bytes: int
    files: dict[int, Path]


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(args: list[str]) -> float:
    """CPU seconds of one ffmpeg."""
    before = cpu_of_children()
    subprocess.run([tools.ffmpeg(), "-v", "error", "-nostdin", "-y", *args], check=True)
    return cpu_of_children() - before


def mediacms(source: Path, folder: Path) -> Spent:
    """One process a rendition, each decoding the source again; medium, sound in every one."""
    folder.mkdir(parents=True, exist_ok=True)
    began, cpu = time.monotonic(), 0.0
    files = {}
    for side, (long, rate) in _MEDIACMS.items():
        target = folder / f"{side}.mp4"
        scale = (
            f"scale=if(lt(iw\\,ih)\\,{side}\\,{long}):if(lt(iw\\,ih)\\,{long}\\,{side}):"
            "force_original_aspect_ratio=decrease:force_divisible_by=2:flags=lanczos,fps=fps=30"
        )
        cpu += run([
            "-i", str(source), "-c:v", "libx264", "-filter:v", scale, "-pix_fmt", "yuv420p", "-crf", "23",
            "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-maxrate", f"{rate}k", "-bufsize", f"{rate}k",
            "-force_key_frames", "expr:gte(t,n_forced*4)", "-x264-params", "keyint=240:keyint_min=120",
            "-preset", "medium", "-profile:v", "main", "-level", "4.2", str(target),
        ])  # fmt: skip
        files[side] = target
    return _spent(cpu, began, files)


def peertube(source: Path, folder: Path) -> Spent:
    """One process a rung with one thread; veryfast. Each from the source, as the limits were set: an installation takes
    the smaller ones from its own largest, which decodes faster and looks worse."""
    folder.mkdir(parents=True, exist_ok=True)
    began, cpu = time.monotonic(), 0.0
    files = {}
    for side, rate in _PEERTUBE.items():
        target = folder / f"{side}-fragmented.mp4"
        scale = f"scale=w='if(lt(iw,ih),{side},-2)':h='if(lt(iw,ih),-2,{side})'"
        cpu += run([
            "-i", str(source), "-acodec", "aac", "-vcodec", "libx264", "-threads", "1", "-f", "mp4",
            "-movflags", "faststart", "-max_muxing_queue_size", "1024", "-map_metadata", "-1", "-pix_fmt", "yuv420p",
            "-vf", scale, "-ac", "2", "-preset", "veryfast", "-maxrate:v", str(rate), "-bufsize:v", str(2 * rate),
            "-b_strategy", "1", "-bf", "16", "-r", "30", "-g:v", "60", "-hls_time", "4", "-hls_list_size", "0",
            "-hls_playlist_type", "vod", "-hls_segment_filename", str(target), "-hls_segment_type", "fmp4",
            "-f", "hls", "-hls_flags", "single_file", str(folder / f"{side}.m3u8"),
        ])  # fmt: skip
        files[side] = target
    return _spent(cpu, began, files)


def _spent(cpu: float, began: float, files: dict[int, Path]) -> Spent:
    return Spent(cpu, time.monotonic() - began, sum(path.stat().st_size for path in files.values()), files)
