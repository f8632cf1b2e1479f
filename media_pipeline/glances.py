"""A small look at each key frame of the lowest rung: enough to tell slides apart and to choose posters. Pure.

One ffmpeg process shrinks the frames and writes them as bare bytes; a lecture of five minutes costs half a second of
CPU, the seek bar's sprite included. The rest is arithmetic on 64 × 36 cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

WIDTH, HEIGHT = 64, 36
CELLS = WIDTH * HEIGHT
CONTENT = 14  # an edge stronger than this is writing or a picture, not paper and not compression
TOLERANCE = 6
FEWEST = CELLS // 100  # fewer cells with content than that is an empty picture

# Brightness and edges of each cell, and with them the lowest and highest of each and its eight neighbours: a hand that
# shakes moves a slide by half a cell, and it must stay the same slide. The order of the planes is that of `Glance`.
GRAPH = (
    "format=gray,split[a][b];"
    f"[a]scale={WIDTH}:{HEIGHT}:flags=area,split=3[l][l1][l2];[l1]erosion[ll];[l2]dilation[lh];"
    f"[b]sobel,scale={WIDTH}:{HEIGHT}:flags=area,split=3[e][e1][e2];[e1]erosion[el];[e2]dilation[eh];"
    "[l][ll][lh][e][el][eh]vstack=inputs=6,"
    # for their times: `metadata` prints them only where some filter has said something about the frame
    "scdet=t=100,metadata=print:key=lavfi.scd.mafd:file=-"
)


@dataclass(frozen=True)
class Glance:
    """One key frame: a byte for each cell."""

    at_ms: int
    luma: bytes
    luma_low: bytes
    luma_high: bytes
    edge: bytes
    edge_low: bytes
    edge_high: bytes

    @property
    def content(self) -> int:
        """How many cells show something."""
        return sum(edge > CONTENT for edge in self.edge)

    @property
    def brightness(self) -> float:
        return sum(self.luma) / CELLS

    @property
    def sharpness(self) -> float:
        """The mean edge where something is shown."""
        shown = [edge for edge in self.edge if edge > CONTENT]
        return sum(shown) / len(shown) if shown else 0.0


def read(lines: Iterable[str], planes: bytes) -> list[Glance]:
    """From what GRAPH printed, and the frames it wrote."""
    made = []
    for number, at_ms in enumerate(_times(lines)):
        frame = planes[number * 6 * CELLS : (number + 1) * 6 * CELLS]
        if len(frame) < 6 * CELLS:
            break
        made.append(Glance(at_ms, *(frame[plane * CELLS : (plane + 1) * CELLS] for plane in range(6))))
    return made


def _times(lines: Iterable[str]) -> Iterator[int]:
    """`frame:3    pts:1200    pts_time:12.08`"""
    for line in lines:
        if line.startswith("frame:"):
            try:
                yield max(0, round(float(line.rpartition("pts_time:")[2]) * 1000))
            except (ValueError, OverflowError):
                yield 0


def kept(before: Glance, after: Glance) -> float:
    """How much of what `before` shows is still there in `after`, 0 to 1. A line more on a slide takes nothing away."""
    shown = still = 0
    for edge, luma, low, high, edge_low, edge_high in zip(
        before.edge, before.luma, after.luma_low, after.luma_high, after.edge_low, after.edge_high, strict=True
    ):
        if edge > CONTENT:
            shown += 1
            still += (low - TOLERANCE <= luma <= high + TOLERANCE) and (
                edge_low - TOLERANCE <= edge <= edge_high + TOLERANCE
            )
    if shown >= FEWEST:
        return still / shown
    return 1.0 if after.content < FEWEST else 0.0  # nothing was shown: what comes is new
