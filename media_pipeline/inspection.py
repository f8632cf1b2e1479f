"""The inspection door: what ffprobe finds in a file nobody has vouched for. No network, few containers, little time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from media_pipeline import fields, openings, packets, probed, runner, tools
from media_pipeline.media_info import MediaInfo
from media_pipeline.packets import JUMPING_CONTAINERS, PacketLog

# Containers that phones, cameras and recorders write, and sound alone, so that it can be told apart. No playlists,
# no scripts (concat, hls, dash): those make ffmpeg open other files and addresses.
CONTAINERS = (
    "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,live_flv,asf,rm,ogg,dv,mxf,mxf_opatom,gxf,nut,ivf,wtv,h264,hevc,m4v,"
    "mp3,wav,w64,aac,flac,amr,amrnb,amrwb,aiff,caf,ac3,eac3,dts,ape,wv,tta"
)
# The source is read from one local file; nothing it contains may lead elsewhere.
SAFE_INPUT = ("-protocol_whitelist", "file", "-format_whitelist", CONTAINERS)
_PARAMETER_SET, _FRESH_PICTURE = 7, 5  # NAL unit types of H.264: SPS, IDR
PROBE_TIMEOUT = 20.0
SCAN_TIMEOUT = 180.0
MOST_PACKETS = 4_000_000  # ninety minutes of 240 frames a second, with sound, are half as many


class NotMedia(Exception):
    """ffprobe can make nothing of it. `code`: of the refusal that says what it seems to be."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def inspect(path: Path) -> MediaInfo:
    """What is in `path`. Raises NotMedia."""
    described, notes = _probe(path)
    container = str(described.get("format", {}).get("format_name", ""))
    log = PacketLog(can_jump=container in JUMPING_CONTAINERS)
    notes += _scan(path, log)
    found = {one["index"]: log.track(one["index"]) for one in described.get("streams", [])}
    info = _decodable(probed.read(described, found, notes))
    if "mov" in container and openings.is_protected(path):
        info = replace(info, is_encrypted=True)  # by its index: in fragments ffprobe does not see it
    if info.video and info.video.frames and info.video.is_decodable:
        video = info.video
        if fields.is_doubtful(video):
            video = replace(video, fields=fields.judged(video, _look_at_fields(path, info)))
        if video.codec == "h264" and not video.fields:
            video = replace(video, is_seamless=_is_seamless(path, video.index, len(found[video.index].keys)))
        info = replace(info, video=video)
    return info


def _decodable(info: MediaInfo) -> MediaInfo:
    """Without sounds that this ffmpeg cannot read; a phone may write two, one of them of its maker's own kind."""
    known = tools.capabilities().decoders
    sounds = tuple(one for one in info.sounds if one.codec in known)
    video = info.video and replace(info.video, is_decodable=info.video.codec in known)
    return replace(info, sounds=sounds, video=video)


def frame_times(path: Path, info: MediaInfo) -> tuple[float, ...]:
    """When each frame of the picture begins, in seconds as `info` counts them and as ffmpeg will when it decodes."""
    log = PacketLog(can_jump=info.container in JUMPING_CONTAINERS)
    _scan(path, log)
    times = log.track(info.picture.index).times
    zero = times[0] - info.picture.start_ms / 1000 if times else 0.0
    return tuple(at - zero for at in times)


def _look_at_fields(path: Path, info: MediaInfo) -> str:
    """What idet says of some frames from a third of the way in, where something moves if anything does."""
    frames = fields.FRAMES_LOOKED_AT
    command = [
        tools.ffmpeg(), "-v", "info", "-hide_banner", "-nostdin", "-nostats", *SAFE_INPUT,
        "-ss", f"{info.duration_ms / 3000:.3f}", "-i", str(path), "-map", f"0:{info.picture.index}", "-vf", "idet",
        "-frames:v", str(frames), "-f", "null", "-",
    ]  # fmt: skip
    try:
        return runner.run(command, timeout=PROBE_TIMEOUT).stderr
    except runner.TimedOut:
        return ""


def _probe(path: Path) -> tuple[dict[str, Any], str]:
    # and the first few packets: that they are protected only they say themselves
    finished = _ffprobe(
        "-show_format", "-show_streams", "-show_chapters", "-show_packets", "-read_intervals", "%+#4", "-of", "json",
        str(path), timeout=PROBE_TIMEOUT,
    )  # fmt: skip
    if finished is None or finished.returncode:
        raise NotMedia(openings.what_it_is(path))
    described: dict[str, Any] = json.loads(finished.stdout or "{}")
    return described, finished.stderr.strip()


def _scan(path: Path, log: PacketLog) -> str:
    """All packets: headers lie about lengths and rates. About 0.3 s of CPU per five minutes. Answers its grumbling."""

    def take(row: str) -> None:
        log.take(row)
        if log.count > MOST_PACKETS:
            raise runner.OutputTooLong

    entries = "packet=stream_index,pts_time,dts_time,duration_time,size,flags"
    finished = _ffprobe("-show_entries", entries, "-of", "csv=p=0", str(path), timeout=SCAN_TIMEOUT, on_line=take)
    return finished.stderr.strip() if finished else ""


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
