"""The packets of a file: times, keys, clocks that jump, and where ffmpeg would cut."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from media_pipeline import packets
from media_pipeline.packets import Packets

ROW = "{stream},{at:.6f},{at:.6f},0.040000,100,{flags},"


def rows(*times: float, stream: int = 0, flags: str = "K_") -> list[str]:
    return [ROW.format(stream=stream, at=at, flags=flags) for at in times]


def test_each_track_has_its_own_times_in_the_order_of_presentation() -> None:
    taken = packets.log([*rows(0.08, 0.0, 0.04, flags="__"), *rows(0.0, 0.02, stream=1)])

    assert taken.track(0) == Packets((0.0, 0.04, 0.08), pytest.approx(0.12), (), 300)
    assert taken.track(1).keys == (0.0, 0.02)
    assert taken.track(7) == Packets()


def test_what_is_missing_of_a_time_is_taken_from_what_is_there() -> None:
    taken = packets.log(["0,N/A,0.5,0.1,10,K_", "0,N/A,N/A,0.1,10,__", "0,0.7,N/A,N/A,10,__", "", "side_data,,,,,"])

    assert taken.track(0) == Packets((0.5, 0.6, 0.7), pytest.approx(0.7), (0.5,), 30)
    assert taken.count == 3


def test_pictures_without_any_time_follow_one_another() -> None:
    taken = packets.log(["0,N/A,N/A,0.04,10,K_"] * 25).track(0)

    assert (len(taken.times), taken.end, taken.fps) == (25, pytest.approx(1.0), pytest.approx(25))


def test_the_last_packet_lasts_as_long_as_is_usual_where_nothing_is_said() -> None:
    taken = packets.log(f"0,{number / 10},N/A,N/A,10,K_" for number in range(10))

    assert taken.track(0).end == pytest.approx(1.0)


def test_what_an_edit_list_hides_is_left_out_and_told() -> None:
    hidden = packets.log([*rows(-0.04, flags="KD_"), *rows(0.0, flags="__")]).track(0)

    assert hidden.times == (0.0,)
    assert hidden.has_preroll
    assert not packets.log(rows(0.0, flags="K__")).track(0).has_preroll


@pytest.mark.parametrize(
    ("times", "is_constant"),
    [
        ([number / 30 for number in range(300)], True),
        ([round(number / 30, 3) for number in range(300)], True),
        ([number / 30 + (2 if number > 150 else 0) for number in range(300)], True),  # one edit
        ([0, 0.04, 0.12, 0.16, 0.4, 0.44, 1.0], False),
        ([1.0], True),
        ([], True),
    ],
)
def test_frame_times_are_constant_but_for_a_rare_edit(times: list[float], is_constant: bool) -> None:
    assert Packets(tuple(times)).is_constant is is_constant


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([100.0, 100.04], [5.0, 5.04]),  # begun anew
        ([0.0, 0.04], [95443.7, 95443.74]),  # the clock went round
    ],
)
def test_a_clock_that_jumps_goes_on_where_it_was_for_all_tracks(before: list[float], after: list[float]) -> None:
    lines = [
        line
        for at in [*before, *after]
        for line in (*rows(at), *rows(at, stream=1))
    ]  # fmt: skip
    zero = before[0]

    for stream in (0, 1):
        followed = packets.log(lines, can_jump=True).track(stream)
        assert followed.times == pytest.approx([zero, zero + 0.04, zero + 0.08, zero + 0.12], abs=0.001)
    assert packets.log(lines).track(0).times == pytest.approx(sorted([*before, *after]))


def test_a_pause_is_no_jump() -> None:
    assert packets.log(rows(0.0, 0.04, 8.0), can_jump=True).track(0).times == (0.0, 0.04, 8.0)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([], ()),
        ([0], (0,)),
        (list(range(0, 20_000, 2000)), (0, 4000, 8000, 12_000, 16_000)),
        (list(range(0, 20_000, 3000)), (0, 6000, 9000, 12_000, 18_000)),
        # after a long stretch without a key it catches up, key by key
        ([0, 11_000, 12_000, 13_000, 14_000, 17_000], (0, 11_000, 12_000, 13_000, 17_000)),
        ([500, 4400, 4500], (500, 4500)),
    ],
)
def test_segments_begin_at_the_first_key_after_each_multiple(keys: list[int], expected: tuple[int, ...]) -> None:
    assert packets.cuts(keys, 4000) == expected
    assert packets.cuts(expected, 4000) == expected


@pytest.mark.parametrize(
    ("lines", "keys", "seamless"),
    [
        (["0, 0, 0, 1, 30, aa", "1, 0, 0, 1, 99, bb", "0, 5, 5, 1, 30, aa", "1, 5, 5, 1, 98, cc"], 2, True),
        # a key that leans on what came before
        (["0, 0, 0, 1, 30, aa", "1, 0, 0, 1, 99, bb"], 2, False),
        # another size
        (["0, 0, 0, 1, 30, aa", "0, 5, 5, 1, 30, ab", "1, 0, 0, 1, 99, bb", "1, 5, 5, 1, 9, c"], 2, False),
        ([], 0, False),
        (
            [
                "0, 0, 0, 1, 30, aa, S=1, 1, ff",
                "0, 5, 5, 1, 30, ab, S=1, 1, ff",
                "1, 0, 0, 1, 9, b",
                "1, 5, 5, 1, 9, c",
            ],
            2,
            False,
        ),
    ],
)
def test_a_picture_is_seamless_if_it_stays_as_it_is_and_each_key_stands_alone(
    lines: list[str], keys: int, seamless: bool
) -> None:
    assert packets.is_seamless(lines, keys) is seamless


@given(st.floats(1, 240), st.integers(2, 300))
def test_an_even_rate_is_read_back(fps: float, count: int) -> None:
    found = Packets(tuple(number / fps for number in range(count)), count / fps)

    assert found.fps == pytest.approx(fps)
    assert found.is_constant


words = st.lists(st.sampled_from(["0", "1.5", "N/A", "-3", "K_", "x"]), min_size=6).map(",".join)


@given(st.lists(words | st.text(max_size=12), max_size=20), st.booleans())
@example(lines=["0,0,0,-3,0,0"], can_jump=False)
def test_no_words_of_ffprobe_break_the_log(lines: list[str], can_jump: bool) -> None:
    taken = packets.log(lines, can_jump=can_jump)

    found = taken.track(0)
    assert list(found.times) == sorted(found.times)
    assert found.longest_gop >= 0


@given(st.sets(st.integers(0, 100_000), min_size=1).map(sorted), st.integers(1, 9000))
def test_cuts_are_keys_in_order_and_begin_with_the_first(keys: list[int], every: int) -> None:
    found = packets.cuts(keys, every)

    assert found[0] == keys[0]
    assert set(found) <= set(keys)
    assert list(found) == sorted(set(found))
