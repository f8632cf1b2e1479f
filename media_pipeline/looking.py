"""Looks at our own lowest rung: the sprite of the seek bar, and a glance at each key frame, in one decode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.errors import JobError
from media_pipeline import chapters, glances, runner, tools
from media_pipeline.glances import Glance
from media_pipeline.sprites import Layout

TIMEOUT = 180.0


@dataclass(frozen=True)
class Seen:
    """`slides_ms`: when another slide came, exactly."""

    glances: list[Glance]
    slides_ms: list[int]


def look(playlist: Path, scratch: Path, *, tiles: Layout, sprite: Path) -> Seen:
    """Writes the sprite and says what was seen. Raises JobError."""
    planes, lines = scratch / "glances.gray", list[str]()
    finished = runner.run([tools.ffmpeg(), *command(playlist, planes, tiles, sprite)], timeout=TIMEOUT,
                          on_line=lines.append)  # fmt: skip
    if finished.returncode or finished.stderr.strip():
        raise JobError("encoder_failed", words=finished.stderr[-300:])
    if not sprite.is_file():
        raise JobError("output_unsound", what=sprite.name)
    seen = glances.read(lines, planes.read_bytes())
    planes.unlink()
    found = chapters.changes(seen)
    packets = _packets(playlist) if found else []
    return Seen(seen, [chapters.moment(change, packets) for change in found])


def command(playlist: Path, planes: Path, tiles: Layout, sprite: Path) -> list[str]:
    every = f"select='not(mod(n,{tiles.step}))'," if tiles.step > 1 else ""
    tiling = f"[p]{every}scale={tiles.width}:{tiles.height},tile={tiles.columns}x{tiles.rows}[sprite]"
    graph = f"[0:V:0]split[p][g];{tiling};[g]{glances.GRAPH}[glances]"
    # passthrough: the frames there are, none repeated to fill a rate
    passing = ["-fps_mode", "passthrough", "-map_metadata", "-1"]
    return [
        "-hide_banner", "-nostdin", "-nostats", "-v", "error", "-y",
        # our own files, and still nothing but local ones
        "-protocol_whitelist", "file", "-format_whitelist", "hls,mov",
        "-threads", "1",  # small frames: sharing them out costs more than it saves
        "-skip_frame", "nokey", "-i", str(playlist), "-filter_complex", graph,
        "-map", "[sprite]", *passing, "-frames:v", "1", "-update", "1", "-q:v", "5", str(sprite),
        "-map", "[glances]", *passing, "-f", "rawvideo", str(planes),
    ]  # fmt: skip


def _packets(playlist: Path) -> Sequence[tuple[int, int, bool]]:
    """Time, size and whether it is a key frame, of every frame: only read, not decoded. Times from the first one's, as
    ffmpeg counts them when it decodes: B-frames make them begin a little after zero."""
    found: list[tuple[int, int, bool]] = []

    def note(line: str) -> None:
        at, size, flags = [*line.split(","), "", ""][:3]
        if at not in {"", "N/A"}:
            found.append((round(float(at) * 1000), int(size), flags.startswith("K")))

    args = ["-v", "error", "-protocol_whitelist", "file", "-format_whitelist", "hls,mov", "-select_streams", "V:0",
            "-show_entries", "packet=pts_time,size,flags", "-of", "csv=p=0", str(playlist)]  # fmt: skip
    runner.run([tools.ffprobe(), *args], timeout=TIMEOUT, on_line=note)
    first = min((at for at, _, _ in found), default=0)
    return [(at - first, size, is_key) for at, size, is_key in found]
