"""When it is a job's turn: pure. Short work passes long work, and what waits comes nearer all the time.

A rank is a time: when the work was asked for, and for each second it is expected to take, a few more. What one asked
for later must be shorter to come first, and after `MOST` nothing that is asked for can pass any more.
"""

from __future__ import annotations

from datetime import datetime, timedelta

# A lecture of two minutes passes one of ten that was asked for up to a quarter of an hour before it.
WAIT_A_SECOND = 3.0
MOST = timedelta(hours=1)


def rank(asked: datetime, cost: float) -> datetime:
    """`cost`: seconds the work is expected to take, with all that must be done before it for the same purpose."""
    return asked + min(timedelta(seconds=max(cost, 0.0) * WAIT_A_SECOND), MOST)
