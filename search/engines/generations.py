"""Names of indices, so that a new one can be made beside the one in use."""

from __future__ import annotations

from datetime import UTC, datetime


def new_generation(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y%m%d%H%M%S%f}"
