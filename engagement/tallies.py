"""What the ledger counted for lectures in a quarter, as scoring wants it. Every point is 1, so sums are counts."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, QuerySet, Sum

from courses.models import Lecture
from engagement import periods
from engagement.models import PointEntry, PointEvent
from engagement.scoring import Tally
from media_pipeline import text_tracks

Parts = dict[int, int]


@dataclass
class _Counting:
    views: Parts = field(default_factory=dict)
    shares: Parts = field(default_factory=dict)


def of_quarter(period: str) -> dict[int, Tally]:
    """By lecture key, of those that anything was counted for. Four queries."""
    counted: Mapping[int, _Counting] = defaultdict(_Counting)
    start, end = periods.quarter_bounds(period)
    sums = (
        PointEntry.objects.filter(event__occurred_at__gte=start, event__occurred_at__lt=end)
        .values_list("event__lecture", "event__kind", "event__viewer_organisation")
        .annotate(sum=Sum("amount"))
    )
    for lecture, kind, organisation, count in sums:
        if count > 0:
            counting = counted[lecture]
            parts = counting.shares if kind == PointEvent.Kind.SHARE else counting.views
            parts[organisation or 0] = count
    viewers = _viewers(period)
    captioned = _captioned(counted)
    return {
        lecture: Tally(counting.views, counting.shares, viewers.get(lecture, 0), captions_reviewed=lecture in captioned)
        for lecture, counting in counted.items()
    }


def events_hash(lecture_id: int, period: str) -> str:
    """Of the keys of the events counted, so that a mark can be checked against them years later."""
    keys = _valid(period).filter(lecture=lecture_id).order_by("key").values_list("key", flat=True)
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def _valid(period: str) -> QuerySet[PointEvent]:
    start, end = periods.quarter_bounds(period)
    events = PointEvent.objects.filter(occurred_at__gte=start, occurred_at__lt=end)
    return events.annotate(counted=Sum("entries__amount")).filter(counted__gt=0)


def _captioned(lectures: Iterable[int]) -> set[int]:
    """Those whose captions were looked through."""
    assets = dict(Lecture.objects.filter(pk__in=list(lectures)).values_list("asset", "pk"))
    return {assets[asset] for asset in text_tracks.reviewed(assets)}


def _viewers(period: str) -> dict[int, int]:
    valid = PointEvent.objects.filter(pk__in=_valid(period).values("pk"))
    counts = valid.values_list("lecture").annotate(viewers=Count("viewer", distinct=True))
    return dict(counts.order_by())
