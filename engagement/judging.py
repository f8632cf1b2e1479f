"""Which beats count. Pure: beats in the order they were received, and what the server knows, make verdicts.

A player only claims; here is decided what is believed, and why not. Reasons are codes of ui.sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from engagement import bucket, lease
from engagement.bucket import Bucket
from engagement.lease import Lease

FOREIGN_SESSION: Final = "foreign_session"
STALE_CUT: Final = "stale_cut"
BAD_INTERVAL: Final = "bad_interval"
BEYOND_END: Final = "beyond_end"
NO_LEASE: Final = "no_lease"
HIDDEN_TOO_LONG: Final = "hidden_too_long"
TOO_FAST: Final = "too_fast"

OVERRUN_MS = 1_000  # players round up past the end of the last segment
HIDDEN_MS = 10_000  # longer than this out of sight, in one go, is not watching
RATES = (0.1, 4.0)  # what a player can be set to; anything else is no playing


@dataclass(frozen=True)
class Said:
    """A beat as it came."""

    member: int
    lecture: int
    session: str
    start_ms: int
    end_ms: int
    received_at: datetime
    is_play: bool = False
    is_hidden: bool = False
    rate: float = 1.0

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


@dataclass(frozen=True)
class Session:
    """Whose play session it is, and of what."""

    member: int
    lecture: int
    cut: int


@dataclass(frozen=True)
class Timeline:
    """The cut a lecture has now."""

    cut: int
    duration_ms: int


@dataclass(frozen=True)
class Known:
    """Play sessions by public id, timelines by lecture."""

    sessions: Mapping[str, Session]
    timelines: Mapping[int, Timeline]


@dataclass(frozen=True)
class Watching:
    """What is remembered of a member between two folds. `hidden_ms`: played out of sight since last seen."""

    bucket: Bucket
    lease: Lease
    hidden_ms: int = 0


@dataclass(frozen=True)
class Judged:
    """`credited` is the part that counts, if any. A reason beside it says why only in part."""

    credited: tuple[int, int] | None = None
    reason: str = ""

    @property
    def is_believable(self) -> bool:
        """Whether it says where this member was, even if it earns nothing."""
        return self.reason in {"", TOO_FAST, HIDDEN_TOO_LONG}


def judge(beats: Iterable[Said], state: Watching, known: Known) -> tuple[list[Judged], Watching]:
    """A verdict for each beat, in order, and the state they leave behind."""
    verdicts = []
    for beat in beats:
        verdict, state = _judge_one(beat, state, known)
        verdicts.append(verdict)
    return verdicts, state


def _judge_one(beat: Said, state: Watching, known: Known) -> tuple[Judged, Watching]:
    if reason := _not_theirs(beat, known):
        return Judged(reason=reason), state
    if beat.is_play:
        return Judged(), replace(state, lease=lease.take(beat.session, beat.received_at), hidden_ms=0)
    duration_ms = known.timelines[beat.lecture].duration_ms
    if reason := _impossible(beat, duration_ms):
        return Judged(reason=reason), state
    if not lease.is_open_to(state.lease, beat.session, beat.received_at):
        return Judged(reason=NO_LEASE), state
    if beat.is_hidden:
        state = replace(state, hidden_ms=min(state.hidden_ms + beat.length_ms, HIDDEN_MS + 1))
        if state.hidden_ms > HIDDEN_MS:
            return Judged(reason=HIDDEN_TOO_LONG), state
    else:
        state = replace(state, hidden_ms=0)
    return _charge(beat, min(beat.end_ms, duration_ms), state)


def _not_theirs(beat: Said, known: Known) -> str:
    session = known.sessions.get(beat.session)
    if session is None or (session.member, session.lecture) != (beat.member, beat.lecture):
        return FOREIGN_SESSION
    timeline = known.timelines.get(beat.lecture)
    return "" if timeline and timeline.cut == session.cut else STALE_CUT


def _impossible(beat: Said, duration_ms: int) -> str:
    if beat.start_ms < 0 or beat.length_ms <= 0 or not RATES[0] <= beat.rate <= RATES[1]:
        return BAD_INTERVAL
    return BEYOND_END if beat.end_ms > duration_ms + OVERRUN_MS or beat.start_ms >= duration_ms else ""


def _charge(beat: Said, end_ms: int, state: Watching) -> tuple[Judged, Watching]:
    """Credit the head that the bucket affords; only what counts renews the lease."""
    wanted = end_ms - beat.start_ms
    paid, left = bucket.pay(state.bucket, wanted, beat.received_at)
    if not paid:
        return Judged(reason=TOO_FAST), replace(state, bucket=left)
    held = lease.take(beat.session, beat.received_at)
    verdict = Judged((beat.start_ms, beat.start_ms + paid), "" if paid == wanted else TOO_FAST)
    return verdict, replace(state, bucket=left, lease=held)
