"""The inspection door: what ffprobe finds in a file nobody has vouched for. No network, few containers, little time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from media_pipeline import packets, probed, runner, tools
from media_pipeline.media_info import MediaInfo
from media_pipeline.packets import JUMPING_CONTAINERS, PacketLog

# Containers that phones, cameras and recorders write, and sound alone, so that it can be told apart. No playlists,
# no scripts (concat, hls, dash): those make ffmpeg open other files and addresses.
CONTAINERS = "mov,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mp3,wav,aac,flac,amr,m4v"
# The source is read from one local file; nothing it contains may lead elsewhere.
SAFE_INPUT = ("-protocol_whitelist", "file", "-format_whitelist", CONTAINERS)
_FIRST_BOXES = {b"ftyp", b"mdat", b"wide", b"free", b"skip", b"moof", b"styp"}
_PARAMETER_SET, _FRESH_PICTURE = 7, 5  # NAL unit types of H.264: SPS, IDR
PROBE_TIMEOUT = 20.0
SCAN_TIMEOUT = 180.0
MOST_PACKETS = 4_000_000  # ninety minutes of 240 frames a second, with sound, are half as many


class NotMedia(Exception):
    """ffprobe can make nothing of it. `lost_header`: it began as a video, but what says where all is has been lost."""

    def __init__(self, *, lost_header: bool) -> None:
        super().__init__()
        self.lost_header = lost_header


def inspect(path: Path) -> MediaInfo:
    """What is in `path`. Raises NotMedia."""
    described, notes = _probe(path)
    container = str(described.get("format", {}).get("format_name", ""))
    log = PacketLog(can_jump=container in JUMPING_CONTAINERS)
    _scan(path, log)
    found = {one["index"]: log.track(one["index"]) for one in described.get("streams", [])}
    info = probed.read(described, found, notes)
    if info.video and info.video.codec == "h264" and info.video.frames:
        keys = len(found[info.video.index].keys)
        info = replace(info, video=replace(info.video, is_seamless=_is_seamless(path, info.video.index, keys)))
    return info


def _probe(path: Path) -> tuple[dict[str, Any], str]:
    # and the first few packets: that they are protected only they say themselves
    finished = _ffprobe(
        "-show_format", "-show_streams", "-show_chapters", "-show_packets", "-read_intervals", "%+#4", "-of", "json",
        str(path), timeout=PROBE_TIMEOUT,
    )  # fmt: skip
    if finished is None or finished.returncode:
        words = finished.stderr if finished else ""
        raise NotMedia(lost_header="moov atom not found" in words and _begins_as_film(path))
    described: dict[str, Any] = json.loads(finished.stdout or "{}")
    return described, finished.stderr.strip()


def _begins_as_film(path: Path) -> bool:
    """By the first box of MP4 and MOV: ffprobe says the same of any text called .mp4."""
    with path.open("rb") as file:
        return file.read(8)[4:] in _FIRST_BOXES


def _scan(path: Path, log: PacketLog) -> None:
    """All packets: headers lie about lengths and rates. About 0.3 s of CPU per five minutes."""

    def take(row: str) -> None:
        log.take(row)
        if log.count > MOST_PACKETS:
            raise runner.OutputTooLong

    entries = "packet=stream_index,pts_time,dts_time,duration_time,size,flags"
    _ffprobe("-show_entries", entries, "-of", "csv=p=0", str(path), timeout=SCAN_TIMEOUT, on_line=take)


def _is_seamless(path: Path, index: int, keys: int) -> bool:
    """About as cheap as the scan: nothing is decoded."""
    track = ("-map", f"0:{index}")
    units = [f"h264_mp4toannexb,filter_units=pass_types={kind}" for kind in (_PARAMETER_SET, _FRESH_PICTURE)]
    command = [
        tools.ffmpeg(), "-v", "error", "-nostdin", *SAFE_INPUT, "-i", str(path), *track, *track, "-c", "copy",
        "-bsf:v:0", units[0], "-bsf:v:1", units[1], "-f", "framemd5", "-",
    ]  # fmt: skip
    rows: list[str] = []
    try:
        finished = runner.run(command, timeout=SCAN_TIMEOUT, on_line=rows.append)
    except runner.TimedOut:
        return False
    return finished.returncode == 0 and packets.is_seamless((row for row in rows if row[:1] in {"0", "1"}), keys)


def _ffprobe(*args: str, timeout: float, on_line: runner.OnLine | None = None) -> runner.Finished | None:
    """None if it took too long or said too much: a file made to wear us out."""
    command = [tools.ffprobe(), "-v", "warning", *SAFE_INPUT, *args]
    try:
        return runner.run(command, timeout=timeout, on_line=on_line)
    except (runner.TimedOut, runner.OutputTooLong):
        return None
