"""What viewings do about news of lectures."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from courses import signals
from courses.models import Lecture
from engagement import viewings
from media_pipeline.models import Cut


@receiver(signals.lecture_recorded)
def begin_anew(lecture: Lecture, cut: Cut, **_: Any) -> None:
    viewings.begin_anew(lecture, cut)
