"""What runs by the clock. Every entry is safe to run twice, late, or not at all for a while."""

from __future__ import annotations

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {}
