"""Uploads and assets over the API, as a browser or a program of one's own uses them: the whole way, and who may."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from django.test import Client

from courses.models import Lecture
from jobs.models import Job
from media_pipeline import assets, parts
from media_pipeline.models import Asset, Upload
from tests import cast
from tests.media_pipeline.asgi import call

BODY = os.urandom(2500)  # three parts
pytestmark = [pytest.mark.usefixtures("engine", "idle_preparation"), pytest.mark.django_db]


class Browser:
    """A member's own browser, talking JSON."""

    def __init__(self, member: Any = None) -> None:
        self.member = member
        self.client = Client()
        if member:
            self.client.force_login(member)

    def ask(self, method: str, path: str, payload: Any = None) -> tuple[int, Any]:
        answer = self.client.generic(
            method, f"/api/v1/{path}", "" if payload is None else json.dumps(payload), content_type="application/json"
        )
        return answer.status_code, answer.json() if answer.content else None

    def begin(self, **facts: Any) -> dict[str, Any]:
        status, upload = self.ask("POST", "uploads", {"name": "班前五分钟.mp4", "size": len(BODY), **facts})
        assert status == 201
        return upload  # type: ignore[no-any-return]

    def send(self, upload: dict[str, Any], *numbers: int) -> None:
        status, signed = self.ask("POST", f"uploads/{upload['id']}/sign", {"numbers": list(numbers)})
        assert status == 200
        for part in signed["parts"]:
            start = (part["number"] - 1) * upload["part_size"]
            answer = call(parts.app, "PUT", part["url"], [BODY[start : start + part["size"]]])
            assert answer.status == 200


@pytest.fixture
def me() -> Browser:
    return Browser(cast.member())


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    assert set(answer[1]) == {"code", "message", "field"}
    assert set(answer[1]["message"]) == {"zh-hans", "en"}
    return answer[0], answer[1]["code"]


def test_a_file_goes_up_in_parts_and_becomes_an_asset(me: Browser) -> None:
    upload = me.begin(content_type="video/mp4")
    assert set(upload) == {"id", "name", "size", "part_size", "part_count", "state", "expires_at", "asset"}
    assert (upload["part_size"], upload["part_count"], upload["state"], upload["asset"]) == (1024, 3, "open", None)

    me.send(upload, 3, 1)
    status, listed = me.ask("GET", f"uploads/{upload['id']}/parts")
    assert (status, listed["missing"]) == (200, [2])
    assert [(part["number"], part["size"], len(part["etag"])) for part in listed["parts"]] == [
        (1, 1024, 64),
        (3, 452, 64),
    ]
    assert code(me.ask("POST", f"uploads/{upload['id']}/complete")) == (409, "upload_incomplete")

    me.send(upload, 2)
    status, asset = me.ask("POST", f"uploads/{upload['id']}/complete")

    assert status == 200
    assert set(asset) >= {
        "id", "name", "state", "stage", "progress", "queue_ahead", "playable", "duration_ms", "width", "height",
        "refusal", "steps", "master_url", "poster_url",
    }  # fmt: skip
    assert (asset["name"], asset["state"], asset["playable"]) == ("班前五分钟.mp4", "received", False)
    assert (asset["master_url"], asset["poster_url"], asset["refusal"]) == ("", "", None)
    assert [step["code"] for step in asset["steps"]] == ["received", "inspect", "play", "encode", "pictures"]
    assert me.ask("POST", f"uploads/{upload['id']}/complete")[1]["id"] == asset["id"]
    assert me.ask("GET", f"assets/{asset['id']}") == (200, asset)
    assert Job.objects.count() == 1


def test_another_browser_of_the_same_member_goes_on_where_the_first_broke_off(me: Browser) -> None:
    upload = me.begin()
    me.send(upload, 1)
    other = Browser(me.member)

    status, listed = other.ask("GET", "uploads")

    assert status == 200
    assert [found["id"] for found in listed["uploads"]] == [upload["id"]]
    other.send(upload, *other.ask("GET", f"uploads/{upload['id']}/parts")[1]["missing"])
    assert other.ask("POST", f"uploads/{upload['id']}/complete")[0] == 200
    assert me.ask("GET", "uploads") == (200, {"uploads": []})
    assert me.ask("GET", f"uploads/{upload['id']}/parts") == (200, {"parts": [], "missing": []})


def test_the_list_of_open_uploads_costs_the_same_for_two_and_twelve(
    me: Browser, django_assert_max_num_queries: Any
) -> None:
    seen = []
    for count in (2, 10):
        for _ in range(count):
            me.begin()
        with django_assert_max_num_queries(3):  # session, member, uploads
            status, listed = me.ask("GET", "uploads")
        seen.append((status, len(listed["uploads"])))

    assert seen == [(200, 2), (200, 12)]


def test_a_dropped_upload_is_gone(me: Browser) -> None:
    upload = me.begin()

    assert me.ask("DELETE", f"uploads/{upload['id']}") == (204, None)

    assert me.ask("DELETE", f"uploads/{upload['id']}") == (204, None)
    assert me.ask("GET", "uploads") == (200, {"uploads": []})
    assert code(me.ask("POST", f"uploads/{upload['id']}/sign", {"numbers": [1]})) == (409, "upload_closed")
    assert code(me.ask("POST", f"uploads/{upload['id']}/complete")) == (409, "upload_closed")


