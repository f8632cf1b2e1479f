"""Keys for the API: how they are had, what they may, how they end; and the session beside them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEvent
from members import tokens
from members.models import ApiToken
from tests import cast

pytestmark = pytest.mark.django_db
TOKENS = "/api/v1/tokens"
ME = "/api/v1/me"


def ask(client, identifier, password=cast.PASSWORD, **more):
    return client.post(TOKENS, {"identifier": identifier, "password": password, **more}, "application/json")


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def test_a_key_opens_the_api_until_it_is_revoked(client):
    place = cast.organisation("一支部")
    person = cast.secretary(place, cast.member("王芳", place))
    answer = ask(client, person.phone, name="脚本")
    assert answer.status_code == 201
    given = answer.json()
    assert given["scopes"] == ["read", "write"]
    assert given["member"]["name"] == "王芳"
    assert timezone.datetime.fromisoformat(given["expires_at"]) - timezone.now() > timedelta(days=89)
    me = Client().get(ME, headers=bearer(given["token"])).json()
    assert me == given["member"]
    assert me["organisation"] == {"name": "一支部", "kind": "branch"}
    assert me["roles"] == [{"role": "secretary", "organisation": "一支部"}]
    ended = Client().delete(f"{TOKENS}/{given['id']}", headers=bearer(given["token"]))
    assert ended.status_code == 204
    assert Client().get(ME, headers=bearer(given["token"])).status_code == 401


def test_only_a_digest_of_the_key_is_kept(client):
    key = ask(client, cast.member().phone).json()["token"]
    row = ApiToken.objects.values().get()
    assert key.startswith("sl_")
    assert len(key) >= 43
    assert key not in str(row)


def test_making_and_revoking_are_audited_without_the_key(client):
    person = cast.member()
    token, key = tokens.create(person, now=timezone.now(), name="脚本")
    tokens.revoke(token, by=person, now=timezone.now())
    tokens.revoke(token, by=person, now=timezone.now())
    events = AuditEvent.objects.filter(subject=f"members.ApiToken:{token.pk}").order_by("pk")
    assert [event.verb for event in events] == ["token.created", "token.revoked"]
    assert key not in str([event.details for event in events])


def test_a_wrong_password_and_an_unknown_number_get_one_answer(client):
    wrong, unknown = ask(client, cast.member().phone, "falsch"), ask(client, "13899999999", "falsch")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "sign_in_wrong"
    assert wrong.json()["field"] == "password"
    assert wrong.json()["message"]["zh-hans"].startswith("密码不对。")
    assert wrong.json()["message"]["en"].startswith("The password is not right.")


def test_the_page_and_the_api_share_one_throttle(client):
    person = cast.member()
    for _ in range(10):
        client.post("/sign-in/", {"identifier": person.phone, "password": "falsch"})
    answer = ask(client, person.phone)
    assert answer.status_code == 429
    assert answer.json()["code"] == "sign_in_throttled"
    assert "15" in answer.json()["message"]["zh-hans"]


def test_a_number_of_two_enterprises_names_them(client):
    for name in ("铁路公司", "桥梁公司"):
        cast.member(name, enterprise=cast.enterprise(name), employee_number="20417")
    asked = ask(client, "20417")
    assert asked.json()["code"] == "sign_in_which_enterprise"
    assert asked.json()["field"] == "enterprise"
    assert asked.status_code == 400
    assert "桥梁公司 / 铁路公司" in asked.json()["message"]["zh-hans"]
    assert ask(client, "20417", enterprise="桥梁公司").json()["member"]["name"] == "桥梁公司"


@pytest.mark.parametrize("bad", [{"scopes": ["root"]}, {"scopes": []}, {"name": "x" * 65}, {"identifier": None}])
def test_bad_input_is_named(client, bad):
    answer = ask(client, **{"identifier": cast.member().phone, **bad})
    assert answer.status_code == 422
    assert answer.json()["code"] == "bad_input"
    assert not ApiToken.objects.exists()


def test_scopes_are_kept(client):
    person, now = cast.member(), timezone.now()
    mine, read = tokens.create(person, now=now, scopes=["read"])
    _, write = tokens.create(person, now=now, scopes=["write"])
    assert client.get(ME, headers=bearer(read)).status_code == 200
    refused = client.delete(f"{TOKENS}/{mine.public_id}", headers=bearer(read))
    assert (refused.status_code, refused.json()["code"]) == (403, "token_reads_only")
    refused = client.get(ME, headers=bearer(write))
    assert (refused.status_code, refused.json()["code"]) == (403, "token_does_not_read")
    assert client.delete(f"{TOKENS}/{mine.public_id}", headers=bearer(write)).status_code == 204


def test_a_key_ends_after_ninety_days():
    person, now = cast.member(), timezone.now()
    _, key = tokens.create(person, now=now)
    assert tokens.find(key, now + timedelta(days=90) - timedelta(seconds=1)).member == person
    assert tokens.find(key, now + timedelta(days=90)) is None


def test_a_closed_account_has_no_keys(client):
    person = cast.member()
    _, key = tokens.create(person, now=timezone.now())
    person.is_active = False
    person.save()
    assert client.get(ME, headers=bearer(key)).status_code == 401


def test_anothers_key_is_not_there(client):
    other, _ = tokens.create(cast.member(), now=timezone.now())
    _, key = tokens.create(cast.member(), now=timezone.now())
    assert client.delete(f"{TOKENS}/{other.public_id}", headers=bearer(key)).status_code == 404
    assert ApiToken.objects.get(pk=other.pk).revoked_at is None


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}])
def test_without_a_key_or_a_session_the_answer_is_401(headers):
    strict = Client(enforce_csrf_checks=True)
    for answer in (strict.get(ME, headers=headers), strict.delete(f"{TOKENS}/1", headers=headers)):
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_a_bad_key_does_not_fall_back_to_the_session(client):
    cast.signed_in(client, cast.member())
    assert client.get(ME).status_code == 200
    assert client.get(ME, headers=bearer("nonsense")).status_code == 401


def test_a_session_writes_only_with_the_csrf_token():
    person = cast.member()
    token, _ = tokens.create(person, now=timezone.now())
    strict = cast.signed_in(Client(enforce_csrf_checks=True), person)
    address = f"{TOKENS}/{token.public_id}"
    assert strict.get(ME).status_code == 200
    assert strict.delete(address).status_code == 403
    strict.cookies["csrftoken"] = "a" * 32
    assert strict.delete(address, headers={"X-CSRFToken": "b" * 32}).status_code == 403
    assert strict.delete(address, headers={"X-CSRFToken": "a" * 32}).status_code == 204
