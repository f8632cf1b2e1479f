"""The trim page and the page for another recording, and the same by the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses import cutting
from courses import versions as rules
from courses.cutting import Typed
from courses.models import Lecture, Version
from jobs.models import Job
from media_pipeline.models import Package
from tests import cast
from tests.courses import versions
from tests.courses.versions import NOW
from ui.sentences import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]


@pytest.fixture
def engine(tmp_path: Any, settings: Any) -> None:
    settings.STORAGE_URL = f"file://{tmp_path / 'media'}"


def page(lecture: Lecture, name: str = "cut") -> str:
    return reverse(f"courses:{name}", args=[lecture.public_id])


def text_of(response: Any) -> str:
    return str(response.content.decode())


def typed(start: str = "", end: str = "", *out: tuple[str, str]) -> Typed:
    return Typed(start, end, out)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (typed(), [[0, 60_000]]),
        (typed("0:05", "0:50"), [[5000, 50_000]]),
        (typed("0:05.25", "", ("0:10", "0:20"), ("", "")), [[5250, 10_000], [20_000, 60_000]]),
        (typed("", "", ("0:30", "0:40"), ("0:10", "0:32")), [[0, 10_000], [40_000, 60_000]]),
        (typed("0:10", "", ("0:00", "0:20")), [[20_000, 60_000]]),
        (typed("", "0:30", ("0:20", "0:45")), [[0, 20_000]]),
    ],
)
def test_what_is_typed_becomes_what_is_kept(written: Typed, kept: list[list[int]]) -> None:
    assert cutting.read(written, 60_000) == kept


@pytest.mark.parametrize("written", [typed("x"), typed("", "", ("0:10", "")), typed("", "", ("0:20", "0:10"))])
def test_what_cannot_be_read_is_refused(written: Typed) -> None:
    with pytest.raises(Refused):
        cutting.read(written, 60_000)


def test_an_author_trims_a_draft_and_follows_it(client: Client) -> None:
    lecture = versions.lecture()
    cast.signed_in(client, lecture.author)
    seen = text_of(client.get(page(lecture)))
    assert 'value="01:00"' in seen  # where it ends now
    assert "做好以后马上换上" in seen

    assert client.post(page(lecture), {"start": "0:05", "end": "", "from": [""], "to": [""]}).status_code == 302

    version = Version.objects.get()
    assert version.cut
    assert version.cut.kept == [[5000, 60_000]]
    Job.objects.update(progress=420)
    seen = text_of(client.get(page(lecture)))
    assert "正在准备，42%。" in seen
    assert "data-moving" in seen

    versions.make(version)
    seen = text_of(client.get(page(lecture)))
    assert "新版本</h2>" not in seen
    assert 'value="00:05"' in seen
    assert f"/{lecture.asset.cuts.get(number=1).package.public_id}/master.m3u8" in seen  # all of it, to be cut anew


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"start": "0:50", "end": "0:10"}, "结束"),
        ({"start": "2:00", "end": "2:30"}, "02:30"),
        ({"start": "abc"}, "“abc”"),
        ({}, "现在放的就是这样"),
    ],
)
def test_what_cannot_be_cut_is_said_and_what_was_typed_stays(client: Client, sent: Any, words: str) -> None:
    lecture = versions.lecture()
    cast.signed_in(client, lecture.author)
    response = client.post(page(lecture), sent)
    assert response.status_code == 400
    assert words in text_of(response)
    assert all(f'value="{value}"' in text_of(response) for value in sent.values())


def test_for_what_is_out_an_editor_decides_on_the_page(client: Client) -> None:
    lecture, editor = versions.lecture("published"), cast.editor()
    cast.signed_in(client, lecture.author)
    assert "编辑先看" in text_of(client.get(page(lecture)))
    client.post(page(lecture), {"start": "0:05", "end": "0:50"})
    version = versions.make(Version.objects.get())
    seen = text_of(client.get(page(lecture)))
    assert f"/{version.cut.package.public_id}/master.m3u8" in seen
    assert "从现在起放这一版" not in seen
    decide = reverse("courses:version-decide", args=[lecture.public_id, 1, "approve"])
    client.post(decide)
    assert Version.objects.get().state == "waiting"

    cast.signed_in(client, editor)
    assert "从现在起放这一版" in text_of(client.get(page(lecture)))
    assert lecture.title in text_of(client.get("/admin/review/?show=versions"))
    client.post(decide)
    assert Version.objects.get().state == "taken"
    assert Lecture.objects.get(pk=lecture.pk).asset.cut == version.cut


def test_the_api_proposes_lists_and_takes_back(client: Client) -> None:
    lecture = versions.lecture("published")
    cast.signed_in(client, lecture.author)
    address = f"/api/v1/lectures/{lecture.public_id}/versions"

    made = client.post(address, {"kept": [[5000, 50_000]]}, content_type="application/json")

    assert (made.status_code, made.json()["state"], made.json()["duration_ms"]) == (201, "preparing", 45_000)
    wrong = client.post(address, {"kept": [[5000, 1000]]}, content_type="application/json")
    assert wrong.json()["code"] == "cut_backwards"
    assert client.delete(f"{address}/1").status_code == 204
    assert [one["state"] for one in client.get(address).json()["versions"]] == ["dropped"]
    assert not Job.objects.active().exists()


def test_another_recording_is_proposed_by_its_upload(client: Client) -> None:
    lecture = versions.lecture()
    asset = versions.replacement(lecture.author)
    cast.signed_in(client, lecture.author)
    assert 'data-purpose="replacement"' in text_of(client.get(page(lecture, "recording")))

    address = f"/api/v1/lectures/{lecture.public_id}/versions"
    made = client.post(address, {"asset": asset.public_id}, content_type="application/json").json()

    assert (made["state"], made["url"]) == ("taken", page(lecture, "recording"))
    again = client.post(address, {"asset": asset.public_id}, content_type="application/json").json()
    assert again["number"] == made["number"]
    assert client.post(address, {"asset": "none"}, content_type="application/json").status_code in {404, 409}


def test_an_earlier_recording_is_watched_and_put_back_on_the_page(client: Client) -> None:
    lecture = versions.lecture()
    old = lecture.asset
    assert "以前放过的视频" not in text_of(cast.signed_in(client, lecture.author).get(page(lecture, "recording")))
    rules.recording(lecture, versions.replacement(lecture.author), by=lecture.author, now=NOW)

    seen = text_of(client.get(page(lecture, "recording")))
    assert "以前放过的视频" in seen
    assert "master.m3u8" not in seen
    watching = text_of(client.get(page(lecture, "recording"), {"watch": old.public_id}))
    assert f"/{old.public_id}/{old.cut.package.public_id}/master.m3u8" in watching
    assert client.get(page(lecture, "recording"), {"watch": "none"}).status_code == 404

    back = reverse("courses:recording-put-back", args=[lecture.public_id, old.public_id])
    assert client.post(back).status_code == 302
    assert Lecture.objects.get(pk=lecture.pk).asset == old
    assert client.post(back).status_code == 404  # it is what is shown


def test_the_api_lists_earlier_recordings_and_puts_one_back(client: Client) -> None:
    lecture = versions.lecture()
    old = lecture.asset
    rules.recording(lecture, versions.replacement(lecture.author), by=lecture.author, now=NOW)
    cast.signed_in(client, lecture.author)
    address = f"/api/v1/lectures/{lecture.public_id}/versions"
    (before,) = client.get(address).json()["earlier"]
    assert (before["asset"], before["duration_ms"]) == (old.public_id, 60_000)
    made = client.post(address, {"put_back": before["asset"]}, content_type="application/json")
    assert (made.status_code, made.json()["state"]) == (201, "taken")
    assert client.post(address, {"put_back": "none"}, content_type="application/json").status_code == 404


def test_the_page_costs_the_same_however_many_recordings_there_were(client: Client) -> None:
    lecture = versions.lecture()
    cast.signed_in(client, lecture.author)
    counts = []
    for more in (2, 10):
        for _ in range(more):
            lecture = Lecture.objects.get(pk=lecture.pk)
            rules.recording(lecture, versions.replacement(lecture.author), by=lecture.author, now=NOW)
        client.get(page(lecture, "recording"))
        with CaptureQueriesContext(connection) as made:
            client.get(page(lecture, "recording"))
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_the_pages_cost_the_same_however_many_versions_there_were(client: Client) -> None:
    lecture = versions.lecture()
    cast.signed_in(client, lecture.author)
    counts = []
    for starts in (range(1, 3), range(3, 13)):
        for start in starts:
            versions.make(versions.proposed_cut(Lecture.objects.get(pk=lecture.pk), [start * 1000, 50_000]))
        client.get(page(lecture))
        with CaptureQueriesContext(connection) as made:
            client.get(page(lecture))
        counts.append(len(made))
    assert counts[0] == counts[1]
    assert Package.objects.exists()
    assert rules.open_of(lecture) is None
    assert NOW
