"""How like the source a rung is: PSNR, SSIM, and VMAF where the ffmpeg at hand has it."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path

from media_pipeline import tools

EVERY = 5  # frames; VMAF of each would cost more than all that is compared


def measure(rung: Path, source: Path, width: int, height: int) -> dict[str, float]:
    """Of `rung` against the source scaled to its size, both at the same 30 moments a second: where frame times vary,
    each moment shows what is on the screen then."""
    same = "setpts=PTS-STARTPTS,fps=30:round=near"
    two = f"[0:v]{same},scale={width}:{height}:flags=bicubic[a];[1:v]{same},scale={width}:{height}:flags=bicubic[b]"
    if "libvmaf" in tools.capabilities().filters:
        return _by_vmaf(rung, source, two)
    return _plain(rung, source, two)


def _by_vmaf(rung: Path, source: Path, two: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "vmaf.json"
        features = "feature='name=psnr|name=float_ssim'"
        graph = f"{two};[a][b]libvmaf=log_fmt=json:log_path={log}:n_threads=2:n_subsample={EVERY}:{features}"
        _ffmpeg("-i", str(rung), "-i", str(source), "-lavfi", graph, "-f", "null", "-")
        pooled = json.loads(log.read_text())["pooled_metrics"]
    names = {"psnr": "psnr_y", "ssim": "float_ssim", "vmaf": "vmaf"}
    return {name: round(pooled[key]["mean"], 4 if name == "ssim" else 2) for name, key in names.items()}


def _plain(rung: Path, source: Path, two: str) -> dict[str, float]:
    graph = f"{two};[a]split[a1][a2];[b]split[b1][b2];[a1][b1]psnr[p];[a2][b2]ssim[s]"
    said = _ffmpeg(
        "-i", str(rung), "-i", str(source), "-lavfi", graph, "-map", "[p]", "-map", "[s]", "-f", "null", "-",
    )  # fmt: skip
    psnr, ssim = re.search(r"PSNR y:([\d.]+)", said), re.search(r"SSIM Y:([\d.]+)", said)
    assert psnr
    assert ssim
    return {"psnr": round(float(psnr[1]), 2), "ssim": round(float(ssim[1]), 4)}


def _ffmpeg(*args: str) -> str:
    done = subprocess.run(
        [tools.ffmpeg(), "-hide_banner", "-nostdin", *args], capture_output=True, text=True, check=True
    )
    return done.stderr
