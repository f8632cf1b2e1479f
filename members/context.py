"""Context processor: `preferences` for the frame of every page."""

from __future__ import annotations

from django.http import HttpRequest

from members import preferences as reading


def preferences(request: HttpRequest) -> dict[str, reading.Preferences]:
    return {"preferences": reading.of(request)}
