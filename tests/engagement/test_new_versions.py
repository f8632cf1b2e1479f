"""What viewings become when a lecture shows another version of its recording."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from courses import versions as rules
from courses.models import Lecture
from engagement import viewings
from engagement.models import Coverage, PointEntry
from tests import cast
from tests.courses import versions
from tests.courses.versions import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def engine(tmp_path: Any, settings: Any) -> None:
    settings.STORAGE_URL = f"file://{tmp_path / 'media'}"


def test_a_new_cut_begins_a_new_coverage_and_what_was_earned_stays() -> None:
    lecture, done, half = versions.lecture("published"), cast.member(), cast.member()
    viewings.watch(done, lecture, [(0, 60_000)], now=NOW - timedelta(hours=2))
    viewings.watch(half, lecture, [(0, 30_000)], now=NOW - timedelta(hours=1))
    before = lecture.asset.cut
    assert PointEntry.objects.count() == 1

    version = versions.make(versions.proposed_cut(lecture, [10_000, 60_000]))
    rules.approve(version, by=cast.editor(), now=NOW)
    lecture = Lecture.objects.with_card().get(pk=lecture.pk)

    finished = viewings.progress_of(done, [lecture])[lecture.pk]
    begun = viewings.progress_of(half, [lecture])[lecture.pk]
    assert finished.is_done
    assert (begun.is_done, begun.covered_ms, begun.duration_ms) == (False, 0, 50_000)
    assert Coverage.objects.filter(cut=before).count() == 2
    viewings.watch(done, lecture, [(0, 50_000)], now=NOW)
    assert PointEntry.objects.count() == 1  # once ever
