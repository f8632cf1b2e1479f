"""Lectures as documents of the index, and what is said and shown in them as its windows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Prefetch
from django.utils import timezone

from courses.models import CourseItem, Lecture
from engagement import marks, popularity
from media_pipeline import text_tracks
from media_pipeline.models import Cut, TextTrack
from search import ranking, windows
from search.engines.base import Document, Removal, Speech
from search.windows import Cue

# What a document tells of its rows. Nothing else is read: assets and cuts carry waveforms and the like.
_TOLD = (
    "title", "speaker_name", "author__name", "topic__name", "summary", "organisation__name", "state", "visibility",
    "publish_at", "unpublish_at", "published_at", "kind", "language", "is_pick", "asset__duration_ms", "asset__cut_id",
)  # fmt: skip


@dataclass
class Beside:
    """What other rows say of lectures, by their keys."""

    featured: set[int] = field(default_factory=set)
    viewers: dict[int, int] = field(default_factory=dict)
    points: dict[int, int] = field(default_factory=dict)
    captioned: set[int] = field(default_factory=set)  # cuts
    courses: dict[int, list[tuple[int, str]]] = field(default_factory=dict)


def read_clock() -> datetime:
    """Now, by the one clock that orders versions: the database's, where several machines read."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row: tuple[datetime] = cursor.fetchone()
    return row[0]


def load(lecture_ids: Collection[int]) -> list[Document | Removal]:
    """What the index should hold of these lectures now: documents, and removals of those that are no more.

    Lectures of every state have a document, so that a move between states is one change of one field. A fixed number
    of queries, however many.
    """
    read_at = read_clock()  # before the first row is read: what changes while we read counts as newer
    lectures = Lecture.objects.filter(pk__in=lecture_ids).select_related("author", "topic", "organisation", "asset")
    found = {lecture.pk: lecture for lecture in lectures.only(*_TOLD)}
    beside = _beside(list(found.values()))
    documents: list[Document | Removal] = [of(lecture, beside, read_at) for lecture in found.values()]
    return [*documents, *(Removal(pk, read_at) for pk in lecture_ids if pk not in found)]


def _beside(lectures: list[Lecture]) -> Beside:
    if not lectures:
        return Beside()
    keys = [lecture.pk for lecture in lectures]
    return Beside(
        featured=marks.seals_of(lectures),
        viewers=popularity.viewers_of(keys),
        points=popularity.points_of(keys),
        captioned=_captioned([lecture.asset.cut_id for lecture in lectures]),
        courses=_courses(keys),
    )


def _captioned(cuts: Iterable[int | None]) -> set[int]:
    tracks = TextTrack.objects.filter(cut__in=[cut for cut in cuts if cut]).only("cut", "source", "reviewed_at")
    return {track.cut_id for track in tracks if track.is_shown}


def _courses(lecture_ids: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    """(key, title) of the courses each is in, that are open to all."""
    items = CourseItem.objects.filter(lecture__in=lecture_ids, page__live=True).order_by("page_id")
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for lecture, page, title in items.values_list("lecture_id", "page_id", "page__title"):
        found[lecture].append((page, title))
    return found


def of(lecture: Lecture, beside: Beside, read_at: datetime) -> Document:
    courses = beside.courses.get(lecture.pk, [])
    featured = lecture.pk in beside.featured
    return Document(
        lecture_id=lecture.pk,
        read_at=read_at,
        title=lecture.title,
        speaker=lecture.speaker,
        topic=lecture.topic.name if lecture.topic else "",
        courses=tuple(title for _, title in courses),
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
        course_ids=tuple(page for page, _ in courses),
        length=ranking.length_of(lecture.asset.duration_ms),
        year=timezone.localtime(lecture.published_at).year if lecture.published_at else None,
        language=lecture.language,
        is_captioned=lecture.asset.cut_id in beside.captioned,
        is_featured=featured,
        merit=ranking.merit(is_featured=featured, is_pick=lecture.is_pick, points=beside.points.get(lecture.pk, 0)),
        views=beside.viewers.get(lecture.pk, 0),
    )


# ---- what is said and shown ----


def speeches(lecture_ids: Collection[int]) -> list[Speech]:
    """What the index should hold of what is said and shown in these lectures now; nothing of those that are no more."""
    read_at = read_clock()
    found = {lecture.pk: lecture for lecture in _with_texts(lecture_ids)}
    cues = cues_of(found.values())
    return [
        Speech(pk, read_at, about(found[pk]), windows.windows_of(cues[pk]))
        if pk in found
        else Speech(pk, read_at, "", ())
        for pk in lecture_ids
    ]


def about(lecture: Lecture) -> str:
    return f"{lecture.title}。{lecture.speaker}"


def cues_of(lectures: Iterable[Lecture]) -> dict[int, list[Cue]]:
    """The one place that knows where a lecture's cues come from: the captions viewers get, and the slides that were
    read, in the time of its cut. Of lectures loaded `_with_texts`."""
    return {lecture.pk: _cues(lecture.asset.cut) for lecture in lectures}


def _with_texts(lecture_ids: Collection[int]) -> Iterable[Lecture]:
    told = TextTrack.objects.order_by("pk").only("cut", "language", "source", "reviewed_at", "cues")
    return (
        Lecture.objects.filter(pk__in=lecture_ids)
        .select_related("author", "asset__cut")
        .prefetch_related(Prefetch("asset__cut__texts", told), "asset__cut__slide_texts")
        .only("title", "speaker_name", "author__name", "asset__cut__id")
    )


def _cues(cut: Cut | None) -> list[Cue]:
    if cut is None:
        return []
    said = [
        Cue(start, end, text, windows.SPEECH, track.language.lower())
        for track in text_tracks.shown(cut)
        for start, end, text in track.cues
    ]
    return said + [Cue(one.start_ms, one.end_ms, one.text, windows.SLIDE) for one in cut.slide_texts.all()]
