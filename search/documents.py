"""Lectures as documents of the index, and what is said and shown in them as its windows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from courses.models import CourseItem, Lecture
from engagement import marks, popularity
from media_pipeline import text_tracks
from media_pipeline.models import SlideText, TextTrack
from search import ranking, windows
from search.engines.base import Document, Removal, Speech
from search.windows import Cue


class Told(NamedTuple):
    """What a document tells of its lecture's row and those it points to. A tuple: models cost ten times as much."""

    pk: int
    title: str
    speaker_name: str
    author: str
    topic_id: int | None
    topic: str | None
    summary: str
    organisation_id: int | None
    organisation: str | None
    state: str
    visibility: str
    publish_at: datetime | None
    unpublish_at: datetime | None
    published_at: datetime | None
    kind: str
    language: str
    is_pick: bool
    duration_ms: int | None
    cut: int | None


# Where the rows have it, if not under that name.
_FROM = {
    "author": "author__name", "topic": "topic__name", "organisation": "organisation__name",
    "duration_ms": "asset__duration_ms", "cut": "asset__cut",
}  # fmt: skip
_COLUMNS = [_FROM.get(name, name) for name in Told._fields]


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
    rows = [Told(*row) for row in Lecture.objects.filter(pk__in=lecture_ids).values_list(*_COLUMNS)]
    beside, found = _beside(rows), {row.pk for row in rows}
    documents: list[Document | Removal] = [_of(row, beside, read_at) for row in rows]
    return [*documents, *(Removal(pk, read_at) for pk in lecture_ids if pk not in found)]


def _beside(rows: list[Told]) -> Beside:
    if not rows:
        return Beside()
    keys = [row.pk for row in rows]
    return Beside(
        featured=marks.seals_among(keys),
        viewers=popularity.viewers_of(keys),
        points=popularity.points_of(keys),
        captioned=text_tracks.captioned([row.cut for row in rows if row.cut]),
        courses=_courses(keys),
    )


def _courses(lecture_ids: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    """(key, title) of the courses each is in, that are open to all."""
    items = CourseItem.objects.filter(lecture__in=lecture_ids, page__live=True).order_by("page_id")
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for lecture, page, title in items.values_list("lecture_id", "page_id", "page__title"):
        found[lecture].append((page, title))
    return found


def of(lecture: Lecture, beside: Beside, read_at: datetime) -> Document:
    """Of a lecture at hand."""
    row = Told(
        **{name: getattr(lecture, name, None) for name in Told._fields}  # type: ignore[arg-type]
    )._replace(
        author=lecture.author.name,
        topic=lecture.topic.name if lecture.topic else None,
        organisation=lecture.organisation.name if lecture.organisation else None,
        duration_ms=lecture.asset.duration_ms,
        cut=lecture.asset.cut_id,
    )
    return _of(row, beside, read_at)


def _of(row: Told, beside: Beside, read_at: datetime) -> Document:
    courses = beside.courses.get(row.pk, [])
    featured = row.pk in beside.featured
    return Document(
        lecture_id=row.pk,
        read_at=read_at,
        title=row.title,
        speaker=row.speaker_name or row.author,
        topic=row.topic or "",
        courses=tuple(title for _, title in courses),
        summary=row.summary,
        organisation=row.organisation or "",
        state=row.state,
        visibility=row.visibility,
        organisation_id=row.organisation_id,
        publish_at=row.publish_at,
        unpublish_at=row.unpublish_at,
        published_at=row.published_at,
        kind=row.kind,
        topic_id=row.topic_id,
        course_ids=tuple(page for page, _ in courses),
        length=ranking.length_of(row.duration_ms),
        year=timezone.localtime(row.published_at).year if row.published_at else None,
        language=row.language,
        is_captioned=row.cut in beside.captioned,
        is_featured=featured,
        merit=ranking.merit(is_featured=featured, is_pick=row.is_pick, points=beside.points.get(row.pk, 0)),
        views=beside.viewers.get(row.pk, 0),
    )


# ---- what is said and shown ----


def speeches(lecture_ids: Collection[int]) -> list[Speech]:
    """What the index should hold of what is said and shown in these lectures now; nothing of those that are no more."""
    read_at = read_clock()
    columns = ("pk", "title", "speaker_name", "author__name", "asset__cut")
    rows = Lecture.objects.filter(pk__in=lecture_ids).values_list(*columns)
    found = {pk: (f"{title}。{speaker or author}", cut) for pk, title, speaker, author, cut in rows}
    cues = cues_of([cut for _, cut in found.values() if cut])
    return [
        Speech(pk, read_at, found[pk][0], windows.windows_of(cues.get(found[pk][1], ())))
        if pk in found
        else Speech(pk, read_at, "", ())
        for pk in lecture_ids
    ]


def cues_of(cuts: Collection[int]) -> dict[int, list[Cue]]:
    """The one place that knows where a lecture's cues come from: the captions viewers get, and the slides that were
    read, in the time of its cut."""
    found: dict[int, list[Cue]] = defaultdict(list)
    tracks: dict[int, list[TextTrack]] = defaultdict(list)
    told = TextTrack.objects.filter(cut__in=cuts).order_by("pk")
    for track in told.only("cut", "language", "source", "reviewed_at", "cues"):
        tracks[track.cut_id].append(track)
    for cut, some in tracks.items():
        for track in text_tracks.shown_of(some):
            language = track.language.lower()
            found[cut] += [Cue(start, end, text, windows.SPEECH, language) for start, end, text in track.cues]
    slides = SlideText.objects.filter(cut__in=cuts).order_by("cut", "start_ms")
    for cut, start, end, text in slides.values_list("cut", "start_ms", "end_ms", "text"):
        found[cut].append(Cue(start, end, text, windows.SLIDE))
    return found
