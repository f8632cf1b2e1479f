"""What viewers keep of a lecture that shows another cut, or another recording (docs/decisions/0015).

Of the same source: where they go on and what they have played, moved through the source's time. Of another source:
nothing, but for what they have played of it before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from courses.models import Lecture
from engagement import coverage
from engagement.coverage import Covered
from engagement.models import Coverage, Viewing
from media_pipeline import kept_ranges
from media_pipeline.kept_ranges import Range
from media_pipeline.models import Cut

AT_ONCE = 500


def carry(lecture: Lecture, before: Cut | None, after: Cut) -> None:
    """Part of the transaction that shows `after`. Completes nobody: that is for the fold, with the next beat."""
    viewings = list(Viewing.objects.filter(lecture=lecture))
    played, known = _played(lecture, before), _played(lecture, after)
    is_same_source = before is not None and before.asset_id == after.asset_id
    old, new = kept_ranges.from_rows(before.kept if before else []), kept_ranges.from_rows(after.kept)
    drawn = []
    for viewing in viewings:
        seen: Iterable[Sequence[int]] = known.get(viewing.pk, [])
        if is_same_source:
            seen = [*seen, *_moved(played.get(viewing.pk, []), old, new)]
            viewing.position_ms = kept_ranges.cut_moment(kept_ranges.source_moment(viewing.position_ms, old), new)
        intervals = coverage.union(seen, after.duration_ms)
        if not is_same_source:
            viewing.position_ms = intervals[-1][1] if intervals else 0
        viewing.covered_ms, viewing.duration_ms = coverage.covered_ms(intervals), after.duration_ms
        if intervals:
            drawn.append(Coverage(viewing=viewing, cut=after, intervals=intervals))
    Viewing.objects.bulk_update(viewings, ["position_ms", "covered_ms", "duration_ms"], batch_size=AT_ONCE)
    Coverage.objects.bulk_create(
        drawn, update_conflicts=True, unique_fields=["viewing", "cut"], update_fields=["intervals"], batch_size=AT_ONCE
    )


def _played(lecture: Lecture, cut: Cut | None) -> dict[int, Covered]:
    """By viewing's key."""
    return dict(Coverage.objects.filter(viewing__lecture=lecture, cut=cut).values_list("viewing", "intervals"))


def _moved(intervals: Covered, old: Sequence[Range], new: Sequence[Range]) -> Covered:
    spans = [span for one in intervals for span in kept_ranges.restored_spans(*one, old)]
    return [moved for span in spans for moved in kept_ranges.kept_spans(*span, new)]
