"""The inspection door: what ffprobe finds in a file nobody has vouched for. No network, few containers, little time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from media_pipeline import media_info, runner, tools
from media_pipeline.media_info import MediaInfo, Packets

# Containers that phones, cameras and recorders write, and sound alone, so that it can be told apart. No playlists,
# no scripts (concat, hls, dash): those make ffmpeg open other files and addresses.
CONTAINERS = "mov,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mp3,wav,aac,flac,amr,m4v"
# The source is read from one local file; nothing it contains may lead elsewhere.
SAFE_INPUT = ("-protocol_whitelist", "file", "-format_whitelist", CONTAINERS)
_FIRST_BOXES = {b"ftyp", b"mdat", b"wide", b"free", b"skip", b"moof", b"styp"}
PROBE_TIMEOUT = 20.0
SCAN_TIMEOUT = 180.0
MAX_OUTPUT = 64 * 1024 * 1024  # the packets of a lecture of ninety minutes are about ten


class NotMedia(Exception):
    """ffprobe can make nothing of it. `lost_header`: it began as a video, but what says where all is has been lost."""

    def __init__(self, *, lost_header: bool) -> None:
        super().__init__()
        self.lost_header = lost_header


def inspect(path: Path) -> MediaInfo:
    """What is in `path`. Raises NotMedia."""
    probed, notes = _probe(path)
    streams = probed.get("streams", [])
    picture, sound = media_info.picture_of(streams), media_info.sound_of(streams)
    return media_info.read(probed, _scan(path, picture), _scan(path, sound), notes)


def _probe(path: Path) -> tuple[dict[str, Any], str]:
    # and the first few packets: that they are protected only they say themselves
    finished = _ffprobe(
        "-show_format", "-show_streams", "-show_packets", "-read_intervals", "%+#4", "-of", "json", str(path),
        timeout=PROBE_TIMEOUT,
    )  # fmt: skip
    if finished is None or finished.returncode:
        words = finished.stderr if finished else ""
        raise NotMedia(lost_header="moov atom not found" in words and _begins_as_film(path))
    probed: dict[str, Any] = json.loads(finished.stdout or "{}")
    return probed, finished.stderr.strip()


def _begins_as_film(path: Path) -> bool:
    """By the first box of MP4 and MOV: ffprobe says the same of any text called .mp4."""
    with path.open("rb") as file:
        return file.read(8)[4:] in _FIRST_BOXES


def _scan(path: Path, stream: dict[str, Any] | None) -> Packets:
    """Times of all packets of a stream: headers lie about lengths and rates. About 0.3 s of CPU per five minutes."""
    if stream is None:
        return Packets((), 0.0)
    finished = _ffprobe(
        "-select_streams", str(stream["index"]), "-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0",
        str(path), timeout=SCAN_TIMEOUT,
    )  # fmt: skip
    return media_info.packets(finished.stdout.splitlines() if finished else [])


def _ffprobe(*args: str, timeout: float) -> runner.Finished | None:
    """None if it took too long or said too much: a file made to wear us out."""
    try:
        return runner.run(
            [tools.ffprobe(), "-v", "warning", *SAFE_INPUT, *args], timeout=timeout, max_output=MAX_OUTPUT
        )
    except (runner.TimedOut, runner.OutputTooLong):
        return None
