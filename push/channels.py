"""Channels and publishing on them."""

from __future__ import annotations

from typing import Any

from push.models import Event


def publish(channel: str, kind: str, payload: dict[str, Any]) -> None:
    """An event for whoever listens on `channel`; part of the caller's transaction. Codes and numbers, no sentences."""
    Event.objects.create(channel=channel, kind=kind, payload=payload)


def for_member(member_id: int) -> str:
    return f"member:{member_id}"
