"""The published rule as numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement import scoring
from engagement.models import RuleSet
from engagement.scoring import Evidence, Tally

RULES = RuleSet(
    version=1,
    score_least=10,
    viewers_least=4,
    organisations_least=3,
    share_of_one_most=60,
    captions_on=False,
    cooling_hours=72,
    places=2,
)
GOOD = Tally(views={1: 4, 2: 2, 3: 2}, shares={1: 1}, viewers=8)


def unmet(tally: Tally, rules: RuleSet = RULES, *, cooled: int = 72, rank: int = 1) -> list[str]:
    return [one.code for one in scoring.weigh(tally, rules, cooled_hours=cooled, rank=rank).unmet]


def test_views_plus_twice_the_shares() -> None:
    found = scoring.weigh(GOOD, RULES)

    assert (found.views, found.shares, found.score) == (8, 1, 10)
    assert found.organisations == {"1": 6, "2": 2, "3": 2}
    assert found.largest == 60
    assert found.organisation_count == 3


@pytest.mark.parametrize(
    ("tally", "cooled", "rank", "in_the_way"),
    [
        (GOOD, 72, 1, []),
        (Tally(views={1: 3, 2: 3, 3: 3}, viewers=9), 72, 1, ["score"]),
        (Tally(views={1: 4, 2: 4, 3: 4}, viewers=3), 72, 1, ["viewers"]),
        (Tally(views={1: 6, 2: 6}, viewers=12), 72, 1, ["organisations"]),
        (Tally(views={1: 7, 2: 2, 3: 2}, viewers=11), 72, 1, ["share_of_one"]),
        (GOOD, 71, 1, ["cooling"]),
        (GOOD, 72, 3, ["places"]),
        (GOOD, 72, 0, ["places"]),
        (Tally(), 0, 0, ["score", "viewers", "organisations", "cooling", "places"]),
    ],
)
def test_each_condition_alone(tally: Tally, cooled: int, rank: int, in_the_way: list[str]) -> None:
    assert unmet(tally, cooled=cooled, rank=rank) == in_the_way


def test_captions_stand_in_the_way_only_when_switched_on() -> None:
    rules = RuleSet(version=2, score_least=10, viewers_least=4, organisations_least=3, captions_on=True)

    assert unmet(GOOD, rules) == ["captions"]
    assert unmet(Tally(GOOD.views, GOOD.shares, 8, captions_reviewed=True), rules) == []


def test_a_condition_that_is_off_is_printed_and_stops_nothing() -> None:
    off = {f"{name}_on": False for name in (
        "score", "viewers", "organisations", "share_of_one", "captions", "cooling", "places")}  # fmt: skip

    found = scoring.weigh(Tally(), RuleSet(version=3, **off))

    assert len(found.conditions) == 7
    assert found.unmet == []


def test_members_who_belong_nowhere_are_no_organisation_but_count() -> None:
    found = scoring.weigh(Tally(views={0: 9, 1: 1}, viewers=10), RULES)

    assert found.score == 10
    assert found.organisation_count == 1
    assert found.largest == 10


parts = st.dictionaries(st.integers(0, 6), st.integers(1, 50), max_size=6)


@given(parts, parts, st.integers(0, 300), st.integers(0, 100), st.integers(0, 5))
def test_evidence_survives_being_kept_and_its_parts_make_the_score(
    views: dict[int, int], shares: dict[int, int], viewers: int, cooled: int, rank: int
) -> None:
    found = scoring.weigh(Tally(views, shares, viewers), RULES, cooled_hours=cooled, rank=rank)

    assert Evidence.from_json(found.as_json()) == found
    assert sum(found.organisations.values()) == found.score
    assert 0 <= found.largest <= 100
