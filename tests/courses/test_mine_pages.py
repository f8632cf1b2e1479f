"""A member's own lectures on their pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses import lectures
from courses.models import Lecture
from jobs import queue
from jobs.models import Job
from media_pipeline.asset_progress import DOWNLOAD, ENCODE
from media_pipeline.models import Asset, Cut, Inspection, Package
from tests import cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


def preparing(author: Any, **facts: Any) -> Lecture:
    asset = Asset.objects.create(
        **{
            "uploaded_by": author, "name": "雨夜抢修记.mp4", "source_key": "x", "source_bytes": 1, "identity": "x",
            "state": "preparing", "created_at": NOW, **facts,
        }
    )  # fmt: skip
    return lectures.draft_for(asset, now=NOW)


def page(client: Client, lecture: Lecture, **form: Any) -> Any:
    return client.post(reverse("courses:mine-edit", args=[lecture.public_id]), form)


def described(lecture: Lecture, **changed: Any) -> dict[str, Any]:
    return {"title": lecture.title, "summary": "", "topic": "", "visibility": "members", "speaker_name": "", **changed}


def test_nobody_has_made_a_lecture_yet(client: Client) -> None:
    response = cast.signed_in(client, cast.member()).get("/mine/")
    assert response.status_code == 200
    assert 'class="empty"' in response.content.decode()


@pytest.mark.parametrize("url", ["/mine/", "/mine/abcdefghij/"])
def test_visitors_are_asked_to_sign_in(client: Client, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


def test_only_the_author_gets_to_a_lecture_of_theirs(client: Client) -> None:
    lecture = cast.lecture(state="draft")
    names = ["mine-withdraw", "mine-reopen", "mine-delete"]
    for someone in (cast.member(), cast.editor(), cast.secretary(), cast.operator()):
        cast.signed_in(client, someone)
        assert client.get(reverse("courses:mine-edit", args=[lecture.public_id])).status_code == 404
        for name in names:
            assert client.post(reverse(f"courses:{name}", args=[lecture.public_id])).status_code == 404
    assert Lecture.objects.filter(pk=lecture.pk).exists()


def test_the_list_shows_progress_refusal_and_reason(client: Client) -> None:
    author = cast.member()
    moving = preparing(author)
    queue.enqueue(ENCODE, subject=f"asset:{moving.asset_id}")
    Job.objects.update(progress=400)
    preparing(author, state="refused", refusal="upload_empty")
    returned = cast.lecture(author, state="submitted", topic=cast.topic())
    lectures.send_back(returned, by=cast.editor(), reason="第三分钟听不清", now=NOW)

    text = cast.signed_in(client, author).get("/mine/").content.decode()

    assert "43%" in text
    assert "There is nothing in this file" in text or "没有内容" in text or "空" in text
    assert "第三分钟听不清" in text


def grown(lecture: Lecture, **facts: Any) -> Package:
    """A package of this lecture that can be played while it is being made."""
    cut = Cut.objects.create(asset=lecture.asset, duration_ms=60_000)
    package = Package.objects.create(cut=cut, created_at=NOW, **facts)
    Cut.objects.filter(pk=cut.pk).update(package=package)
    Asset.objects.filter(pk=lecture.asset_id).update(cut=cut, duration_ms=60_000, inspected_at=NOW)
    return package


def test_what_grows_can_be_watched_and_the_pages_say_so(client: Client) -> None:
    lecture = preparing(cast.member())
    package = grown(lecture)
    cast.signed_in(client, lecture.author)

    row = client.get("/mine/").content.decode()
    page = client.get(reverse("courses:mine-edit", args=[lecture.public_id])).content.decode()

    for text in (row, page):
        assert "已经能看了。" in text
        assert f"{lecture.public_id} {lecture.asset.public_id} asset:{lecture.asset_id}" in text  # what events name
        assert "data-moving" in text
    assert f"/{package.public_id}/master.m3u8" in page


def test_before_its_pictures_are_made_nothing_is_shown_in_their_place_but_a_sign(client: Client) -> None:
    lecture = preparing(cast.member())
    grown(lecture)
    cast.signed_in(client, lecture.author)

    row = client.get("/mine/").content.decode()
    page = client.get(reverse("courses:mine-edit", args=[lecture.public_id])).content.decode()

    assert "<img" not in row
    assert 'class="poster"' in row
    assert "poster=" not in page
    assert 'data-sprite=""' in page


def test_with_its_pictures_the_list_shows_one(client: Client) -> None:
    lecture = cast.lecture(state="draft")
    cast.signed_in(client, lecture.author)
    assert "/poster-small.jpg" in client.get("/mine/").content.decode()


def test_a_page_waits_for_what_cannot_be_watched_yet(client: Client) -> None:
    lecture = preparing(cast.member())
    text = cast.signed_in(client, lecture.author).get(reverse("courses:mine-edit", args=[lecture.public_id]))
    assert "data-player" not in text.content.decode()
    assert "player.js" in text.content.decode()  # it will come without another load


@pytest.mark.parametrize("state", ["draft", "submitted", "approved", "published", "withdrawn"])
def test_every_state_has_a_list_row_and_a_page(client: Client, state: str) -> None:
    lecture = cast.lecture(state=state, topic=cast.topic())
    cast.signed_in(client, lecture.author)
    assert lecture.title in client.get("/mine/").content.decode()
    response = client.get(reverse("courses:mine-edit", args=[lecture.public_id]))
    assert response.status_code == 200
    assert "data-player" in response.content.decode()


def test_the_list_costs_the_same_for_two_and_for_twelve(client: Client) -> None:
    author = cast.member()

    def make(number: int) -> None:
        for _ in range(number):
            preparing(author)
            cast.lecture(author, state="draft", topic=cast.topic(), submitted_at=NOW)

    cast.signed_in(client, author)
    make(1)
    client.get("/mine/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/mine/")
    make(5)
    with CaptureQueriesContext(connection) as many:
        client.get("/mine/")
    assert len(many) == len(few)


def test_saving_and_handing_in_is_one_press(client: Client) -> None:
    lecture, topic = cast.lecture(state="draft"), cast.topic()
    cast.signed_in(client, lecture.author)

    response = page(client, lecture, **described(lecture, title="一颗螺栓的责任", topic=topic.pk), submit="1")

    lecture.refresh_from_db()
    assert response.status_code == 302
    assert (lecture.title, lecture.topic, lecture.state) == ("一颗螺栓的责任", topic, "submitted")


def test_what_is_missing_stands_at_its_field_and_what_was_written_is_kept(client: Client) -> None:
    lecture = cast.lecture(state="draft")
    cast.signed_in(client, lecture.author)

    response = page(client, lecture, **described(lecture, title="一颗螺栓的责任"), submit="1")

    lecture.refresh_from_db()
    assert response.status_code == 400
    assert list(response.context["form"].errors) == ["topic"]
    assert (lecture.title, lecture.state) == ("一颗螺栓的责任", "draft")


def test_the_author_of_a_published_lecture_changes_its_words_only(client: Client) -> None:
    lecture = cast.lecture(topic=cast.topic())
    cast.signed_in(client, lecture.author)

    response = client.get(reverse("courses:mine-edit", args=[lecture.public_id]))
    assert set(response.context["form"].fields) == {"title", "summary", "speaker_name", "is_downloadable"}
    page(client, lecture, title="改过的题目", summary="", speaker_name="", visibility="public")

    lecture.refresh_from_db()
    assert (lecture.title, lecture.visibility) == ("改过的题目", "members")


def test_withdrawing_taking_up_again_and_deleting(client: Client) -> None:
    lecture = cast.lecture(topic=cast.topic())
    fresh = preparing(lecture.author)
    cast.signed_in(client, lecture.author)

    client.post(reverse("courses:mine-withdraw", args=[lecture.public_id]))
    lecture.refresh_from_db()
    assert lecture.state == "withdrawn"
    client.post(reverse("courses:mine-reopen", args=[lecture.public_id]))
    lecture.refresh_from_db()
    assert lecture.state == "draft"
    client.post(reverse("courses:mine-delete", args=[lecture.public_id]))
    assert Lecture.objects.filter(pk=lecture.pk).exists()  # it has been out
    response = client.post(reverse("courses:mine-delete", args=[fresh.public_id]))
    assert response["Location"] == "/mine/"
    assert not Lecture.objects.filter(pk=fresh.pk).exists()


def test_moves_are_made_by_post_only(client: Client) -> None:
    lecture = cast.lecture(state="draft")
    cast.signed_in(client, lecture.author)
    for name in ("mine-withdraw", "mine-reopen", "mine-delete"):
        assert client.get(reverse(f"courses:{name}", args=[lecture.public_id])).status_code == 405


def test_how_much_of_a_broken_off_file_is_missing_is_said_in_the_list_and_on_the_page(client: Client) -> None:
    lecture = cast.lecture(state="draft")
    Inspection.objects.create(asset=lecture.asset, info={"missing_ms": 83_400, "projection": ""})
    cast.signed_in(client, lecture.author)
    for address in ("/mine/", reverse("courses:mine-edit", args=[lecture.public_id])):
        assert "1:23" in client.get(address).content.decode()
    (remark,) = client.get(f"/api/v1/assets/{lecture.asset.public_id}").json()["remarks"]
    assert remark["code"] == "tail_missing"


def test_saving_as_a_file_is_the_authors_switch_and_shows_where_one_watches(client: Client) -> None:
    lecture = cast.lecture(visibility="public", title="两道线")
    cast.signed_in(client, lecture.author)
    edit = reverse("courses:mine-edit", args=[lecture.public_id])
    assert "下载（MP4" not in client.get(lecture.get_absolute_url()).content.decode()

    assert client.post(edit, {"title": "两道线", "is_downloadable": "on"}).status_code == 302
    assert Job.objects.active().get().kind == DOWNLOAD
    Package.objects.update(download_bytes=5 * 1024 * 1024)
    seen = client.get(lecture.get_absolute_url()).content.decode()
    assert "下载（MP4，5 MB）" in seen
    assert "/lecture.mp4?name=%E4%B8%A4%E9%81%93%E7%BA%BF" in seen
    assert client.get(f"/api/v1/lectures/{lecture.public_id}").json()["download_url"].startswith("/media/")

    client.post(edit, {"title": "两道线"})
    assert Package.objects.get(cut=lecture.asset.cut).download_bytes == 0
    assert "下载（MP4" not in client.get(lecture.get_absolute_url()).content.decode()
