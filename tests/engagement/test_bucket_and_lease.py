"""How fast one may watch, and in how many places."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engagement import bucket, lease
from engagement.bucket import Bucket
from engagement.lease import Lease

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_new_one_pays_five_seconds_and_no_more() -> None:
    assert bucket.pay(bucket.fresh(NOW), 60_000, NOW) == (5_000, Bucket(0, NOW))


def test_it_fills_at_twice_real_time_and_holds_four_minutes() -> None:
    assert bucket.fill(Bucket(0, NOW), NOW + 10 * SECOND).tokens_ms == 20_000
    assert bucket.fill(Bucket(0, NOW), NOW + 500 * SECOND).tokens_ms == 240_000


def test_double_speed_is_paid_in_full_for_ever() -> None:
    state = bucket.fresh(NOW)
    for step in range(1, 200):
        paid, state = bucket.pay(state, 20_000, NOW + step * 10 * SECOND)
        assert paid == 20_000


def test_a_clock_that_jumps_back_fills_nothing_twice() -> None:
    later = bucket.fill(Bucket(0, NOW), NOW + 10 * SECOND)

    back = bucket.fill(later, NOW)
    assert bucket.fill(back, NOW + 10 * SECOND).tokens_ms == 20_000


@given(st.lists(st.tuples(st.integers(0, 600_000), st.integers(-5, 400_000)), max_size=30))
def test_nobody_is_paid_more_than_twice_the_time_that_passed(steps: list[tuple[int, int]]) -> None:
    state, at, paid_in_all = bucket.fresh(NOW), NOW, 0
    for wait_ms, wanted in steps:
        at += timedelta(milliseconds=wait_ms)
        paid, state = bucket.pay(state, wanted, at)
        assert 0 <= paid <= max(wanted, 0)
        assert 0 <= state.tokens_ms <= bucket.HOLDS_MS
        paid_in_all += paid

    assert paid_in_all <= bucket.STARTS_MS + 2 * ((at - NOW) // timedelta(milliseconds=1))


def test_nobodys_lease_is_open_to_all() -> None:
    assert lease.is_open_to(Lease(), "one", NOW)


def test_for_twenty_seconds_it_is_the_holders_alone() -> None:
    held = lease.take("one", NOW)

    assert lease.is_open_to(held, "one", NOW + 19 * SECOND)
    assert not lease.is_open_to(held, "two", NOW + 19 * SECOND)
    assert lease.is_open_to(held, "two", NOW + 20 * SECOND)


def test_the_newest_play_wins() -> None:
    assert lease.take("two", NOW + SECOND).holder(NOW + 2 * SECOND) == "two"
