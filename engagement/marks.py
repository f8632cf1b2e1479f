"""Which lectures bear the seal."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from courses.models import Lecture
from courses.models.lectures import LectureQuerySet
from engagement.models import FeaturedMark
from engagement.scoring import Evidence


def seals_of(lectures: Iterable[Lecture]) -> set[int]:
    """Keys of those that are featured, in whatever quarter. One query."""
    keys = {lecture.pk for lecture in lectures}
    confirmed = FeaturedMark.objects.filter(state=FeaturedMark.State.CONFIRMED, lecture__in=keys)
    return set(confirmed.values_list("lecture", flat=True)) if keys else set()


def with_seals(lectures: LectureQuerySet) -> LectureQuerySet:
    """Each with `is_featured`, without a query of its own."""
    confirmed = FeaturedMark.objects.filter(state=FeaturedMark.State.CONFIRMED, lecture=OuterRef("pk"))
    return lectures.annotate(is_featured=Exists(confirmed))


def of(lecture: Lecture) -> FeaturedMark | None:
    """Its latest confirmed mark, with who gave it and by which rules. One query."""
    confirmed = FeaturedMark.objects.filter(state=FeaturedMark.State.CONFIRMED, lecture=lecture)
    return confirmed.select_related("decided_by", "rules").order_by("-period").first()


def evidence_of(lecture: int) -> str:
    """What the latest mark of the lecture with this key was given for, in one line; empty without a mark. One query."""
    marks = FeaturedMark.objects.filter(state=FeaturedMark.State.CONFIRMED, lecture=lecture).order_by("-period")
    found = marks.values_list("evidence", flat=True).first()
    if found is None:
        return ""
    evidence = Evidence.from_json(found)
    return _("%(views)s valid views, %(shares)s valid shares; viewers from %(branches)s branches") % {
        "views": evidence.views,
        "shares": evidence.shares,
        "branches": evidence.organisation_count,
    }
