"""Versions of a lecture's recording: who may propose them, when they are shown, what stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import Http404

from courses import earlier, history, lectures
from courses import versions as rules
from courses.models import Lecture, LectureEvent, Version
from jobs.models import Job
from media_pipeline.models import Asset, Cut, Package
from search.models import OutboxEntry
from tests import cast
from tests.courses import versions
from tests.courses.versions import NOW
from ui.sentences import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]


@pytest.fixture
def engine(tmp_path: Any, settings: Any) -> None:
    settings.STORAGE_URL = f"file://{tmp_path / 'media'}"


def shown(lecture: Lecture) -> Any:
    return Lecture.objects.select_related("asset__cut").get(pk=lecture.pk).asset.cut


def states(lecture: Lecture) -> list[str]:
    return list(lecture.versions.order_by("number").values_list("state", flat=True))


# ---- drafts ----


def test_a_draft_shows_its_cut_as_soon_as_it_is_made() -> None:
    lecture = versions.lecture()
    before = shown(lecture)
    version = versions.proposed_cut(lecture)
    assert (version.state, shown(lecture)) == ("preparing", before)
    assert Job.objects.active().get().payload == {"cut": 2}

    versions.make(version)

    assert (version.state, shown(lecture)) == ("taken", version.cut)
    assert states(lecture) == ["taken"]
    assert "version_taken" in [entry.verb for entry in history.of(lecture)]
    assert OutboxEntry.objects.filter(lecture_id=lecture.pk).exists()


def test_a_new_proposal_takes_the_place_of_the_open_one() -> None:
    lecture = versions.lecture()
    first = versions.proposed_cut(lecture)
    second = versions.proposed_cut(lecture, [1000, 40_000])

    first.refresh_from_db()
    assert (first.state, second.state) == ("dropped", "preparing")
    assert Job.objects.active().get().payload == {"cut": 3}


def test_the_same_again_is_not_made_twice() -> None:
    lecture = versions.lecture()
    versions.proposed_cut(lecture)
    again = versions.proposed_cut(lecture)

    assert again.state == "preparing"
    assert Job.objects.active().count() == 1
    assert Cut.objects.filter(asset=lecture.asset).count() == 2


def test_what_is_shown_already_is_no_proposal() -> None:
    lecture = versions.lecture()
    with pytest.raises(Refused) as refused:
        versions.proposed_cut(lecture, [0, 60_000])
    assert refused.value.code == "version_same"


def test_as_it_was_is_the_first_cut_again_and_at_once() -> None:
    lecture = versions.lecture()
    whole = shown(lecture)
    versions.make(versions.proposed_cut(lecture))
    lecture = Lecture.objects.get(pk=lecture.pk)

    version = versions.proposed_cut(lecture, [0, 60_000])

    assert (version.state, shown(lecture)) == ("taken", whole)


# ---- what lies with the editors, and what is out ----


def test_while_it_lies_with_the_editors_only_they_may_propose() -> None:
    lecture, editor = versions.lecture("submitted"), cast.editor()
    with pytest.raises(Refused) as refused:
        versions.proposed_cut(lecture)
    assert refused.value.code == "lecture_locked_submitted"

    version = versions.proposed_cut(lecture, by=editor)
    versions.make(version)
    lectures.approve(lecture, by=editor, now=NOW)

    assert shown(lecture) == version.cut
    lecture.refresh_from_db()
    assert lecture.state == "published"


def test_what_is_out_stays_as_it_is_until_an_editor_has_looked() -> None:
    lecture, editor = versions.lecture("published"), cast.editor()
    before = shown(lecture)
    version = versions.make(versions.proposed_cut(lecture))
    assert (version.state, shown(lecture)) == ("waiting", before)

    rules.approve(version, by=editor, now=NOW)

    version.refresh_from_db()
    assert (version.state, version.decided_by, shown(lecture)) == ("taken", editor, version.cut)


def test_a_declined_version_leaves_all_as_it_is_and_says_why() -> None:
    lecture, editor = versions.lecture("published"), cast.editor()
    before = shown(lecture)
    version = versions.make(versions.proposed_cut(lecture))

    with pytest.raises(Refused):
        rules.decline(version, by=editor, reason="  ", now=NOW)
    rules.decline(version, by=editor, reason="剪掉的那段正是要讲的。", now=NOW)

    version.refresh_from_db()
    assert (version.state, version.reason) == ("declined", "剪掉的那段正是要讲的。")
    assert shown(lecture) == before
    assert not Package.objects.filter(cut=version.cut).exists()
    with pytest.raises(Refused) as refused:
        rules.approve(version, by=editor, now=NOW)
    assert refused.value.code == "version_moved_on"


def test_only_editors_decide() -> None:
    lecture = versions.lecture("published")
    version = versions.make(versions.proposed_cut(lecture))
    for act in (rules.approve, lambda *args, **facts: rules.decline(*args, reason="不", **facts)):
        with pytest.raises(Refused) as refused:
            act(version, by=lecture.author, now=NOW)
        assert refused.value.status == 403


@pytest.mark.parametrize("state", ["draft", "submitted", "approved", "published", "withdrawn"])
def test_others_propose_nothing(state: str) -> None:
    lecture = versions.lecture(state)
    assert not rules.may(lecture, cast.member(), NOW)
    assert rules.may(lecture, lecture.author, NOW) == (state in {"draft", "approved", "published"})
    assert rules.may(lecture, cast.editor(), NOW) == (state in {"submitted", "approved", "published"})


def test_a_version_that_waited_is_shown_when_the_lecture_is_a_draft_again() -> None:
    lecture = versions.lecture("published")
    version = versions.make(versions.proposed_cut(lecture))
    lectures.withdraw(lecture, by=lecture.author, now=NOW)
    assert version.state == "waiting"
    lectures.reopen(lecture, by=lecture.author, now=NOW)

    version.refresh_from_db()
    assert (version.state, shown(lecture)) == ("taken", version.cut)


def test_an_author_takes_a_proposal_back() -> None:
    lecture = versions.lecture("published")
    version = versions.proposed_cut(lecture)
    with pytest.raises(Refused):
        rules.drop(version, by=cast.member(), now=NOW)
    rules.drop(version, by=lecture.author, now=NOW)
    version.refresh_from_db()
    assert version.state == "dropped"
    assert not Job.objects.active().exists()


# ---- another recording ----


def test_another_recording_takes_over_and_the_old_one_is_kept() -> None:
    lecture = versions.lecture()
    old = lecture.asset
    version = rules.recording(lecture, versions.replacement(lecture.author), by=lecture.author, now=NOW)

    lecture.refresh_from_db()
    assert (version.state, lecture.asset, lecture.asset.name) == ("taken", version.asset, "重录.mp4")
    assert lecture.row_version == 2
    assert Asset.objects.filter(pk=old.pk).exists()
    assert version.replaced == old


def test_for_what_is_out_another_recording_waits_too() -> None:
    lecture, editor = versions.lecture("published"), cast.editor()
    old = lecture.asset
    version = rules.recording(lecture, versions.replacement(lecture.author), by=lecture.author, now=NOW)
    lecture.refresh_from_db()
    assert (version.state, lecture.asset) == ("waiting", old)
    rules.approve(version, by=editor, now=NOW)
    lecture.refresh_from_db()
    assert lecture.asset == version.asset


# ---- and back again ----


def replaced(state: str = "draft") -> tuple[Lecture, Asset]:
    """A lecture that shows its second recording, and the first."""
    lecture = versions.lecture(state)
    old = lecture.asset
    version = rules.recording(lecture, versions.replacement(lecture.author), by=lecture.author, now=NOW)
    if version.state == "waiting":
        rules.approve(version, by=cast.editor(), now=NOW)
    return Lecture.objects.get(pk=lecture.pk), old


def test_an_earlier_recording_is_put_back_and_the_later_one_is_kept() -> None:
    lecture, old = replaced()
    later = lecture.asset
    assert [one.asset for one in earlier.recordings(lecture)] == [old]
    version = earlier.put_back(lecture, old, by=lecture.author, now=NOW)

    lecture = Lecture.objects.get(pk=lecture.pk)
    assert (version.state, lecture.asset) == ("taken", old)
    assert [one.asset for one in earlier.recordings(lecture)] == [later]
    assert earlier.put_back(lecture, later, by=lecture.author, now=NOW).state == "taken"
    assert Lecture.objects.get(pk=lecture.pk).asset == later


def test_for_what_is_out_putting_back_waits_for_an_editor() -> None:
    lecture, old = replaced("published")
    version = earlier.put_back(lecture, old, by=lecture.author, now=NOW)
    again = earlier.put_back(lecture, old, by=lecture.author, now=NOW)
    assert (version.state, again, Lecture.objects.get(pk=lecture.pk).asset) == ("waiting", version, lecture.asset)
    rules.approve(version, by=cast.editor(), now=NOW)
    assert Lecture.objects.get(pk=lecture.pk).asset == old


@pytest.mark.parametrize("how", ["drop", "decline"])
def test_what_was_shown_before_is_kept_when_putting_it_back_comes_to_nothing(how: str) -> None:
    lecture, old = replaced("published")
    version = earlier.put_back(lecture, old, by=lecture.author, now=NOW)
    if how == "drop":
        rules.drop(version, by=lecture.author, now=NOW)
    else:
        rules.decline(version, by=cast.editor(), reason="新的更清楚。", now=NOW)
    assert [one.asset for one in earlier.recordings(lecture)] == [old]
    assert old.cut
    assert old.cut.packages.exists()


def test_only_what_the_lecture_showed_is_put_back_and_only_by_who_may_change_it() -> None:
    lecture, old = replaced("published")
    for asset in (versions.lecture().asset, lecture.asset):
        with pytest.raises(Http404):
            earlier.one(lecture, asset.public_id)
    with pytest.raises(Refused):
        earlier.put_back(lecture, old, by=cast.member(), now=NOW)
    lectures.withdraw(lecture, by=lecture.author, now=NOW)
    with pytest.raises(Refused) as refused:
        earlier.put_back(Lecture.objects.get(pk=lecture.pk), old, by=lecture.author, now=NOW)
    assert refused.value.code == "lecture_locked_withdrawn"


def test_a_dropped_recording_goes_with_its_file() -> None:
    lecture = versions.lecture("published")
    asset = versions.replacement(lecture.author)
    version = rules.recording(lecture, asset, by=lecture.author, now=NOW)
    rules.drop(version, by=lecture.author, now=NOW)

    version.refresh_from_db()
    assert (version.asset, version.name) == (None, "重录.mp4")
    assert not Asset.objects.filter(pk=asset.pk).exists()


def test_only_a_file_uploaded_for_that_replaces_a_recording_and_only_once() -> None:
    lecture, other = versions.lecture(), versions.lecture()
    for asset in (cast.ready_asset(lecture.author), other.asset):
        with pytest.raises(Refused) as refused:
            rules.recording(lecture, asset, by=lecture.author, now=NOW)
        assert refused.value.code == "version_asset_taken"
    asset = versions.replacement(lecture.author)
    rules.recording(lecture, asset, by=lecture.author, now=NOW)
    with pytest.raises(Refused):
        rules.recording(other, asset, by=other.author, now=NOW)


def test_a_recording_that_is_still_prepared_takes_over_when_it_is_ready() -> None:
    from media_pipeline import signals

    lecture = versions.lecture()
    asset = versions.replacement(lecture.author)
    Package.objects.filter(cut__asset=asset).update(verified_at=None)
    Asset.objects.filter(pk=asset.pk).update(state="preparing", cut=None)
    asset.refresh_from_db()
    version = rules.recording(lecture, asset, by=lecture.author, now=NOW)
    assert (version.state, version.cut) == ("preparing", None)

    Package.objects.filter(cut__asset=asset).update(verified_at=NOW)
    Asset.objects.filter(pk=asset.pk).update(state="ready", cut=Cut.objects.get(asset=asset))
    asset.refresh_from_db()
    signals.asset_ready.send(Asset, asset=asset)

    version.refresh_from_db()
    lecture.refresh_from_db()
    assert (version.state, lecture.asset) == ("taken", asset)


def test_a_deleted_draft_takes_all_its_recordings_along() -> None:
    lecture = versions.lecture()
    rules.recording(lecture, versions.replacement(lecture.author), by=lecture.author, now=NOW)
    lecture = Lecture.objects.get(pk=lecture.pk)
    lectures.delete(lecture, by=lecture.author, now=NOW)
    assert not Asset.objects.exists()
    assert not Version.objects.exists()
    assert LectureEvent.objects.filter(verb="version_taken").exists()
