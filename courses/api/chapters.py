"""`lectures/{id}/chapters`."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from courses import access, chapters
from courses.api.people import member_of, workable
from courses.models import Lecture

router = Router()


class ChapterIn(Schema):
    start_ms: int
    title: str = Field("", max_length=200, description="Empty: it is counted, as in “Part 3”")


class ChapterOut(Schema):
    start_ms: int
    title: str = Field(description="As it was written")
    name: str = Field(description="As it is read")
    source: Literal["container", "slides", "pasted"] = Field(description="The file's, found by its slides, or written")


class ChaptersIn(Schema):
    chapters: list[ChapterIn] = []

    model_config = {"json_schema_extra": {"examples": [{"chapters": [{"start_ms": 0, "title": "那天上午的停线"}]}]}}


class ChaptersOut(Schema):
    chapters: list[ChapterOut]


@router.get("lectures/{public_id}/chapters", response=ChaptersOut, summary="Its chapters")
def list_chapters(request: HttpRequest, public_id: str) -> dict[str, Any]:
    return _as_json(access.playable_for(member_of(request), public_id))


@router.put("lectures/{public_id}/chapters", response=ChaptersOut, summary="These are its chapters from now on")
def arrange_chapters(request: HttpRequest, public_id: str, payload: ChaptersIn) -> dict[str, Any]:
    """In any order; none at all takes them away."""
    member = member_of(request)
    lecture = workable(member, public_id)
    found = [(one.start_ms, one.title) for one in payload.chapters]
    chapters.arrange(lecture, found, by=member, now=timezone.now())
    return _as_json(lecture)


def _as_json(lecture: Lecture) -> dict[str, Any]:
    names = ("start_ms", "title", "name", "source")
    return {"chapters": [{name: getattr(row, name) for name in names} for row in chapters.rows(lecture)]}
