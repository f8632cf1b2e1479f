"""Which moments of a lecture could be its poster: spread over it, sharp, neither black nor empty. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from media_pipeline import glances
from media_pipeline.glances import CELLS, Glance

MOST = 6
BLACK = 12.0  # mean brightness of a picture in which nobody sees anything; a white slide with little on it is one
STEADY = 0.5  # less than that kept until the next key frame: a fade, or something in front of the lens
ALIKE = 0.9  # two candidates that keep so much of each other are one


def candidates(seen: Sequence[Glance], *, most: int = MOST) -> list[int]:
    """Their numbers, the best first; at least one, whatever there is. At most one from each part of the lecture."""
    if not seen:
        return []
    scores = [_score(seen, number) for number in range(len(seen))]
    parts = min(MOST, most, len(seen))
    bounds = [len(seen) * part // parts for part in range(parts + 1)]
    best = [max(range(start, end), key=scores.__getitem__) for start, end in pairwise(bounds)]
    chosen: list[int] = []
    for number in sorted(best, key=lambda one: (-scores[one], one)):
        if scores[number] > 0 and not any(_alike(seen[number], seen[other]) for other in chosen):
            chosen.append(number)
    return chosen or [max(range(len(seen)), key=lambda one: (seen[one].content, -one))]


def _score(seen: Sequence[Glance], number: int) -> float:
    """Something to see on as much of the picture as a slide fills; sharp; and it stands still."""
    glance = seen[number]
    if glance.brightness < BLACK or glance.content < CELLS // 50:
        return 0.0
    steady = all(
        glances.kept(glance, seen[other]) >= STEADY for other in (number - 1, number + 1) if 0 <= other < len(seen)
    )
    filled = min(1.0, glance.content / (CELLS / 4))
    return filled * min(1.0, glance.sharpness / 60) * (1.0 if steady else 0.5)


def _alike(one: Glance, other: Glance) -> bool:
    return glances.kept(one, other) >= ALIKE and glances.kept(other, one) >= ALIKE
