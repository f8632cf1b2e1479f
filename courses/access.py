"""Finding a lecture and being allowed to, in one step. What one may not see is not there (Http404)."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from courses.models import Lecture
from courses.models.lectures import LectureQuerySet
from courses.visibility import visible_to
from media_pipeline.models import Asset
from members import roles
from members.models import Member

# A draft that was never submitted is its author's business alone; one that was returned stays on the editors' desk, and
# one whose recording went wrong on our side needs an editor to start it again.
REVIEWABLE = ~Q(state=Lecture.State.DRAFT) | Q(submitted_at__isnull=False) | Q(asset__state=Asset.State.FAILED)


def lecture_for(member: Member | AnonymousUser, public_id: str, now: datetime | None = None) -> Lecture:
    """A lecture `member` may find and watch. The watch page asks for more with it: `cms.watch.lecture_for`."""
    return _one(Lecture.objects.visible_to(member, now), public_id)


def own_lecture(member: Member | AnonymousUser, public_id: str) -> Lecture:
    """A lecture credited to `member`, in any state."""
    if not isinstance(member, Member):
        raise Http404
    return _one(Lecture.objects.filter(author=member), public_id)


def lecture_to_work_on(member: Member | AnonymousUser, public_id: str, now: datetime | None = None) -> Lecture:
    """One whose captions, chapters, picture and recording `member` looks after: own, or an editor's to review."""
    if not isinstance(member, Member):
        raise Http404
    may = Q(author=member)
    return _one(Lecture.objects.filter(may | REVIEWABLE if is_editor(member, now) else may), public_id)


def lecture_to_review(member: Member | AnonymousUser, public_id: str, now: datetime | None = None) -> Lecture:
    """Any lecture that has ever been submitted or whose preparation failed, for editors."""
    if not is_editor(member, now):
        raise Http404
    return _one(Lecture.objects.filter(REVIEWABLE), public_id)


def playable_for(member: Member | AnonymousUser, public_id: str, now: datetime | None = None) -> Lecture:
    """A lecture `member` may open in a player and know the state of: visible, their own, or an editor's to review."""
    return _one(Lecture.objects.filter(_known_to(member, now or timezone.now())), public_id)


def is_editor(member: Member | AnonymousUser, now: datetime | None = None) -> bool:
    return isinstance(member, Member) and roles.is_editor(member, timezone.localdate(now))


def _known_to(member: Member | AnonymousUser, now: datetime) -> Q:
    may = visible_to(member, now)
    if isinstance(member, Member):
        may |= Q(author=member)
    return may | REVIEWABLE if is_editor(member, now) else may


def _one(lectures: LectureQuerySet, public_id: str) -> Lecture:
    return get_object_or_404(lectures.with_card().select_related("uploaded_by"), public_id=public_id)
