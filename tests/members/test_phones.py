"""Phone numbers as people type them."""

from __future__ import annotations

import pytest

from members import phones


@pytest.mark.parametrize(
    "typed",
    [
        "13800000000",
        "+8613800000000",
        "+86 138 0000 0000",
        "86 138-0000-0000",
        "0086 13800000000",
        " 138 0000 0000 ",
        "138-0000-0000",
        "１３８００００００００",
        "＋86（138）00000000",
        "+86\u00a0138\u20110000\u20110000",
    ],
)
def test_every_way_of_writing_a_phone_is_one_number(typed):
    assert phones.normalise(typed) == "+8613800000000"


@pytest.mark.parametrize(
    ("typed", "number"), [("+1 (415) 555-0100", "+14155550100"), ("0049 30 901820", "+4930901820")]
)
def test_a_foreign_phone_keeps_its_country(typed, number):
    assert phones.normalise(typed) == number


@pytest.mark.parametrize(
    "typed",
    ["", "20417", "A-20417", "12800000000", "1380000000", "138000000001", "+0123456789", "+86", "党员", "+123456"],
)
def test_what_cannot_be_a_phone_is_none(typed):
    assert phones.normalise(typed) == ""
