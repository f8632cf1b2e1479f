from __future__ import annotations

from django.apps import AppConfig


class PushConfig(AppConfig):
    name = "push"

    def ready(self) -> None:
        from push import sentences  # noqa: F401 - they register themselves
