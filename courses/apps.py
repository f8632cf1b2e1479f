"""Lectures, topics, course and catalogue pages; who may see what."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = _("courses")

    def ready(self) -> None:
        from courses import receivers, sentences  # noqa: F401 - they register themselves
