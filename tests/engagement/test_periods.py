"""Days and quarters by the clock of Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement import periods

moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given one


def test_the_year_begins_at_four_in_the_afternoon_of_london() -> None:
    assert periods.quarter_of(datetime(2025, 12, 31, 15, 59, tzinfo=UTC)) == "2025-Q4"
    assert periods.quarter_of(datetime(2025, 12, 31, 16, 0, tzinfo=UTC)) == "2026-Q1"
    assert periods.day_of(datetime(2025, 12, 31, 16, 0, tzinfo=UTC)) == date(2026, 1, 1)


@given(moments)
def test_each_moment_lies_in_its_quarter_and_its_day(moment: datetime) -> None:
    start, end = periods.quarter_bounds(periods.quarter_of(moment))
    assert start <= moment < end
    midnight, next_midnight = periods.day_bounds(moment)
    assert midnight <= moment < next_midnight
    assert next_midnight - midnight == timedelta(days=1)


@given(moments)
def test_the_quarter_before_ends_where_this_one_begins(moment: datetime) -> None:
    period = periods.quarter_of(moment)

    assert periods.quarter_bounds(periods.quarter_before(period))[1] == periods.quarter_bounds(period)[0]


@pytest.mark.parametrize(
    "wrong", ["", "2026", "2026-Q5", "2026-Q0", "26-Q1", "2026-Q", "²⁰²⁶-Q1", "0000-Q1", "2026-Q11"]
)
def test_what_is_no_quarter_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="no quarter"):
        periods.quarter_bounds(wrong)
