"""One member, one playback at a time: a lease of 20 s, taken by the newest play, renewed by beats that count. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LASTS = timedelta(seconds=20)


@dataclass(frozen=True)
class Lease:
    """Held by the play session with that public id until then; nobody's when the id is empty."""

    session: str = ""
    until: datetime | None = None

    def holder(self, now: datetime) -> str:
        """Whose it is now; empty if free."""
        return self.session if self.until is not None and now < self.until else ""


def take(session: str, now: datetime) -> Lease:
    return Lease(session, now + LASTS)


def is_open_to(lease: Lease, session: str, now: datetime) -> bool:
    """Whether a beat of `session` may count: it holds the lease, or nobody does."""
    return lease.holder(now) in {"", session}
