"""The editors' desk: who gets in, what waits there, what each button does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses import lectures, signals
from courses.models import Lecture, Topic
from livestreams import recordings
from livestreams.models import LivestreamPage
from media_pipeline.models import Asset
from tests import cast
from tests.livestreams.builders import NOW, page, recording

pytestmark = pytest.mark.django_db
PAGES = ("review-list", "featured", "rules", "recording-list")


def item(lecture: Lecture, *move: str) -> str:
    name = f"desk:review-{'move' if move else 'item'}"
    return reverse(name, args=[lecture.public_id, *move])


def failed(author: Any) -> Asset:
    return recording(author, purpose="lecture", state="failed", refusal="upload_empty")


@pytest.mark.parametrize("role", ["member", "secretary", "operator", None])
def test_nobody_but_editors_gets_in(client: Client, role: str | None) -> None:
    lecture, stream = cast.lecture(state="submitted", topic=cast.topic()), page()
    if role:
        cast.signed_in(client, getattr(cast, role)())
    urls = [
        *(reverse(f"desk:{name}") for name in PAGES), item(lecture),
        reverse("desk:review-preview", args=[lecture.public_id]), reverse("desk:recording", args=[stream.pk]),
    ]  # fmt: skip
    posts = [
        item(lecture, "approve"), reverse("desk:featured-decide", args=[1, "confirm"]), reverse("desk:rules"),
        reverse("desk:recording-change", args=[stream.pk, "detach"]),
    ]  # fmt: skip
    answers = [client.get(url) for url in urls] + [client.post(url) for url in posts]
    # Wagtail sends those without access to its admin away; an operator has access but no business here.
    assert {answer.status_code for answer in answers} == ({404} if role == "operator" else {302})
    assert Lecture.objects.get(pk=lecture.pk).state == "submitted"


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_empty(client: Client, name: str) -> None:
    response = cast.signed_in(client, cast.editor()).get(reverse(f"desk:{name}"))
    assert response.status_code == 200


@pytest.mark.parametrize("pile", ["waiting", "approved", "published", "withdrawn", "failed"])
def test_each_pile_is_named_counted_and_may_be_empty(client: Client, pile: str) -> None:
    response = cast.signed_in(client, cast.editor()).get(reverse("desk:review-list"), {"show": pile})
    text = response.content.decode()
    assert response.status_code == 200
    assert str(response.context["pile"].empty) in text.replace("&#x27;", "'")
    assert f"{response.context['pile'].label} (0)" in text


def test_a_pile_that_is_none_is_not_there(client: Client) -> None:
    assert cast.signed_in(client, cast.editor()).get("/admin/review/?show=lost").status_code == 404


def test_the_oldest_waits_first_and_costs_the_same_with_two_and_twelve(client: Client) -> None:
    topic = cast.topic()
    cast.signed_in(client, cast.editor())
    made = []

    def see() -> int:
        with CaptureQueriesContext(connection) as queries:
            response = client.get(reverse("desk:review-list"))
        shown = [row.lecture.pk for row in response.context["rows"]]
        assert shown == [one.pk for one in sorted(made, key=lambda one: one.submitted_at)]
        return len(queries)

    for number in range(2):
        made.append(cast.lecture(state="submitted", topic=topic, submitted_at=NOW - timedelta(hours=number)))
    see()
    few = see()
    for number in range(2, 12):
        made.append(cast.lecture(state="submitted", topic=topic, submitted_at=NOW - timedelta(hours=number)))
    assert see() == few


def test_what_was_never_handed_in_is_not_the_editors_business(client: Client) -> None:
    draft = cast.lecture(state="draft")
    cast.signed_in(client, cast.editor())
    assert client.get(item(draft)).status_code == 404
    assert client.post(item(draft, "approve")).status_code == 404


def test_an_item_shows_preview_history_and_moves(client: Client) -> None:
    lecture = cast.lecture(state="draft", topic=cast.topic())
    lectures.submit(lecture, by=lecture.author, now=NOW)
    cast.signed_in(client, cast.editor())

    text = client.get(item(lecture)).content.decode()

    assert reverse("desk:review-preview", args=[lecture.public_id]) in text
    assert item(lecture, "approve") in text
    assert item(lecture, "return") in text
    assert lecture.author.name in text
    preview = client.get(reverse("desk:review-preview", args=[lecture.public_id])).content.decode()
    assert "data-player" in preview
    assert "/media/" in preview


@pytest.mark.parametrize(
    ("state", "move", "reason", "to"),
    [
        ("submitted", "approve", "", "published"),
        ("submitted", "return", "声音太小", "draft"),
        ("submitted", "return", "", "submitted"),
        ("published", "withdraw", "人名写错了", "withdrawn"),
        ("published", "withdraw", " ", "published"),
        ("withdrawn", "publish", "", "published"),
        ("draft", "approve", "", "draft"),
    ],
)
def test_each_button_does_what_it_says_or_says_why_not(
    client: Client, state: str, move: str, reason: str, to: str
) -> None:
    lecture = cast.lecture(state=state, topic=cast.topic(), submitted_at=NOW)

    response = cast.signed_in(client, cast.editor()).post(item(lecture, move), {"reason": reason}, follow=True)

    level = "success" if to != state else "error"
    assert Lecture.objects.get(pk=lecture.pk).state == to
    assert [message.level_tag for message in response.context["messages"]] == [level]


def test_moves_are_made_by_post_and_only_known_ones(client: Client) -> None:
    lecture = cast.lecture(state="submitted", topic=cast.topic())
    cast.signed_in(client, cast.editor())
    assert client.get(item(lecture, "approve")).status_code == 405
    assert client.post(item(lecture, "burn")).status_code == 404


def test_a_failed_preparation_is_started_again(client: Client) -> None:
    author = cast.member()
    lecture = lectures.draft_for(failed(author), now=NOW)
    cast.signed_in(client, cast.editor())
    assert lecture.title in client.get(reverse("desk:review-list"), {"show": "failed"}).content.decode()

    client.post(item(lecture, "retry"))

    assert Asset.objects.get(pk=lecture.asset_id).state == "received"


def test_an_editor_changes_what_a_lecture_says_of_itself(client: Client) -> None:
    lecture, other = cast.lecture(topic=cast.topic()), cast.topic()
    cast.signed_in(client, cast.editor())
    form = {
        "title": "改过的题目", "summary": "", "speaker_name": "王师傅", "topic": other.pk, "visibility": "public",
        "publish_at": "", "unpublish_at": "2030-01-01 08:00", "is_pick": "on",
    }  # fmt: skip

    assert client.post(item(lecture), form).status_code == 302

    lecture.refresh_from_db()
    assert (lecture.title, lecture.speaker, lecture.topic, lecture.is_pick) == ("改过的题目", "王师傅", other, True)
    assert lecture.unpublish_at.isoformat() == "2030-01-01T00:00:00+00:00"
    event = lecture.events.get()
    assert (event.verb, event.changes["title"][1]) == ("edited", "改过的题目")
    refused = client.post(item(lecture), form | {"title": "讲"})
    assert refused.status_code == 400
    assert list(refused.context["form"].errors) == ["title"]


def test_topics_are_kept_by_the_rule_and_used_ones_stay(client: Client) -> None:
    heard: list[str] = []

    def hear(topic: Topic, **_: Any) -> None:
        heard.append(topic.name)

    cast.signed_in(client, cast.editor())
    signals.topic_changed.connect(hear)
    try:
        made = client.post(
            reverse("topic:add"), {"name": "安全生产", "slug": "safety", "description": "", "position": "1"}
        )
        topic = Topic.objects.get(slug="safety")
        url = reverse("topic:edit", args=[topic.pk])
        client.post(url, {"name": "安全", "slug": "safety", "description": "", "position": "1"})
    finally:
        signals.topic_changed.disconnect(hear)
    assert made.status_code == 302
    assert heard == ["安全生产", "安全"]

    lecture = cast.lecture(topic=Topic.objects.get(slug="safety"))
    client.post(reverse("topic:delete", args=[topic.pk]))
    assert Topic.objects.filter(slug="safety").exists()
    Lecture.objects.filter(pk=lecture.pk).update(topic=cast.topic())
    client.post(reverse("topic:delete", args=[topic.pk]))
    assert not Topic.objects.filter(slug="safety").exists()


def test_a_course_finds_published_lectures_by_title_or_speaker(client: Client) -> None:
    topic = cast.topic()
    out = cast.lecture(cast.member("刘守正"), title="一颗螺栓的责任", topic=topic)
    cast.lecture(state="submitted", title="一颗还没批的螺栓", topic=topic)
    cast.lecture(title="夜班", topic=topic)
    cast.signed_in(client, cast.editor())
    for asked in ("螺栓", "守正"):
        found = client.get(reverse("lecture_chooser:choose_results"), {"q": asked}).content.decode()
        assert out.title in found
        assert "还没批" not in found
        assert "夜班" not in found
    assert client.get(reverse("lecture_chooser:choose")).status_code == 200


def test_the_menu_of_an_editor_leads_to_the_desk(client: Client) -> None:
    text = cast.signed_in(client, cast.editor()).get("/admin/").content.decode()
    for name in PAGES:
        assert reverse(f"desk:{name}") in text


def test_a_recording_is_attached_and_taken_off_at_the_desk(client: Client) -> None:
    editor, stream = cast.editor(), page()
    asset = recording(editor)
    cast.signed_in(client, editor)
    url = reverse("desk:recording", args=[stream.pk])
    assert stream.title in client.get(reverse("desk:recording-list")).content.decode()
    first = client.get(url).content.decode()
    assert f'data-complete-url="/api/v1/livestreams/{stream.pk}/recording"' in first
    assert 'data-purpose="replay"' in first
    assert asset.public_id in first

    client.post(reverse("desk:recording-change", args=[stream.pk, "attach"]), {"asset": asset.public_id})
    replay = LivestreamPage.objects.get(pk=stream.pk).replay
    assert replay.asset == asset
    assert client.get(url).status_code == 200
    client.post(reverse("desk:recording-change", args=[stream.pk, "detach"]))
    assert LivestreamPage.objects.get(pk=stream.pk).replay is None


def test_a_replay_that_is_out_is_shown_as_such(client: Client) -> None:
    editor, stream = cast.editor(), page()
    ready = cast.ready_asset(editor, purpose="replay")
    replay = recordings.attach(stream, ready, by=editor, now=NOW)
    assert replay.state == "published"
    text = cast.signed_in(client, editor).get(reverse("desk:recording", args=[stream.pk])).content.decode()
    assert replay.get_absolute_url() in text
    assert "data-upload" not in text
