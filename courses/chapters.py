"""The chapters of a lecture: who may change them, and the record of it. What chapters are says media_pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from courses import editing
from courses.models import Lecture
from media_pipeline import chapter_rows
from media_pipeline.models import Cut
from members.models import Member
from ui.lengths import moment, read_moment
from ui.sentences import Refused


@dataclass(frozen=True)
class Row:
    """`name`: as it is read; `title`: as it was written, empty if nobody wrote one."""

    start_ms: int
    title: str
    name: str
    source: str


@dataclass(frozen=True)
class Written:
    """A row of the form: what was typed."""

    at: str
    title: str


def rows(lecture: Lecture) -> list[Row]:
    cut = lecture.asset.cut
    found = chapter_rows.of(cut) if cut else []
    names = chapter_rows.titles(found)
    return [Row(one.start_ms, one.title, name, one.source) for one, name in zip(found, names, strict=True)]


def url_of(lecture: Lecture) -> str:
    """Where the player finds them, if there are any."""
    return reverse("courses:chapters-vtt", args=[lecture.public_id])


def webvtt(lecture: Lecture) -> str:
    return chapter_rows.webvtt(_cut(lecture))


def text(lecture: Lecture) -> str:
    """As a list to be changed, and pasted elsewhere."""
    cut = lecture.asset.cut
    return chapter_rows.text(chapter_rows.of(cut)) if cut else ""


@transaction.atomic
def arrange(lecture: Lecture, found: Sequence[tuple[int, str]], *, by: Member, now: datetime) -> None:
    """These are its chapters from now on, by beginning and title. None at all takes them away."""
    editing.check_may(lecture, "chapters", by, now)
    chapter_rows.arrange(_cut(lecture), found)
    editing.note(lecture, "chapters_changed", by=by, now=now)


@transaction.atomic
def paste(lecture: Lecture, text: str, *, by: Member, now: datetime) -> None:
    editing.check_may(lecture, "chapters", by, now)
    chapter_rows.write(_cut(lecture), text)
    editing.note(lecture, "chapters_changed", by=by, now=now)


def read(written: Sequence[Written], before: Sequence[Row]) -> list[tuple[int, str]]:
    """Rows of the form; empty ones are left out. A time that stands there as it was shown is the exact one that was
    there before. Raises Refused, naming the time that cannot be read."""
    exact = {moment(row.start_ms): row.start_ms for row in before}
    found = []
    for one in written:
        at, title = one.at.strip(), one.title.strip()
        if not at and not title:
            continue
        start_ms = exact.get(at, read_moment(at))
        if start_ms is None:
            raise Refused("moment_unreadable", field="chapters", words=at[:20] or title[:20])
        found.append((start_ms, title))
    return found


def _cut(lecture: Lecture) -> Cut:
    if lecture.asset.cut is None:
        raise Refused("recording_not_looked_at", status=409)
    return lecture.asset.cut
