from __future__ import annotations

from django.apps import AppConfig


class StudySessionsConfig(AppConfig):
    name = "study_sessions"