@pytest.mark.parametrize(
    ("payload", "says", "field"),
    [
        ({"name": "a.mp4", "size": 0}, (400, "upload_empty"), "size"),
        ({"name": "a.mp4", "size": 5 * 1024**3}, (413, "upload_too_large"), "size"),
        ({"name": "", "size": 1}, (400, "upload_name_missing"), "name"),
        ({"name": "党" * 300, "size": 1}, (400, "upload_name_too_long"), "name"),
        ({"name": "a.mp4", "size": "many"}, (422, "bad_input"), "size"),
        ({"name": "a.mp4"}, (422, "bad_input"), "size"),
        ({"name": "a.mp4", "size": 1, "purpose": "fun"}, (422, "bad_input"), "purpose"),
        ({"name": "a.mp4", "size": 1, "purpose": "replay"}, (403, "replay_for_editors"), "purpose"),
    ],
)
def test_what_cannot_be_taken_is_named_with_its_field(
    me: Browser, payload: dict[str, Any], says: tuple[int, str], field: str
) -> None:
    answer = me.ask("POST", "uploads", payload)

    assert code(answer) == says
    assert answer[1]["field"] == field


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        ({"numbers": []}, (422, "bad_input")),
        ({"numbers": ["x"]}, (422, "bad_input")),
        ({}, (422, "bad_input")),
        ({"numbers": [4]}, (400, "upload_no_such_part")),
        ({"numbers": list(range(1, 102))}, (400, "upload_sign_too_many")),
    ],
)
def test_wrong_part_numbers_are_named(me: Browser, payload: dict[str, Any], says: tuple[int, str]) -> None:
    upload = me.begin()

    assert code(me.ask("POST", f"uploads/{upload['id']}/sign", payload)) == says


def test_editors_upload_replays() -> None:
    Browser(cast.editor()).begin(purpose="replay")

    assert Upload.objects.get().purpose == "replay"


ADDRESSES = [
    ("POST", "uploads", {"name": "a.mp4", "size": 1}),
    ("GET", "uploads", None),
    ("POST", "uploads/{upload}/sign", {"numbers": [1]}),
    ("GET", "uploads/{upload}/parts", None),
    ("POST", "uploads/{upload}/complete", None),
    ("DELETE", "uploads/{upload}", None),
    ("GET", "assets/{asset}", None),
]


@pytest.mark.parametrize(("method", "path", "payload"), ADDRESSES)
def test_who_is_not_signed_in_may_nothing(me: Browser, method: str, path: str, payload: Any) -> None:
    path = path.format(upload=me.begin()["id"], asset=cast.ready_asset(me.member).public_id)

    assert code(Browser().ask(method, path, payload)) == (401, "not_signed_in")


@pytest.mark.parametrize("who", ["member", "editor", "operator"])
@pytest.mark.parametrize(("method", "path", "payload"), [row for row in ADDRESSES if "{" in row[1]])
def test_what_is_anothers_is_not_there(me: Browser, who: str, method: str, path: str, payload: Any) -> None:
    upload = me.begin()
    me.send(upload, 1, 2, 3)
    path = path.format(upload=upload["id"], asset=cast.ready_asset(me.member).public_id)
    other = Browser(getattr(cast, who)())

    assert code(other.ask(method, path, payload)) == (404, "not_found")

    assert Upload.objects.get().state == "open"
    assert other.ask("GET", "uploads") == (200, {"uploads": []})


def test_without_the_csrf_token_nothing_is_changed(me: Browser) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(me.member)

    answer = strict.post("/api/v1/uploads", {"name": "a.mp4", "size": 1}, content_type="application/json")

    assert answer.status_code == 403
    assert not Upload.objects.exists()


def test_a_playable_asset_comes_with_its_addresses(me: Browser) -> None:
    ready = cast.ready_asset(me.member)

    _, asset = me.ask("GET", f"assets/{ready.public_id}")

    assert (asset["state"], asset["playable"], asset["progress"], asset["duration_ms"]) == ("ready", True, 1000, 60_000)
    assert asset["master_url"].endswith("/master.m3u8")
    assert asset["poster_url"].endswith("/poster.jpg")
    assert f"/{ready.public_id}/" in asset["master_url"]


def test_a_refused_asset_says_why_in_both_languages(me: Browser) -> None:
    upload = me.begin()
    me.send(upload, 1, 2, 3)
    _, made = me.ask("POST", f"uploads/{upload['id']}/complete")
    asset = Asset.objects.get(public_id=made["id"])
    Asset.objects.advance(asset, Asset.State.REFUSED, refusal="upload_too_large", refusal_params={"limit": "4 GB"})

    _, found = me.ask("GET", f"assets/{asset.public_id}")

    assert found["state"] == "refused"
    assert found["refusal"]["code"] == "upload_too_large"
    assert "4 GB" in found["refusal"]["message"]["zh-hans"]
    assert found["refusal"]["message"]["en"].startswith("This file is larger than 4 GB.")
    assert {step["state"] for step in found["steps"]} >= {"done", "stopped"}


def test_a_deleted_asset_of_a_complete_upload_is_said(me: Browser) -> None:
    upload = me.begin()
    me.send(upload, 1, 2, 3)
    _, made = me.ask("POST", f"uploads/{upload['id']}/complete")
    Lecture.objects.filter(asset__public_id=made["id"]).delete()
    assets.delete(Asset.objects.get(public_id=made["id"]))

    assert code(me.ask("POST", f"uploads/{upload['id']}/complete")) == (409, "upload_closed")
    assert code(me.ask("GET", f"assets/{made['id']}")) == (404, "not_found")
