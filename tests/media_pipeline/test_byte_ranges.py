"""What Range headers ask for."""

from __future__ import annotations

import pytest

from media_pipeline.byte_ranges import Span, Unsatisfiable, wanted


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=0-", Span(0, 100)),
        ("bytes=10-19", Span(10, 20)),
        ("bytes=90-500", Span(90, 100)),
        ("bytes=-10", Span(90, 100)),
        ("bytes=-500", Span(0, 100)),
        ("bytes = 5 - 9", Span(5, 10)),
        ("", None),
        ("bytes=-", None),
        ("bytes=20-10", None),
        ("bytes=0-1,5-6", None),
        ("lines=1-2", None),
        ("bytes=a-b", None),
    ],
)
def test_a_header_asks_for_a_span_or_the_whole(header: str, span: Span | None) -> None:
    assert wanted(header, 100) == span


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=0-", 0), ("bytes=-0", 100), ("bytes=-5", 0)])
def test_what_lies_behind_the_end_cannot_be_given(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        wanted(header, size)
