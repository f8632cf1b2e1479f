from __future__ import annotations

from datetime import date, datetime

import pytest
from django.utils.translation import override

from ui import lengths


@pytest.mark.parametrize(
    ("ms", "clock", "moment"),
    [(0, "0:00", "00:00"), (522_999, "8:42", "08:42"), (356_000, "5:56", "05:56"), (3_723_000, "1:02:03", "1:02:03")],
)
def test_a_length_on_a_poster_and_a_place_in_a_lecture(ms: int, clock: str, moment: str):
    assert lengths.clock(ms) == clock
    assert lengths.moment(ms) == moment


@pytest.mark.parametrize(
    ("ms", "chinese", "english"),
    [
        (522_000, "8分42秒", "8 min 42 s"),
        (180_000, "3分", "3 min"),
        (42_000, "42秒", "42 s"),
        (7_265_000, "2小时1分", "2 h 1 min"),
    ],
)
def test_a_length_in_words(ms: int, chinese: str, english: str):
    with override("zh-hans"):
        assert lengths.spoken(ms) == chinese
    with override("en"):
        assert lengths.spoken(ms) == english


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 B"), (1023, "1023 B"), (4_300_000, "4.1 MB"), (432_013_312, "412 MB"), (4 * 1024**3, "4 GB")],
)
def test_a_size_as_phones_say_it(size: int, said: str):
    assert lengths.file_size(size) == said


def test_a_date_shows_its_year_only_when_it_is_another_one():
    today = date(2026, 11, 23)
    with override("zh-hans"):
        assert lengths.short_date(date(2026, 8, 14), today=today) == "8月14日"
        assert lengths.short_date(date(2025, 8, 14), today=today) == "2025年8月14日"
    with override("en"):
        assert lengths.short_date(date(2026, 8, 14), today=today) == "14 Aug"


def test_today_and_yesterday_are_called_so():
    now = datetime(2026, 11, 23, 10, 0)  # noqa: DTZ001 - in the zone that is shown
    with override("zh-hans"):
        assert lengths.spoken_moment(now.replace(hour=9, minute=20), now=now) == "今天09:20"
        assert lengths.spoken_moment(now.replace(day=22, hour=21, minute=6), now=now) == "昨天21:06"
        assert lengths.spoken_moment(now.replace(day=21), now=now) == "11月21日"
