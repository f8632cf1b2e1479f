"""What viewings do about news of lectures."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from courses import signals
from courses.models import Lecture
from engagement import carrying
from media_pipeline.models import Cut


@receiver(signals.lecture_recorded)
def carry(lecture: Lecture, before: Cut | None, cut: Cut, **_: Any) -> None:
    carrying.carry(lecture, before, cut)
