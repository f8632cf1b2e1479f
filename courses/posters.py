"""The picture that stands for a lecture."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from courses.models import Lecture
from media_pipeline import paths


def url(lecture: Lecture, *, small: bool = True, now: datetime | None = None) -> str:
    """Its signed address; empty while nothing is made yet. Wants `asset__cut__package` joined (`with_card`)."""
    return paths.poster(lecture.asset, small=small, now=now or timezone.now())
