"""Lectures as documents of the index."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone

from courses.models import Lecture
from engagement import marks
from search.engines.base import Document, Operation, Removal


def load(lecture_ids: Collection[int]) -> list[Operation]:
    """What the index should hold of these lectures now: documents, and removals of those that are no more.

    Lectures of every state have a document, so that a move between states is one change of one field.
    """
    read_at = timezone.now()  # before the first row is read: what changes while we read counts as newer
    lectures = Lecture.objects.filter(pk__in=lecture_ids).select_related("author", "topic", "organisation")
    found = {lecture.pk: lecture for lecture in lectures}
    featured = marks.seals_of(list(found.values()))
    documents = [of(lecture, is_featured=pk in featured, read_at=read_at) for pk, lecture in found.items()]
    gone = [Removal(pk, read_at) for pk in lecture_ids if pk not in found]
    return [*documents, *gone]


def of(lecture: Lecture, *, is_featured: bool, read_at: datetime) -> Document:
    return Document(
        lecture_id=lecture.pk,
        row_version=lecture.row_version,
        read_at=read_at,
        title=lecture.title,
        speaker=lecture.speaker,
        topic=lecture.topic.name if lecture.topic else "",
        summary=lecture.summary,
        organisation=lecture.organisation.name if lecture.organisation else "",
        state=lecture.state,
        visibility=lecture.visibility,
        organisation_id=lecture.organisation_id,
        publish_at=lecture.publish_at,
        unpublish_at=lecture.unpublish_at,
        published_at=lecture.published_at,
        kind=lecture.kind,
        topic_id=lecture.topic_id,
        is_featured=is_featured,
    )
