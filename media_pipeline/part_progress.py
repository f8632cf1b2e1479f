"""How far the parts of long sources are, all together: by what is made and by what the workers at the others say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min

from jobs.models import Job
from media_pipeline.models import EncodedStretch


@dataclass(frozen=True)
class PartProgress:
    """`permille`: of the film's length, encoded. `since`: when the first part was begun; None: none was."""

    permille: int
    since: datetime | None


def of(assets: Collection[int], active: Iterable[Job]) -> dict[int, PartProgress]:
    """By asset's key, in two queries; `active`: the jobs at their parts."""
    if not assets:
        return {}
    running = {job.subject: job.progress / 1000 for job in active}
    done: dict[int, float] = defaultdict(float)
    whole: dict[int, float] = defaultdict(float)
    rows = EncodedStretch.objects.filter(package__cut__asset__in=assets, package__verified_at=None)
    for row in rows.select_related("package__cut"):
        cut = row.package.cut
        length = (cut.duration_ms if row.end_ms is None else row.end_ms) - row.start_ms
        whole[cut.asset_id] += length
        done[cut.asset_id] += length * (1.0 if row.done_at else running.get(f"asset:{cut.asset_id}/{row.number}", 0.0))
    since = _begun(assets)
    return {pk: PartProgress(round(1000 * done[pk] / whole[pk]), since.get(pk)) for pk in whole if whole[pk]}


def _begun(assets: Collection[int]) -> dict[int, datetime]:
    subjects = {f"asset:{pk}": pk for pk in assets}
    parts = Job.objects.about(*subjects).filter(kind="media.encode_part", started_at__isnull=False)
    begun: dict[int, datetime] = {}
    for subject, first in parts.values_list("subject").annotate(first=Min("started_at")).order_by("subject"):
        pk = subjects[subject.partition("/")[0]]
        begun[pk] = min(begun.get(pk, first), first)
    return begun
