"""`lectures` of the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courses import lectures
from courses.models import Lecture
from tests import cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
URL = "/api/v1/lectures"


def call(client: Client, method: str, path: str, body: Any = None) -> Any:
    return getattr(client, method)(
        f"{URL}{path}", data=body if body is not None else {}, content_type="application/json"
    )


def test_strangers_have_no_part_in_it(client: Client) -> None:
    lecture = cast.lecture(visibility="public", topic=cast.topic())
    for method, path in (
        ("get", ""), ("post", ""), ("get", f"/{lecture.public_id}"), ("patch", f"/{lecture.public_id}"),
        *(("post", f"/{lecture.public_id}/{move}") for move in ("submit", "approve", "return", "withdraw")),
    ):  # fmt: skip
        assert call(client, method, path).status_code == 401


def test_a_lecture_as_its_viewers_see_it(client: Client) -> None:
    branch = cast.organisation("一支部")
    topic = cast.topic("安全生产", slug="safety")
    lecture = cast.lecture(cast.member("刘守正", organisation=branch), topic=topic, duration_ms=52000)

    seen = cast.signed_in(client, cast.member()).get(f"{URL}/{lecture.public_id}").json()

    assert seen["poster_url"].startswith("/media/")
    assert seen | {"poster_url": ""} == {
        "id": lecture.public_id,
        "kind": "lecture",
        "title": lecture.title,
        "summary": lecture.summary,
        "topic": {"slug": "safety", "name": "安全生产"},
        "state": "published",
        "author": {"name": "刘守正", "organisation": "一支部"},
        "speaker": "刘守正",
        "visibility": "members",
        "duration_ms": 52000,
        "poster_url": "",
        "download_url": "",
        "url": f"/lectures/{lecture.public_id}/",
        "published_at": "2026-09-01T01:00:00Z",
        "reason": None,
        "asset": None,
    }


def test_lists_are_of_what_one_may_see_or_of_ones_own(client: Client) -> None:
    me, topic, other = cast.member(), cast.topic(), cast.topic()
    mine = cast.lecture(me, state="draft", topic=topic)
    out = cast.lecture(topic=topic)
    cast.lecture(topic=other)
    cast.lecture(state="submitted", topic=topic)
    cast.signed_in(client, me)

    def ids(query: str) -> list[str]:
        return [one["id"] for one in client.get(f"{URL}?{query}").json()["items"]]

    assert ids(f"topic={topic.slug}") == [out.public_id]
    assert ids("author=me") == [mine.public_id]
    assert ids("author=me&state=published") == []
    assert ids("state=submitted") == []
    assert client.get(f"{URL}?state=lost").json()["code"] == "lecture_state_unknown"
    assert client.get(URL).json()["count"] == 2


def test_a_list_costs_the_same_for_two_and_for_twelve(client: Client) -> None:
    me, topic = cast.member(), cast.topic()
    cast.signed_in(client, me)
    counts = []
    for number in (2, 10):
        for _ in range(number):
            cast.lecture(me, state="draft", topic=topic)
        with CaptureQueriesContext(connection) as made:
            assert client.get(f"{URL}?author=me").status_code == 200
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_pages_of_a_list(client: Client) -> None:
    topic = cast.topic()
    for _ in range(25):
        cast.lecture(topic=topic)
    cast.signed_in(client, cast.member())
    second = client.get(f"{URL}?page=2").json()
    assert (len(second["items"]), second["count"], second["page"], second["pages"]) == (1, 25, 2, 2)


def test_describing_the_draft_of_an_upload_and_handing_it_in(client: Client) -> None:
    me, topic = cast.member(), cast.topic()
    lecture = lectures.draft_for(cast.ready_asset(me), now=NOW)
    cast.signed_in(client, me)

    made = call(client, "post", "", {"asset": lecture.asset.public_id, "title": "两道线", "topic": topic.slug})
    assert made.status_code == 201
    assert (made.json()["id"], made.json()["title"], made.json()["asset"]) == (
        lecture.public_id, "两道线", lecture.asset.public_id,
    )  # fmt: skip
    again = call(client, "post", "", {"asset": lecture.asset.public_id})
    assert (again.status_code, again.json()["title"]) == (201, "两道线")
    changed = call(client, "patch", f"/{lecture.public_id}", {"summary": "站台上的两道线。", "visibility": "public"})
    assert (changed.json()["summary"], changed.json()["visibility"]) == ("站台上的两道线。", "public")
    assert call(client, "post", f"/{lecture.public_id}/submit").json()["state"] == "submitted"


def test_somebody_elses_file_is_no_file(client: Client) -> None:
    lecture = cast.lecture(state="draft")
    answer = call(cast.signed_in(client, cast.member()), "post", "", {"asset": lecture.asset.public_id})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        404,
        "lecture_no_such_asset",
        "asset",
    )


def test_errors_say_which_field_in_both_languages(client: Client) -> None:
    lecture = cast.lecture(state="draft", topic=None)
    cast.signed_in(client, lecture.author)

    missing = call(client, "post", f"/{lecture.public_id}/submit")
    unknown = call(client, "patch", f"/{lecture.public_id}", {"topic": "nowhere"})

    assert (missing.status_code, missing.json()["field"]) == (400, "topic")
    assert set(missing.json()["message"]) == {"zh-hans", "en"}
    assert unknown.json()["code"] == "lecture_topic_unknown"


def test_an_editor_approves_and_returns_and_the_author_reads_why(client: Client) -> None:
    topic, editor = cast.topic(), cast.editor()
    good, poor = (cast.lecture(state="submitted", topic=topic) for _ in range(2))
    cast.signed_in(client, editor)

    assert call(client, "post", f"/{good.public_id}/approve").json()["state"] == "published"
    assert call(client, "post", f"/{good.public_id}/approve").status_code == 409
    assert call(client, "post", f"/{poor.public_id}/return").json()["code"] == "lecture_reason_missing"
    assert call(client, "post", f"/{poor.public_id}/return", {"reason": "声音太小"}).json()["state"] == "draft"

    cast.signed_in(client, poor.author)
    assert client.get(f"{URL}/{poor.public_id}").json()["reason"] == "声音太小"


@pytest.mark.parametrize("move", ["approve", "return"])
@pytest.mark.parametrize("role", ["member", "secretary", "operator"])
def test_only_editors_decide(client: Client, role: str, move: str) -> None:
    topic = cast.topic()
    hidden, open_ = cast.lecture(state="submitted", topic=topic), cast.lecture(topic=topic)
    cast.signed_in(client, getattr(cast, role)())

    assert call(client, "post", f"/{hidden.public_id}/{move}", {"reason": "x"}).status_code == 404
    seen = call(client, "post", f"/{open_.public_id}/{move}", {"reason": "x"})
    assert (seen.status_code, seen.json()["code"]) == (403, "lecture_only_editors")


def test_an_author_who_is_no_editor_cannot_approve_their_own(client: Client) -> None:
    lecture = cast.lecture(state="submitted", topic=cast.topic())
    answer = call(cast.signed_in(client, lecture.author), "post", f"/{lecture.public_id}/approve")
    assert answer.status_code == 403
    assert Lecture.objects.get(pk=lecture.pk).state == "submitted"


def test_viewers_cannot_change_withdraw_or_hand_in_what_is_not_theirs(client: Client) -> None:
    lecture = cast.lecture(topic=cast.topic())
    cast.signed_in(client, cast.member())
    assert call(client, "patch", f"/{lecture.public_id}", {"title": "我的了"}).status_code == 403
    assert call(client, "post", f"/{lecture.public_id}/withdraw").status_code == 403
    assert call(client, "post", f"/{lecture.public_id}/submit").status_code == 404


def test_an_author_takes_a_lecture_back(client: Client) -> None:
    lecture = cast.lecture(topic=cast.topic())
    cast.signed_in(client, lecture.author)
    assert call(client, "post", f"/{lecture.public_id}/withdraw").json()["state"] == "withdrawn"
