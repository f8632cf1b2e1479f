"""Whatever changes what the index says of a lecture is noted in the same transaction.

Renamed members and organisations send no news; the nightly comparison finds them.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from courses.models import Lecture, Topic
from courses.signals import lecture_changed, lecture_published, lecture_withdrawn, topic_changed
from engagement.signals import mark_changed
from search import outbox, tasks


@receiver([lecture_changed, lecture_published, lecture_withdrawn, mark_changed])
def note_lecture(sender: Any, lecture: Lecture, **others: Any) -> None:
    _note([lecture.pk])


@receiver(topic_changed)
def note_topic(sender: Any, topic: Topic, **others: Any) -> None:
    _note(list(Lecture.objects.filter(topic=topic).values_list("pk", flat=True)))


def _note(lecture_ids: list[int]) -> None:
    outbox.note(lecture_ids, now=timezone.now())
    # Only a nudge: without it the schedule drains a little later. So a broker that is down fails nobody's request.
    transaction.on_commit(tasks.nudge, robust=True)
