"""Which lectures bear the seal."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from courses.models import Lecture
from engagement.models import FeaturedMark
from engagement.scoring import Evidence


def seals_of(lectures: Iterable[Lecture]) -> set[int]:
    """Keys of those that are featured, in whatever quarter. One query."""
    keys = {lecture.pk for lecture in lectures}
    confirmed = FeaturedMark.objects.filter(state=FeaturedMark.State.CONFIRMED, lecture__in=keys)
    return set(confirmed.values_list("lecture", flat=True)) if keys else set()


def evidence_of(lecture: Lecture) -> str:
    """What its latest mark was given for, in one line; empty without a mark. One query."""
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
