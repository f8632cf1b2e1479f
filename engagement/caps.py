"""Which events earn a point under a rule set, and why others do not. Pure.

Each event is judged against what was counted before it, so a point that does not count never uses up a cap.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from engagement import periods

if TYPE_CHECKING:
    from engagement.models import RuleSet

VIEW_CAP_A_DAY: Final = "view_cap_a_day"
SHARE_CAP_A_PAIR: Final = "share_cap_a_pair"
SHARE_CAP_A_DAY: Final = "share_cap_a_day"
SHARE_CAP_A_QUARTER: Final = "share_cap_a_quarter"
SHARE_TOO_LATE: Final = "share_too_late"
PAIR_WITHIN = timedelta(days=30)


@dataclass(frozen=True)
class Claim:
    """An event that may earn: who would earn, whose viewing it was, when. `visited_at` only of a share."""

    is_share: bool
    member: int
    viewer: int
    occurred_at: datetime
    visited_at: datetime | None = None


@dataclass(frozen=True)
class Counted:
    """How many points were counted before, of those that matter to one claim."""

    views_of_viewer_today: int = 0
    shares_of_pair: int = 0
    shares_today: int = 0
    shares_this_quarter: int = 0


def reason_against(claim: Claim, before: Counted, rules: RuleSet) -> str:
    """Empty if it earns a point."""
    if not claim.is_share:
        return VIEW_CAP_A_DAY if before.views_of_viewer_today >= rules.view_cap_a_day else ""
    if claim.visited_at is None or claim.occurred_at > claim.visited_at + timedelta(days=rules.share_days):
        return SHARE_TOO_LATE
    if before.shares_of_pair >= rules.share_cap_a_pair:
        return SHARE_CAP_A_PAIR
    if before.shares_today >= rules.share_cap_a_day:
        return SHARE_CAP_A_DAY
    return SHARE_CAP_A_QUARTER if before.shares_this_quarter >= rules.share_cap_a_quarter else ""


class Tally:
    """The points counted so far, while a ledger is replayed in order."""

    def __init__(self) -> None:
        self._views: Counter[tuple[int, date]] = Counter()
        self._shares_a_day: Counter[tuple[int, date]] = Counter()
        self._shares_a_quarter: Counter[tuple[int, str]] = Counter()
        self._pairs: dict[tuple[int, int], list[datetime]] = {}

    def before(self, claim: Claim) -> Counted:
        day = periods.day_of(claim.occurred_at)
        pair = self._pairs.get((claim.member, claim.viewer), [])
        return Counted(
            views_of_viewer_today=self._views[claim.viewer, day],
            shares_of_pair=sum(at > claim.occurred_at - PAIR_WITHIN for at in pair),
            shares_today=self._shares_a_day[claim.member, day],
            shares_this_quarter=self._shares_a_quarter[claim.member, periods.quarter_of(claim.occurred_at)],
        )

    def count(self, claim: Claim) -> None:
        day = periods.day_of(claim.occurred_at)
        if not claim.is_share:
            self._views[claim.viewer, day] += 1
            return
        self._shares_a_day[claim.member, day] += 1
        self._shares_a_quarter[claim.member, periods.quarter_of(claim.occurred_at)] += 1
        self._pairs.setdefault((claim.member, claim.viewer), []).append(claim.occurred_at)
