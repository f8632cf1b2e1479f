"""What several of these pages show alike: where one is, the ways between the pages of a lecture, its player."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from courses import chapters, workbench
from courses.models import Lecture
from media_pipeline import paths
from members.models import Member


def frame(lecture: Lecture, member: Member) -> dict[str, Any]:
    """For `courses/_work.html`, which all of them begin with."""
    is_own = lecture.author_id == member.pk
    back = reverse("courses:mine-edit", args=[lecture.public_id]) if is_own else f"/admin/review/{lecture.public_id}/"
    return {"lecture": lecture, "is_own": is_own, "back_url": back, "tabs": workbench.tabs(lecture)}


def player(lecture: Lecture, now: datetime) -> dict[str, Any]:
    """A preview, which counts for nobody."""
    return {
        "master_url": paths.signed(lecture.asset, "master.m3u8", now=now),
        "poster_url": paths.poster(lecture.asset, small=False, now=now),
        "sprite_vtt_url": paths.sprite(lecture.asset, now=now),
        "chapters_url": chapters.url_of(lecture) if chapters.rows(lecture) else "",
    }
