"""Which lectures bear the seal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from courses.models import Lecture
from courses.models.lectures import LectureQuerySet
from engagement.models import FeaturedMark
from engagement.scoring import Evidence
from ui.prepared import prepared


def seals_of(lectures: Iterable[Lecture]) -> set[int]:
    """Keys of those that are featured, in whatever quarter. One query."""
    return seals_among({lecture.pk for lecture in lectures})


def seals_among(keys: Collection[int]) -> set[int]:
    """Those of the lectures' keys."""
    confirmed = FeaturedMark.objects.filter(state=FeaturedMark.State.CONFIRMED, lecture__in=keys)
    return set(confirmed.values_list("lecture", flat=True)) if keys else set()


def with_seals(lectures: LectureQuerySet) -> LectureQuerySet:
    """Each with `is_featured`, without a query of its own."""
    confirmed = FeaturedMark.objects.filter(state=FeaturedMark.State.CONFIRMED, lecture=OuterRef("pk"))
    return lectures.annotate(is_featured=Exists(confirmed))


def of(lecture: Lecture) -> FeaturedMark | None:
    """Its latest confirmed mark, with who gave it and by which rules. One query."""
    return next(iter(_latest(lecture.pk)), None)


@prepared
def _latest(lecture: int) -> QuerySet[FeaturedMark, FeaturedMark]:
    confirmed = FeaturedMark.objects.filter(state=FeaturedMark.State.CONFIRMED, lecture=lecture)
    return confirmed.select_related("decided_by", "rules").order_by("-period")[:1]


def evidence() -> Subquery:
    """Of a query of lectures: what the latest mark of each was given for. `say` says it."""
    marks = FeaturedMark.objects.filter(state=FeaturedMark.State.CONFIRMED, lecture=OuterRef("pk"))
    return Subquery(marks.order_by("-period").values("evidence")[:1])


def say(kept: Mapping[str, Any] | None) -> str:
    """In one line; empty of what has no mark."""
    if kept is None:
        return ""
    evidence = Evidence.from_json(kept)
    return _("%(views)s valid views, %(shares)s valid shares; viewers from %(branches)s branches") % {
        "views": evidence.views,
        "shares": evidence.shares,
        "branches": evidence.organisation_count,
    }
