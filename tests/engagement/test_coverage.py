"""Unions of what was played."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement import coverage

DURATION = 100_000
moments = st.integers(-DURATION, 2 * DURATION)
intervals = st.lists(st.tuples(moments, moments), max_size=12)


def _by_hand(pairs: list[tuple[int, int]], duration: int) -> set[int]:
    return {at for start, end in pairs for at in range(max(start, 0), min(end, duration))}


@given(st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60)), max_size=8))
def test_it_covers_what_counting_by_hand_covers(pairs: list[tuple[int, int]]) -> None:
    covered = coverage.union(pairs, 50)

    assert _by_hand(covered, 50) == _by_hand(pairs, 50)
    assert coverage.covered_ms(covered) == len(_by_hand(pairs, 50))


@given(intervals)
def test_it_is_sorted_disjoint_inside_and_never_longer_than_the_lecture(pairs: list[tuple[int, int]]) -> None:
    covered = coverage.union(pairs, DURATION)

    edges = [edge for pair in covered for edge in pair]
    assert edges == sorted(set(edges))
    assert all(0 <= edge <= DURATION for edge in edges)
    assert coverage.covered_ms(covered) <= DURATION


@given(intervals, moments, moments)
def test_adding_twice_is_adding_once_and_never_takes_away(pairs: list[tuple[int, int]], start: int, end: int) -> None:
    before = coverage.union(pairs, DURATION)
    once = coverage.add(before, start, end, DURATION)

    assert coverage.add(once, start, end, DURATION) == once
    assert coverage.covered_ms(once) >= coverage.covered_ms(before)


@given(intervals, st.randoms())
def test_order_does_not_matter(pairs: list[tuple[int, int]], chance: object) -> None:
    shuffled = list(pairs)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert coverage.union(shuffled, DURATION) == coverage.union(pairs, DURATION)


@given(intervals)
def test_what_is_covered_and_what_is_missing_make_the_whole(pairs: list[tuple[int, int]]) -> None:
    covered = coverage.union(pairs, DURATION)
    missing = coverage.gaps(covered, DURATION, least_ms=1)

    assert coverage.union([*covered, *missing], DURATION) == [(0, DURATION)]
    assert coverage.covered_ms(covered) + coverage.covered_ms(missing) == DURATION


@pytest.mark.parametrize(
    ("seen", "duration", "is_complete"),
    [
        (90_000, 100_000, True),
        (89_999, 100_000, False),
        (54_000, 60_000, True),  # a minute is no short lecture any more
        (56_999, 59_999, False),  # 95 % of it is 56 999.05
        (57_000, 59_999, True),
        (0, 0, False),
    ],
)
def test_complete_is_ninety_per_cent_and_ninety_five_of_a_short_one(
    seen: int, duration: int, is_complete: bool
) -> None:
    assert coverage.is_complete(seen, duration) is is_complete
    assert (coverage.missing_ms(seen, duration) == 0) is (is_complete or duration == 0)


def test_gaps_nobody_could_aim_at_are_left_out() -> None:
    assert coverage.gaps([(0, 10_000), (10_999, 50_000)], 60_000) == [(50_000, 60_000)]
    assert coverage.gaps([(0, 10_000), (11_000, 60_000)], 60_000) == [(10_000, 11_000)]
    assert coverage.gaps([], 500) == []


def test_it_draws_from_and_to_in_per_cent() -> None:
    assert coverage.per_cent([(0, 25_000), (50_000, 100_000)], 100_000) == [(0, 25), (50, 100)]
    assert coverage.per_cent([(0, 1)], 0) == []
