"""Play, shares and points over the API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from courses.models import Lecture
from engagement import ledger, tokens, viewings
from engagement.models import PlaySession, Share
from members.models import Member
from tests import cast
from tests.engagement.watching import event, finish

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def member() -> Member:
    return cast.member()


@pytest.fixture
def api(client: Client, member: Member) -> Client:
    return cast.signed_in(client, member)


def post(client: Client, path: str, said: dict[str, Any] | None = None) -> Any:
    return client.post(f"{API}{path}", said, content_type="application/json")


def test_playing_opens_a_session_and_says_where_to_go_on(api: Client, member: Member) -> None:
    lecture = cast.lecture()
    viewings.watch(member, lecture, [(0, 20_000), (30_000, 40_000)], timezone.now() - timedelta(hours=1))

    response = post(api, f"/lectures/{lecture.public_id}/play")

    assert response.status_code == 200
    said = response.json()
    assert said["session"] == PlaySession.objects.latest("pk").public_id
    claims = tokens.read(said["token"], now=timezone.now())
    assert (claims.session, claims.member, claims.lecture) == (said["session"], member.pk, lecture.pk)
    assert (said["position_ms"], said["duration_ms"], said["missing_ms"]) == (40_000, 60_000, 24_000)
    assert said["segments"] == [[0, 20_000], [30_000, 40_000]]
    assert (said["completed"], said["completed_at"]) == (False, None)
    assert said["master_url"].startswith("/media/")
    assert said["master_url"].endswith("/master.m3u8")


def test_a_session_gets_a_fresh_token(api: Client) -> None:
    address = f"/lectures/{cast.lecture().public_id}/play"
    first = post(api, address, {}).json()

    renewed = post(api, address, {"session": first["session"]}).json()
    another = post(api, address, {"session": "notmineee"}).json()

    assert renewed["session"] == first["session"]
    assert another["session"] != first["session"]


def test_a_preview_is_played_and_not_counted(client: Client) -> None:
    author = cast.member()
    draft = cast.lecture(author, state="submitted")

    said = post(cast.signed_in(client, author), f"/lectures/{draft.public_id}/play").json()
    editors = post(cast.signed_in(client, cast.editor()), f"/lectures/{draft.public_id}/play")

    assert (said["token"], said["session"]) == ("", "")
    assert said["master_url"]
    assert editors.status_code == 200
    assert not PlaySession.objects.exists()
    assert post(cast.signed_in(client, cast.member()), f"/lectures/{draft.public_id}/play").status_code == 404


def test_what_has_nothing_to_play_yet_says_so(api: Client, member: Member) -> None:
    lecture = cast.lecture(member, state="draft")
    lecture.asset.state = "received"
    lecture.asset.cut = None
    lecture.asset.save()

    response = post(api, f"/lectures/{lecture.public_id}/play")

    assert (response.status_code, response.json()["code"]) == (409, "not_playable_yet")


@pytest.mark.parametrize("action", ["play", "shares"])
def test_who_may_not_see_it_finds_nothing(api: Client, action: str) -> None:
    place = cast.organisation()
    hidden = cast.lecture(cast.member(organisation=place), visibility="organisation")

    assert post(api, f"/lectures/{hidden.public_id}/{action}").status_code == 404
    assert post(api, f"/lectures/nosuchthing/{action}").status_code == 404
    insider = cast.signed_in(api, cast.member(organisation=place))
    assert post(insider, f"/lectures/{hidden.public_id}/{action}").status_code in {200, 201}


def test_who_is_not_signed_in_is_told_so(client: Client) -> None:
    lecture = cast.lecture(visibility="public")

    for action in ("play", "shares"):
        response = post(client, f"/lectures/{lecture.public_id}/{action}")
        assert (response.status_code, response.json()["code"]) == (401, "not_signed_in")
    assert client.get(f"{API}/points").status_code == 401


def test_a_link_is_ones_own_and_always_the_same(api: Client, member: Member) -> None:
    lecture = cast.lecture()

    first = post(api, f"/lectures/{lecture.public_id}/shares")
    second = post(api, f"/lectures/{lecture.public_id}/shares")

    assert first.status_code == 201
    assert first.json() == second.json()
    share = Share.objects.get()
    assert (share.member, first.json()["code"]) == (member, share.code)
    assert first.json()["url"] == f"http://testserver/s/{share.code}"
    assert first.json()["qr_url"] == f"http://testserver/s/{share.code}/qr.svg"


def test_points_are_ones_own_entry_by_entry(api: Client, member: Member) -> None:
    lecture: Lecture = cast.lecture(member, title="两道线")
    finish(cast.member(), lecture, timezone.now() - timedelta(hours=1))
    finish(cast.member(), cast.lecture(), timezone.now() - timedelta(hours=1))

    said = api.get(f"{API}/points").json()

    assert (said["balance"], said["this_period"], said["total"], said["page"], said["pages"]) == (1, 1, 1, 1, 1)
    (entry,) = said["entries"]
    assert (entry["kind"], entry["amount"], entry["reason"], entry["message"]) == ("view", 1, "", None)
    assert entry["lecture"] == {"id": lecture.public_id, "title": "两道线"}
    assert datetime.fromisoformat(entry["occurred_at"]) < timezone.now()


def test_what_was_not_counted_says_why_in_both_languages(api: Client, member: Member) -> None:
    now = timezone.now()
    viewer = cast.member()
    sharing = [event(member, viewer, cast.lecture(), now, kind="share") for _ in range(4)]
    ledger.award(sharing, now=now)

    zero = api.get(f"{API}/points?kind=share").json()["entries"][0]

    assert (zero["amount"], zero["reason"]) == (0, "share_cap_a_pair")
    assert zero["message"]["en"].startswith("As many of your shares")
    assert zero["message"]["zh-hans"].startswith("30天内")


def test_points_come_in_pages(api: Client, member: Member) -> None:
    now = timezone.now()
    ledger.award([event(member, cast.member(), cast.lecture(member), now) for _ in range(25)], now=now)

    second = api.get(f"{API}/points?page=2").json()

    assert (len(second["entries"]), second["pages"], second["total"]) == (1, 2, 25)
    assert api.get(f"{API}/points?kind=nonsense").status_code == 422
