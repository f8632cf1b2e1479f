"""What of a player's claims is believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement import bucket, coverage, judging, lease
from engagement.bucket import Bucket
from engagement.judging import Judged, Known, Said, Session, Timeline, Watching
from engagement.lease import Lease

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DURATION = 120_000
KNOWN = Known(
    sessions={
        "mine": Session(member=1, lecture=7, cut=70),
        "mine2": Session(member=1, lecture=7, cut=70),
        "other": Session(member=1, lecture=8, cut=80),
        "theirs": Session(member=2, lecture=7, cut=70),
        "old": Session(member=1, lecture=7, cut=69),
    },
    timelines={7: Timeline(cut=70, duration_ms=DURATION), 8: Timeline(cut=80, duration_ms=DURATION)},
)
RICH = Watching(Bucket(240_000, NOW), Lease())


def said(start: int, end: int, **facts: Any) -> Said:
    return Said(
        **{"member": 1, "lecture": 7, "session": "mine", "start_ms": start, "end_ms": end, "received_at": NOW, **facts}
    )


def judge_one(beat: Said, state: Watching = RICH) -> Judged:
    return judging.judge([beat], state, KNOWN)[0][0]


def test_an_honest_interval_counts_whole() -> None:
    assert judge_one(said(0, 10_000)) == Judged((0, 10_000))


@pytest.mark.parametrize(
    ("beat", "reason"),
    [
        (said(0, 10_000, session="theirs"), "foreign_session"),
        (said(0, 10_000, session="nobody"), "foreign_session"),
        (said(0, 10_000, session="other"), "foreign_session"),  # one's own, but of another lecture
        (said(0, 10_000, session="old"), "stale_cut"),
        (said(5_000, 5_000), "bad_interval"),
        (said(9_000, 4_000), "bad_interval"),
        (said(-1, 4_000), "bad_interval"),
        (said(0, 10_000, rate=0), "bad_interval"),
        (said(0, 10_000, rate=16), "bad_interval"),
        (said(115_000, DURATION + 1_001), "beyond_end"),
        (said(DURATION, DURATION + 900), "beyond_end"),
        (said(2_000_000, 2_010_000), "beyond_end"),
    ],
)
def test_what_cannot_be_is_named_and_costs_nothing(beat: Said, reason: str) -> None:
    verdicts, state = judging.judge([beat], RICH, KNOWN)

    assert verdicts == [Judged(None, reason)]
    assert state == RICH


def test_a_little_over_the_end_is_cut_to_the_end() -> None:
    assert judge_one(said(115_000, DURATION + 1_000)) == Judged((115_000, DURATION))


def test_the_head_that_is_affordable_counts_and_the_rest_is_too_fast() -> None:
    verdicts, state = judging.judge(
        [said(0, 60_000), said(60_000, 70_000)], Watching(bucket.fresh(NOW), Lease()), KNOWN
    )

    assert verdicts == [Judged((0, 5_000), "too_fast"), Judged(None, "too_fast")]
    assert state.bucket.tokens_ms == 0


def test_the_other_tab_counts_nothing_while_the_first_holds_the_lease() -> None:
    beats = [said(0, 10_000), said(50_000, 60_000, session="mine2"), said(10_000, 20_000)]

    verdicts, _ = judging.judge(beats, RICH, KNOWN)

    assert [verdict.reason for verdict in verdicts] == ["", "no_lease", ""]


def test_a_play_takes_the_lease_over() -> None:
    beats = [
        said(0, 10_000),
        said(0, 0, session="mine2", is_play=True),
        said(10_000, 20_000),
        said(0, 9_000, session="mine2"),
    ]

    verdicts, state = judging.judge(beats, RICH, KNOWN)

    assert [verdict.reason for verdict in verdicts] == ["", "", "no_lease", ""]
    assert state.lease.session == "mine2"


def test_somebody_elses_play_takes_nothing_over() -> None:
    held = replace(RICH, lease=lease.take("mine", NOW))

    _, state = judging.judge([said(0, 0, session="theirs", is_play=True)], held, KNOWN)

    assert state.lease == held.lease


def test_beats_that_count_renew_the_lease_and_others_do_not() -> None:
    held = replace(RICH, lease=lease.take("mine", NOW))
    later = NOW + 15 * SECOND

    _, renewed = judging.judge([said(0, 10_000, received_at=later)], held, KNOWN)
    _, left = judging.judge([said(9_000, 4_000, received_at=later)], held, KNOWN)

    assert renewed.lease.until == later + lease.LASTS
    assert left.lease.until == NOW + lease.LASTS


def test_after_ten_seconds_out_of_sight_nothing_counts_until_seen_again() -> None:
    beats = [
        said(0, 10_000, is_hidden=True),
        said(10_000, 11_000, is_hidden=True),
        said(11_000, 12_000, is_hidden=True),
        said(12_000, 13_000),
        said(13_000, 14_000, is_hidden=True),
    ]

    verdicts, _ = judging.judge(beats, RICH, KNOWN)

    assert [verdict.reason for verdict in verdicts] == ["", "hidden_too_long", "hidden_too_long", "", ""]


beats_of_any_kind = st.lists(
    st.builds(
        said,
        st.integers(-2_000, DURATION + 5_000),
        st.integers(-2_000, DURATION + 5_000),
        session=st.sampled_from(["mine", "mine2", "theirs", "old", ""]),
        is_play=st.booleans(),
        is_hidden=st.booleans(),
    ),
    max_size=40,
)


@given(beats_of_any_kind, st.integers(0, 100))
def test_whatever_is_sent_at_once_earns_no_more_than_the_bucket_holds(beats: list[Said], seconds: int) -> None:
    """However a forger cuts, overlaps or repeats: real time is what it costs."""
    at = NOW + seconds * SECOND
    beats = [replace(beat, received_at=at) for beat in beats]

    verdicts, state = judging.judge(beats, Watching(bucket.fresh(NOW), Lease()), KNOWN)

    credited = [verdict.credited for verdict in verdicts if verdict.credited]
    assert sum(end - start for start, end in credited) <= 5_000 + 2_000 * seconds
    assert coverage.union(credited, DURATION) == coverage.union(credited, 10 * DURATION)
    assert all(
        verdict.credited or verdict.reason or beat.is_play for verdict, beat in zip(verdicts, beats, strict=True)
    )
    assert state.bucket.tokens_ms >= 0
