"""Which lectures bear the seal."""

from __future__ import annotations

from collections.abc import Iterable

from courses.models import Lecture
from engagement.models import FeaturedMark


def seals_of(lectures: Iterable[Lecture]) -> set[int]:
    """Keys of those that are featured, in whatever quarter. One query."""
    keys = {lecture.pk for lecture in lectures}
    confirmed = FeaturedMark.objects.filter(state=FeaturedMark.State.CONFIRMED, lecture__in=keys)
    return set(confirmed.values_list("lecture", flat=True)) if keys else set()
