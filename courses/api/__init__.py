"""`lectures` of the API: what they say of themselves and their moves; what belongs to each of them."""

from __future__ import annotations

from ninja import Router

from courses.api import captions, chapters, lectures, poster, versions
from courses.api.lectures import AuthorOut, LectureOut, TopicOut

__all__ = ["AuthorOut", "LectureOut", "TopicOut", "router"]

router = Router(tags=["lectures"])
for part in (lectures.router, captions.router, chapters.router, poster.router, versions.router):
    router.add_router("", part)
