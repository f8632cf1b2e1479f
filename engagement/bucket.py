"""What a member can afford to have watched: two media-seconds a second, across all their devices. Pure.

Starts at 5 s and holds 240, so that two minutes without network at double speed lose nothing, while a forger still
needs half of the lecture's length in real time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MEDIA_MS_PER_MS = 2
STARTS_MS = 5_000
HOLDS_MS = 240_000


@dataclass(frozen=True)
class Bucket:
    tokens_ms: int
    at: datetime


def fresh(now: datetime) -> Bucket:
    return Bucket(STARTS_MS, now)


def fill(bucket: Bucket, now: datetime) -> Bucket:
    """Time only goes forward: a clock that jumped back fills nothing twice."""
    passed = max((now - bucket.at) // timedelta(milliseconds=1), 0)
    if not passed:
        return bucket
    return Bucket(min(bucket.tokens_ms + MEDIA_MS_PER_MS * passed, HOLDS_MS), now)


def pay(bucket: Bucket, wanted_ms: int, now: datetime) -> tuple[int, Bucket]:
    """How much of `wanted_ms` it affords now, and what is left."""
    filled = fill(bucket, now)
    paid = max(min(wanted_ms, filled.tokens_ms), 0)
    return paid, Bucket(filled.tokens_ms - paid, filled.at)
