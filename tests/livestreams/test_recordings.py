"""Recordings on livestream pages: attached, credited, replaced, taken off."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from courses.models import Lecture
from livestreams import recordings
from livestreams.models import LivestreamPage
from media_pipeline import signals
from media_pipeline.models import Asset
from tests import cast
from tests.livestreams.builders import NOW, page, recording
from ui.sentences import Refused

pytestmark = pytest.mark.django_db


def test_a_recording_becomes_a_replay_credited_to_the_presenter() -> None:
    branch = cast.organisation("二支部")
    presenter, editor = cast.member("岳青山", organisation=branch), cast.editor()
    stream = page(presenter)

    replay = recordings.attach(stream, recording(editor), by=editor, now=NOW)

    assert (replay.kind, replay.state) == ("replay", "approved")
    assert (replay.author, replay.uploaded_by, replay.organisation) == (presenter, editor, branch)
    assert (replay.title, replay.summary, replay.topic) == (stream.title, stream.intro, stream.topic)
    assert replay.speaker == "岳青山"
    assert [event.verb for event in replay.events.all()] == ["approved"]
    assert LivestreamPage.objects.get(pk=stream.pk).replay == replay


def test_a_replay_comes_out_as_soon_as_it_is_ready() -> None:
    editor = cast.editor()
    replay = recordings.attach(page(), recording(editor), by=editor, now=NOW)
    done = cast.ready_asset(editor)
    Asset.objects.filter(pk=replay.asset_id).update(state="ready", cut=done.cut, ready_at=NOW)

    signals.asset_ready.send(Asset, asset=Asset.objects.get(pk=replay.asset_id))

    assert Lecture.objects.get(pk=replay.pk).state == "published"


def test_attaching_twice_changes_nothing() -> None:
    editor, stream = cast.editor(), page()
    asset = recording(editor)
    first = recordings.attach(stream, asset, by=editor, now=NOW)
    assert recordings.attach(stream, asset, by=editor, now=NOW) == first
    assert Lecture.objects.count() == 1


def test_another_recording_takes_its_place_until_it_is_out() -> None:
    editor, stream = cast.editor(), page()
    old = recordings.attach(stream, recording(editor), by=editor, now=NOW)

    new = recordings.attach(stream, recording(editor), by=editor, now=NOW)
    assert Lecture.objects.get(pk=old.pk).state == "withdrawn"
    assert LivestreamPage.objects.get(pk=stream.pk).replay == new

    Lecture.objects.filter(pk=new.pk).update(state="published", published_at=NOW)
    with pytest.raises(Refused) as refused:
        recordings.attach(stream, recording(editor), by=editor, now=NOW)
    assert refused.value.code == "recording_published"
    assert LivestreamPage.objects.get(pk=stream.pk).replay == new


def test_taking_a_recording_off_before_it_is_out() -> None:
    editor, stream = cast.editor(), page()
    replay = recordings.attach(stream, recording(editor), by=editor, now=NOW)

    recordings.detach(LivestreamPage.objects.get(pk=stream.pk), by=editor, now=NOW)

    assert LivestreamPage.objects.get(pk=stream.pk).replay is None
    assert Lecture.objects.get(pk=replay.pk).state == "withdrawn"


@pytest.mark.parametrize("state", ["refused", "failed"])
def test_an_unusable_file_is_not_attached(state: str) -> None:
    editor, stream = cast.editor(), page()
    bad = recording(editor, state=state, refusal="upload_empty")
    with pytest.raises(Refused) as refused:
        recordings.attach(stream, bad, by=editor, now=NOW)
    assert (refused.value.code, refused.value.field) == ("recording_unusable", "asset")


def test_a_members_lecture_is_no_recording_and_one_recording_is_on_one_page() -> None:
    editor, stream = cast.editor(), page()
    taken = recording(editor)
    recordings.attach(page(title="另一场"), taken, by=editor, now=NOW)
    for asset in (cast.lecture().asset, cast.ready_asset(editor), taken):
        with pytest.raises(Refused) as refused:
            recordings.attach(stream, asset, by=editor, now=NOW)
        assert refused.value.code == "recording_taken"


def test_editing_the_page_from_an_older_revision_keeps_the_recording() -> None:
    editor, stream = cast.editor(), page()
    before = stream.save_revision()
    replay = recordings.attach(stream, recording(editor), by=editor, now=NOW)

    before.publish()

    assert LivestreamPage.objects.get(pk=stream.pk).replay == replay


def test_only_recordings_on_no_page_are_offered(django_assert_num_queries: Any) -> None:
    editor = cast.editor()
    recordings.attach(page(), recording(editor), by=editor, now=NOW)
    free = recording(editor)
    cast.ready_asset(editor)
    with django_assert_num_queries(1):
        assert list(recordings.unattached()) == [free]


def test_the_api_attaches_for_editors_only(client: Client) -> None:
    editor, stream = cast.editor(), page()
    asset, hidden = recording(editor), page(title="还没发布", live=False)
    url = f"/api/v1/livestreams/{stream.pk}/recording"

    def attach(at: str = url, name: str = asset.public_id) -> Any:
        return client.post(at, {"asset": name}, content_type="application/json")

    assert attach().status_code == 401
    cast.signed_in(client, cast.member())
    assert (attach().status_code, attach().json()["code"]) == (403, "recording_only_editors")
    assert attach(f"/api/v1/livestreams/{hidden.pk}/recording").status_code == 404
    assert client.delete(url).status_code == 403

    cast.signed_in(client, editor)
    assert attach("/api/v1/livestreams/999999/recording").status_code == 404
    assert attach(name="nothing").json()["code"] == "recording_unknown"
    made = attach()
    assert (made.status_code, made.json()["state"]) == (201, "approved")
    assert made.json()["url"] == stream.url
    assert attach().json() == made.json()
    assert client.delete(url).status_code == 204
    assert LivestreamPage.objects.get(pk=stream.pk).replay is None
