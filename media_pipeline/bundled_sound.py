"""Sound of old phones (AMR): several frames in one packet, of which ffmpeg before 6 reads the first and drops the rest.

There the stages read a copy with a frame in each packet; the source stays as it is.
"""

from __future__ import annotations

from pathlib import Path

from media_pipeline import runner, tools
from media_pipeline.inspection import SAFE_INPUT
from media_pipeline.media_info import AudioTrack, MediaInfo

CODECS = frozenset({"amr_nb", "amr_wb"})
TIMEOUT = 120.0


def readable(source: Path, info: MediaInfo | None, scratch: Path) -> Path:
    """The source; where most of its sound would be lost a copy in `scratch`, with the same tracks."""
    if info is None or not info.container.startswith("mov") or tools.capabilities().reads_bundled_sound:
        return source
    bundled = {one.index: one for one in info.sounds if one.codec in CODECS}
    copy = scratch / "frame-by-frame.nut"
    if not bundled or copy.exists():
        return copy if bundled else source
    if all(_run(_taken_out(source, index, scratch)) for index in bundled) and _run(
        _put_back(source, info, bundled, copy)
    ):
        return copy
    copy.unlink(missing_ok=True)
    return source  # a part of the sound is better than none


def _run(args: list[str]) -> bool:
    finished = runner.run([tools.ffmpeg(), "-hide_banner", "-v", "error", "-nostdin", "-y", *args], timeout=TIMEOUT)
    return finished.returncode == 0


def _bare(index: int, scratch: Path) -> Path:
    return scratch / f"sound-{index}.amr"


def _taken_out(source: Path, index: int, scratch: Path) -> list[str]:
    """Nothing but its frames, one after the other, as ffmpeg reads them one by one."""
    bare = str(_bare(index, scratch))
    return [*SAFE_INPUT, "-i", str(source), "-map", f"0:{index}", "-c", "copy", "-f", "amr", bare]


def _put_back(source: Path, info: MediaInfo, bundled: dict[int, AudioTrack], copy: Path) -> list[str]:
    """nut: takes any codec and keeps times. Begins when it began: bare frames know no time."""
    inputs, places = ["-i", str(source)], {}
    for number, (index, track) in enumerate(bundled.items(), 1):
        late = ["-itsoffset", f"{track.start_ms / 1000:.3f}"]
        inputs += [*late, *SAFE_INPUT, "-i", str(_bare(index, copy.parent))]
        places[index] = f"{number}:0"
    last = max(info.picture.index, *(one.index for one in info.sounds))
    maps = [word for index in range(last + 1) for word in ("-map", places.get(index, f"0:{index}"))]
    return [*SAFE_INPUT, *inputs, *maps, "-c", "copy", "-f", "nut", str(copy)]
