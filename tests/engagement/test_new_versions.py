"""What viewings become when a lecture shows another version of its recording."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from courses import versions as rules
from courses.models import Lecture, Version
from engagement import carrying, viewings
from engagement.models import Coverage, PointEntry, Viewing
from tests import cast
from tests.courses import versions
from tests.courses.versions import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def engine(tmp_path: Any, settings: Any) -> None:
    settings.STORAGE_URL = f"file://{tmp_path / 'media'}"


def shown(lecture: Lecture) -> Lecture:
    return Lecture.objects.with_card().get(pk=lecture.pk)


def take(version: Version) -> None:
    rules.approve(version, by=cast.editor(), now=NOW)


def test_of_a_new_cut_counts_what_was_played_of_it_and_what_was_earned_stays() -> None:
    lecture, done, half = versions.lecture("published"), cast.member(), cast.member()
    viewings.watch(done, lecture, [(0, 60_000)], now=NOW - timedelta(hours=2))
    viewings.watch(half, lecture, [(0, 30_000)], now=NOW - timedelta(hours=1))
    before = lecture.asset.cut
    assert PointEntry.objects.count() == 1

    take(versions.make(versions.proposed_cut(lecture, [10_000, 60_000])))
    lecture = shown(lecture)

    finished = viewings.progress_of(done, [lecture])[lecture.pk]
    begun = viewings.progress_of(half, [lecture])[lecture.pk]
    assert (finished.is_done, finished.segments) == (True, [(0, 50_000)])
    assert (begun.is_done, begun.segments, begun.duration_ms) == (False, [(0, 20_000)], 50_000)
    assert begun.position_ms == 20_000  # where it was: half a minute into the source
    assert Viewing.objects.get(member=half).covered_ms == 20_000
    assert Coverage.objects.filter(cut=before).count() == 2
    viewings.watch(done, lecture, [(0, 50_000)], now=NOW)
    assert PointEntry.objects.count() == 1  # once ever


def test_who_stopped_in_what_is_left_out_goes_on_where_the_cut_does() -> None:
    lecture, viewer = versions.lecture("published"), cast.member()
    viewings.watch(viewer, lecture, [(0, 30_000)], now=NOW - timedelta(hours=1))
    take(versions.make(versions.proposed_cut(lecture, [0, 10_000], [40_000, 60_000])))
    so_far = viewings.progress_of(viewer, [shown(lecture)])[lecture.pk]
    assert (so_far.position_ms, so_far.segments) == (10_000, [(0, 10_000)])


def test_who_has_seen_all_that_is_left_is_done_when_they_open_it_again_and_not_before() -> None:
    lecture, viewer = versions.lecture("published"), cast.member()
    viewings.watch(viewer, lecture, [(0, 30_000)], now=NOW - timedelta(hours=1))
    take(versions.make(versions.proposed_cut(lecture, [0, 30_000])))
    lecture = shown(lecture)
    assert not viewings.progress_of(viewer, [lecture])[lecture.pk].is_done
    assert not PointEntry.objects.exists()
    viewings.watch(viewer, lecture, [(0, 5_000)], now=NOW)
    assert viewings.progress_of(viewer, [lecture])[lecture.pk].is_done
    assert PointEntry.objects.count() == 1


def test_back_to_an_earlier_cut_all_that_was_played_of_either_counts() -> None:
    lecture, viewer = versions.lecture("published"), cast.member()
    viewings.watch(viewer, lecture, [(0, 12_000)], now=NOW - timedelta(hours=2))
    take(versions.make(versions.proposed_cut(lecture, [10_000, 60_000])))
    viewings.watch(viewer, shown(lecture), [(30_000, 35_000)], now=NOW - timedelta(hours=1))
    version = versions.proposed_cut(shown(lecture), [0, 60_000])  # all of it: it is there already
    take(version)
    so_far = viewings.progress_of(viewer, [shown(lecture)])[lecture.pk]
    assert (so_far.segments, so_far.position_ms) == ([(0, 12_000), (40_000, 45_000)], 45_000)
    assert Viewing.objects.get(member=viewer).covered_ms == so_far.covered_ms == 17_000


def test_of_another_recording_nothing_was_played_and_it_begins_at_the_beginning() -> None:
    lecture, viewer = versions.lecture("published"), cast.member()
    viewings.watch(viewer, lecture, [(0, 30_000)], now=NOW - timedelta(hours=1))
    take(rules.recording(lecture, versions.replacement(lecture.author), by=lecture.author, now=NOW))
    so_far = viewings.progress_of(viewer, [shown(lecture)])[lecture.pk]
    assert (so_far.covered_ms, so_far.position_ms, so_far.duration_ms) == (0, 0, 45_000)


def test_many_viewers_cost_no_more_queries_than_few(django_assert_max_num_queries: Any) -> None:
    lecture = versions.lecture("published")
    before = lecture.asset.cut
    for viewer in [cast.member() for _ in range(12)]:
        viewing = Viewing.objects.create(
            member=viewer, lecture=lecture, duration_ms=60_000, position_ms=9_000, first_at=NOW, last_at=NOW
        )
        Coverage.objects.create(viewing=viewing, cut=before, intervals=[[0, 9_000]])
    version = versions.make(versions.proposed_cut(lecture, [5_000, 60_000]))
    assert version.cut
    with django_assert_max_num_queries(7):
        carrying.carry(lecture, before, version.cut)
    assert set(Coverage.objects.filter(cut=version.cut).values_list("viewing__position_ms", flat=True)) == {4_000}
