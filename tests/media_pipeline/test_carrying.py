"""What goes over from one cut to another of the same source."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from jobs.models import Job
from media_pipeline import cuts
from media_pipeline.models import Asset, Chapter, Cut, Inspection, Package, SlideText, TextTrack
from tests import cast
from tests.media_pipeline import tracks

NOW = timezone.now()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]


@pytest.fixture
def asset() -> Asset:
    asset = cast.ready_asset(cast.member(), 60_000)
    Inspection.objects.create(asset=asset, info=tracks.info(tracks.video()).as_json())
    assert asset.cut
    TextTrack.objects.create(
        cut=asset.cut, language="zh-Hans", source="uploaded", added_at=NOW, reviewed_by=asset.uploaded_by,
        reviewed_at=NOW, folder="stored", cues=[[1000, 3000, "一"], [9000, 12_000, "二"], [40_000, 42_000, "三"]],
    )  # fmt: skip
    for start, title in ((0, "开头"), (15_000, "中间"), (39_000, "结尾")):
        Chapter.objects.create(cut=asset.cut, start_ms=start, title=title, source="pasted")
    SlideText.objects.create(cut=asset.cut, start_ms=0, end_ms=50_000, text="班前会", confidence=0.9)
    return asset


def taken(asset: Asset, *kept: list[int]) -> Cut:
    """A cut that is made (nothing is encoded here) and taken."""
    cut = cuts.keeping(asset, list(kept), by=asset.uploaded_by, now=NOW)
    if not cut.packages.exists():
        package = Package.objects.create(cut=cut, created_at=NOW, verified_at=NOW)
        Cut.objects.filter(pk=cut.pk).update(package=package)
    cuts.take(cut, now=NOW)
    asset.refresh_from_db()
    return cut


def cues(cut: Cut) -> list[Any]:
    found: list[Any] = cut.texts.get().cues
    return found


def test_captions_chapters_and_slides_go_over_at_their_new_times(asset: Asset) -> None:
    cut = taken(asset, [2000, 10_000], [38_000, 60_000])

    assert cues(cut) == [[0, 1000, "一"], [7000, 8000, "二"], [10_000, 12_000, "三"]]
    assert [(one.start_ms, one.title) for one in cut.chapters.all()] == [(0, "开头"), (8000, "中间"), (9000, "结尾")]
    assert [(one.start_ms, one.end_ms) for one in cut.slide_texts.all()] == [(0, 20_000)]
    track = cut.texts.get()
    assert track.reviewed_at  # the words are the same
    assert track.folder == ""  # to be stored anew
    assert Job.objects.active().filter(kind="media.texts").exists()


def test_from_one_cut_to_the_next_they_go_by_the_source(asset: Asset) -> None:
    first = taken(asset, [2000, 60_000])
    second = taken(asset, [0, 1000], [9500, 60_000])

    assert cues(first) == [[0, 1000, "一"], [7000, 10_000, "二"], [38_000, 40_000, "三"]]
    assert cues(second) == [[1000, 3500, "二"], [31_500, 33_500, "三"]]
    assert [one.title for one in second.chapters.all()] == ["开头", "中间", "结尾"]


def test_what_the_other_cut_has_of_its_own_stays(asset: Asset) -> None:
    whole = asset.cut
    assert whole
    taken(asset, [2000, 60_000])
    taken(asset, [0, 60_000])

    assert asset.cut == whole
    assert cues(whole)[0] == [1000, 3000, "一"]
    assert whole.chapters.count() == 3


def test_without_anything_to_carry_nothing_is_carried(asset: Asset) -> None:
    TextTrack.objects.all().delete()
    Chapter.objects.all().delete()
    SlideText.objects.all().delete()
    cut = taken(asset, [2000, 60_000])
    assert not cut.texts.exists()
