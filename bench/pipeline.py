"""What preparing a lecture costs: our whole pipeline against the five ladder commands of MediaCMS and PeerTube.

For three sources made on the spot (see bench/sources.py) in CPU seconds of all processes. Ours is everything from the
received file to the verified package: inspection, loudness and waveform, first play, ladder, poster, tiles, packaging,
verification, all rows. Theirs are the ladder's processes alone. `parts`: ours against decoding, scaling, encoding and
sound measured alone. Quality: each rung against the source scaled to its size. Takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402 - it must be set up first

from bench import parts, peers, quality, sources  # noqa: E402

LIMITS = {
    "phone": {"mediacms": 0.36, "peertube": 0.52},
    "screen": {"mediacms": 0.20, "peertube": 0.33},
    "portrait": {"mediacms": 0.31, "peertube": 0.54},
}
PARTS_LIMIT = 1.05
SCORES = ("vmaf", "psnr", "ssim", "bytes")


def ours(source: Path, folder: Path) -> dict[str, Any]:
    """One file through the very pipeline, in a process of its own: `manage.py try_media`."""
    command = ["manage.py", "try_media", "--json", "--keep", str(folder), str(source)]
    done = subprocess.run(
        [sys.executable, *command], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    told: dict[str, Any] = json.loads(done.stdout or "{}")
    if told.get("outcome") != "ready":
        raise SystemExit(f"The pipeline did not make {source.name} ready: {done.stdout}{done.stderr[-2000:]}")
    return told


def package(folder: Path) -> Path:
    """Of what was kept, the one with pictures: the ladder's."""
    return next(folder.rglob("poster.jpg")).parent


def compare(name: str, seconds: int, runs: int, data: Path, *, with_quality: bool) -> dict[str, Any]:
    source = sources.make(name, seconds, data / "sources")
    work = data / "work" / name
    shutil.rmtree(work, ignore_errors=True)
    told = [ours(source, work / f"ours-{number}") for number in range(runs)]
    cpu = median(one["cpu_s"] for one in told)
    cms = [peers.mediacms(source, work / "mediacms") for _ in range(runs)]
    tube = [peers.peertube(source, work / "peertube") for _ in range(runs)]
    alone = parts.measure(source, work / "parts")
    theirs = {"mediacms": median(one.cpu_s for one in cms), "peertube": median(one.cpu_s for one in tube)}
    figures: dict[str, Any] = {side: round(cpu / spent, 3) for side, spent in theirs.items()}
    figures["parts"] = round(cpu / sum(alone.values()), 3)
    figures["cpu_s"] = {"ours": cpu, **{side: round(spent, 2) for side, spent in theirs.items()}, "parts": alone}
    rungs = [one for one in told[-1]["renditions"] if one["kind"] == "video"]
    made = sum(one["bytes"] for one in told[-1]["renditions"])
    figures["bytes"] = {"ours": made, "mediacms": cms[-1].bytes, "peertube": tube[-1].bytes}
    figures["rss_mb"] = told[-1]["rss_mb"]
    if with_quality:
        kept = package(work / f"ours-{runs - 1}")
        figures["quality"] = {one["name"]: _quality(one, kept, source, cms[-1], tube[-1]) for one in rungs}
    return figures


def _quality(one: dict[str, Any], kept: Path, source: Path, cms: peers.Spent, tube: peers.Spent) -> dict[str, Any]:
    width, height = one["width"], one["height"]
    found: dict[str, Any] = {"bytes": one["bytes"]}
    found |= quality.measure(kept / one["name"] / "playlist.m3u8", source, width, height)
    for name, spent in (("peertube", tube), ("mediacms", cms)):
        theirs = spent.files.get(int(one["name"]))
        if theirs:
            scores = quality.measure(theirs, source, width, height)
            found |= {f"{name}_{score}": value for score, value in scores.items()}
            found[f"{name}_bytes"] = theirs.stat().st_size
    return found


def show(name: str, figures: dict[str, Any]) -> None:
    spent = figures["cpu_s"]
    print(f"\n{name}: ours {spent['ours']:.1f} CPU s; {figures['rss_mb']} MB at most")
    alone = ", ".join(f"{part} {cpu}" for part, cpu in spent["parts"].items())
    rows = [(peer, limit, f"{spent[peer]:.1f} s") for peer, limit in LIMITS[name].items()]
    for other, limit, cost in [*rows, ("parts", PARTS_LIMIT, alone)]:
        held = "✓" if figures[other] <= limit else "✗"
        print(f"  {held} {figures[other]:.3f} × {other} ({cost}); at most {limit}")
    print("  " + ", ".join(f"{whose} {size / 1e6:.2f} MB" for whose, size in figures["bytes"].items()))
    for rung, scores in figures.get("quality", {}).items():
        told = [f"{what} {scores[what]} ({scores.get(f'peertube_{what}', '–')})" for what in SCORES if what in scores]
        print(f"  {rung:>5}: {', '.join(told)}  in brackets PeerTube's")


def main() -> None:
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(prog="script/bench pipeline", description=__doc__, formatter_class=raw)
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--source", choices=list(sources.SOURCES), action="append", help="only this one (may be repeated)"
    )
    parser.add_argument("--seconds", type=int, default=30, help="length of the sources (default: 30)")
    parser.add_argument("--runs", type=int, default=1, help="of each pipeline; the median counts (default: 1)")
    parser.add_argument("--no-quality", action="store_true", help="leave out PSNR, SSIM and VMAF")
    options = parser.parse_args()
    figures = {}
    for name in options.source or sources.SOURCES:
        print(f"· {name}", file=sys.stderr, flush=True)
        figures[name] = compare(
            name, options.seconds, options.runs, Path(settings.DATA_DIR), with_quality=not options.no_quality
        )
        show(name, figures[name])
        if options.json:
            options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
