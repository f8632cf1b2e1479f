"""What may be kept of a source, and how times move between the source and its cuts."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline import kept_ranges
from media_pipeline.kept_ranges import Range
from ui.sentences import Refused

MINUTE = 60_000


@st.composite
def cuts(draw: st.DrawFn, duration_ms: int = MINUTE) -> tuple[Range, ...]:
    """Ranges somebody may keep of a minute, as `chosen` answers them."""
    edges = draw(st.lists(st.integers(0, duration_ms // 200), min_size=2, max_size=12, unique=True).map(sorted))
    pairs = [(start * 200, end * 200) for start, end in zip(edges[::2], edges[1::2], strict=False)]
    if sum(end - start for start, end in pairs) < kept_ranges.LEAST_MS:
        return ()
    return kept_ranges.chosen([list(one) for one in pairs], duration_ms)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ([[0, MINUTE]], ()),  # all of it
        ([[10, MINUTE - 10]], ()),  # less than a picture is no cut
        ([[0, MINUTE + 400]], ()),  # players say a little more
        ([[5000, 20_000]], ((5000, 20_000),)),
        ([[20_000, 30_000], [0, 10_000]], ((0, 10_000), (20_000, 30_000))),  # in any order
        ([[0, 10_000], [10_000, 20_000]], ((0, 20_000),)),
        ([[0, 10_000], [10_030, 20_000]], ((0, 20_000),)),
    ],
)
def test_what_is_asked_for_is_put_in_order(asked: list[Any], kept: tuple[Range, ...]) -> None:
    assert kept_ranges.chosen(asked, MINUTE) == kept


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ([], "cut_too_short"),
        ([[0, 400], [500, 900]], "cut_too_short"),
        ([[0, 5000], [8000, 8050]], "cut_piece_too_short"),
        ([[5000, 5000]], "cut_backwards"),
        ([[9000, 5000]], "cut_backwards"),
        ([[-1, 5000]], "cut_outside"),
        ([[0, MINUTE + 501]], "cut_outside"),
        ([[0, 9000], [8000, 12_000]], "cut_overlap"),
        ([[number * 300, number * 300 + 150] for number in range(101)], "cut_too_many"),
        ([[0]], "cut_malformed"),
        ([[0, 1, 2]], "cut_malformed"),
        (["05"], "cut_malformed"),
        ([[0.5, 9.5]], "cut_malformed"),
        ([[False, True]], "cut_malformed"),
        ([{"start": 0}], "cut_malformed"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_own_sentence(asked: list[Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        kept_ranges.chosen(asked, MINUTE)
    assert refused.value.code == code
    assert str(refused.value)


def test_of_a_breath_all_may_be_kept() -> None:
    assert kept_ranges.chosen([[0, 600]], 600) == ()


@given(cuts())
def test_what_was_chosen_is_chosen_again(kept: tuple[Range, ...]) -> None:
    if kept:
        assert kept_ranges.chosen([list(one) for one in kept], MINUTE) == kept


@given(cuts())
def test_what_is_left_out_and_what_is_kept_are_all_of_it(kept: tuple[Range, ...]) -> None:
    whole = sorted([*(kept or [(0, MINUTE)]), *kept_ranges.left_out(kept, MINUTE)])
    assert whole[0][0] == 0
    assert whole[-1][1] == MINUTE
    assert all(before[1] == after[0] for before, after in pairwise(whole))


@given(cuts(), st.integers(0, MINUTE))
def test_every_moment_of_a_cut_is_one_of_the_source(kept: tuple[Range, ...], at_ms: int) -> None:
    at_ms = min(at_ms, kept_ranges.length(kept) - 1) if kept else at_ms
    there = kept_ranges.source_moment(at_ms, kept)
    assert kept_ranges.kept_spans(there, there + 1, kept) == [(at_ms, at_ms + 1)]
    assert kept_ranges.cut_moment(there, kept) == at_ms


@pytest.mark.parametrize(
    ("at_ms", "moment"), [(0, 0), (5_000, 0), (7_000, 2_000), (10_000, 5_000), (15_000, 5_000), (21_000, 6_000),
                          (30_000, 15_000), (59_000, 15_000)]
)  # fmt: skip
def test_a_moment_that_is_left_out_is_where_the_cut_goes_on(at_ms: int, moment: int) -> None:
    assert kept_ranges.cut_moment(at_ms, ((5_000, 10_000), (20_000, 30_000))) == moment
