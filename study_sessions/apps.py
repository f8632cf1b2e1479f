from __future__ import annotations

from django.apps import AppConfig


class StudySessionsConfig(AppConfig):
    name = "study_sessions"

    def ready(self) -> None:
        from study_sessions import sentences  # noqa: F401  # registering is what it is for
