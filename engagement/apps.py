"""What was really watched and shared, and what comes of it: viewings, shares, the points ledger, featured lectures."""

from __future__ import annotations

from django.apps import AppConfig


class EngagementConfig(AppConfig):
    name = "engagement"

    def ready(self) -> None:
        from engagement import receivers, sentences  # noqa: F401 - they register themselves
