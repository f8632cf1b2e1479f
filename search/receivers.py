"""Whatever changes what the indices say of a lecture is noted in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from wagtail.signals import page_published, page_unpublished

from courses.models import CourseItem, CoursePage, Lecture, Topic
from courses.signals import lecture_changed, lecture_deleted, lecture_published, lecture_withdrawn, topic_changed
from engagement.signals import mark_changed, points_changed
from media_pipeline.models import Asset
from media_pipeline.signals import asset_ready, texts_changed
from members.models import Member, Organisation
from members.signals import member_changed, organisation_changed
from search import outbox, tasks
from search.outbox import BOTH, Kind

POINTS_WAIT = timedelta(minutes=1)


@receiver([lecture_changed, lecture_published, lecture_withdrawn, lecture_deleted])
def note_lecture(sender: Any, lecture: Lecture, **others: Any) -> None:
    _note([lecture.pk], BOTH)  # its title and speaker stand beside what is said in it


@receiver(mark_changed)
def note_mark(sender: Any, lecture: Lecture, **others: Any) -> None:
    _note([lecture.pk], [Kind.DOCUMENT])


@receiver(topic_changed)
def note_topic(sender: Any, topic: Topic, **others: Any) -> None:
    _note(Lecture.objects.filter(topic=topic).values_list("pk", flat=True), [Kind.DOCUMENT])


@receiver(points_changed)
def note_points(sender: Any, lecture: Lecture, **others: Any) -> None:
    """A lecture that is much watched changes all the time; it need not be indexed as often."""
    outbox.note([lecture.pk], kinds=[Kind.DOCUMENT], after=POINTS_WAIT)


@receiver([asset_ready, texts_changed])
def note_asset(sender: Any, asset: Asset, **others: Any) -> None:
    _note(Lecture.objects.filter(asset=asset).values_list("pk", flat=True), BOTH)


# Who may see what is asked when something is searched for, so moves of members and of organisations change no document.
@receiver(member_changed)
def note_member(sender: Any, member: Member, **others: Any) -> None:
    _note(Lecture.objects.filter(author=member).values_list("pk", flat=True), BOTH)


@receiver(organisation_changed)
def note_organisation(sender: Any, organisation: Organisation, **others: Any) -> None:
    _note(Lecture.objects.filter(organisation=organisation).values_list("pk", flat=True), [Kind.DOCUMENT])


@receiver([page_published, page_unpublished], sender=CoursePage)
def note_course(sender: Any, instance: CoursePage, **others: Any) -> None:
    _note(CourseItem.objects.filter(page=instance).values_list("lecture", flat=True), [Kind.DOCUMENT])


@receiver(post_delete, sender=CourseItem)
def note_course_item(sender: Any, instance: CourseItem, **others: Any) -> None:
    """Taken out of a course, or the course is gone: its page, which sends no other news of that, is Wagtail's."""
    _note([instance.lecture_id], [Kind.DOCUMENT])


def _note(lecture_ids: Iterable[int], kinds: Sequence[str]) -> None:
    outbox.note(lecture_ids, kinds=kinds)
    # Only a nudge: without it the schedule drains a little later. So a broker that is down fails nobody's request.
    transaction.on_commit(tasks.nudge, robust=True)
