"""Who asks, and which lectures they may work on."""

from __future__ import annotations

from django.http import HttpRequest

from courses import access
from courses.models import Lecture
from members.models import Member
from ui.sentences import Refused


def member_of(request: HttpRequest) -> Member:
    return request.auth  # type: ignore[attr-defined, no-any-return]  # set by ninja


def workable(member: Member, public_id: str) -> Lecture:
    """Own, or any for an editor. Who may see it and no more is told so; for others it is not there."""
    lecture = access.playable_for(member, public_id)
    if lecture.author_id != member.pk and not access.is_editor(member):
        raise Refused("lecture_not_yours", status=403)
    return lecture
