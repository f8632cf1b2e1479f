"""Which events earn, and that fraud never eats an honest cap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement import caps
from engagement.caps import Claim, Counted, Tally
from engagement.models import RuleSet

RULES = RuleSet(version=1)
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def a_share(member: int = 1, viewer: int = 2, at: datetime = NOW, visited: datetime | None = NOW) -> Claim:
    return Claim(is_share=True, member=member, viewer=viewer, occurred_at=at, visited_at=visited)


def a_view(member: int = 1, viewer: int = 2, at: datetime = NOW) -> Claim:
    return Claim(is_share=False, member=member, viewer=viewer, occurred_at=at)


@pytest.mark.parametrize(
    ("claim", "before", "reason"),
    [
        (a_view(), Counted(), ""),
        (a_view(), Counted(views_of_viewer_today=11), ""),
        (a_view(), Counted(views_of_viewer_today=12), "view_cap_a_day"),
        (a_share(), Counted(), ""),
        (a_share(at=NOW + 14 * DAY), Counted(), ""),
        (a_share(at=NOW + 14 * DAY + timedelta(seconds=1)), Counted(), "share_too_late"),
        (a_share(visited=None), Counted(), "share_too_late"),
        (a_share(), Counted(shares_of_pair=3), "share_cap_a_pair"),
        (a_share(), Counted(shares_today=5), "share_cap_a_day"),
        (a_share(), Counted(shares_this_quarter=40), "share_cap_a_quarter"),
        (a_share(), Counted(shares_of_pair=2, shares_today=4, shares_this_quarter=39), ""),
    ],
)
def test_the_caps(claim: Claim, before: Counted, reason: str) -> None:
    assert caps.reason_against(claim, before, RULES) == reason


def test_a_pair_is_free_again_after_thirty_days() -> None:
    tally = Tally()
    for _ in range(3):
        tally.count(a_share())

    assert tally.before(a_share(at=NOW + 30 * DAY - timedelta(seconds=1))).shares_of_pair == 3
    assert tally.before(a_share(at=NOW + 30 * DAY)).shares_of_pair == 0


def test_a_new_day_begins_at_midnight_in_shanghai() -> None:
    tally = Tally()
    tally.count(a_view(at=datetime(2026, 11, 23, 15, 59, tzinfo=UTC)))

    assert tally.before(a_view(at=datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC))).views_of_viewer_today == 1
    assert tally.before(a_view(at=datetime(2026, 11, 23, 16, 0, tzinfo=UTC))).views_of_viewer_today == 0


claims = st.builds(
    lambda share, member, viewer, hours: a_share(member, viewer, *[NOW + timedelta(hours=hours)] * 2)
    if share
    else a_view(member, viewer, NOW + timedelta(hours=hours)),
    st.booleans(), st.integers(1, 3), st.integers(4, 6), st.integers(0, 24 * 120),
)  # fmt: skip


@given(st.lists(claims, max_size=120))
def test_no_cap_is_ever_exceeded_and_what_did_not_count_uses_up_nothing(all_claims: list[Claim]) -> None:
    tally, counted = Tally(), []
    for claim in sorted(all_claims, key=lambda one: one.occurred_at):
        before = tally.before(claim)
        if not caps.reason_against(claim, before, RULES):
            tally.count(claim)
            counted.append(claim)
        elif not claim.is_share:
            same_day = [one for one in counted if not one.is_share and one.viewer == claim.viewer
                        and caps.periods.day_of(one.occurred_at) == caps.periods.day_of(claim.occurred_at)]  # fmt: skip
            assert len(same_day) == RULES.view_cap_a_day
