"""Language, size of type, light and dark."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import translation

from tests import cast

pytestmark = pytest.mark.django_db


def choose(client, name, value, **more):
    field = name.replace("-", "_")
    return client.post(reverse(f"members:{name}"), {field: value, "next": "/sign-in/", **more})


def page(client, **headers):
    return client.get(reverse("members:sign-in"), **headers).content.decode()


def test_chinese_comes_first_whatever_the_browser_says(client):
    answer = client.get(reverse("members:sign-in"), headers={"Accept-Language": "en-US,en;q=0.9"})
    assert '<html lang="zh-Hans"' in answer.content.decode()
    assert answer["Content-Language"] == "zh-hans"
    assert "Cookie" in answer["Vary"]
    assert translation.get_language() == "zh-hans"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("language", "en", '<html lang="en"'),
        ("text-size", "large", 'data-type="large"'),
        ("theme", "dark", 'data-theme="dark"'),
    ],
)
def test_a_visitor_chooses_by_cookie(client, name, value, shown):
    assert shown not in page(client)
    answer = choose(client, name, value)
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    assert shown in page(client)


@pytest.mark.parametrize(("name", "value"), [("language", "en"), ("text-size", "large"), ("theme", "light")])
def test_a_members_choice_is_kept_with_the_member(client, name, value):
    person = cast.member()
    choose(cast.signed_in(client, person), name, value)
    person.refresh_from_db()
    assert getattr(person, name.replace("-", "_")) == value


def test_the_members_language_beats_the_cookie(client):
    choose(client, "language", "en")
    person = cast.member(language="zh-hans")
    answer = cast.signed_in(client, person).get(reverse("members:sign-in"))
    assert answer["Content-Language"] == "zh-hans"


def test_a_member_without_a_language_has_the_cookies(client):
    choose(client, "language", "en")
    answer = cast.signed_in(client, cast.member()).get(reverse("members:sign-in"))
    assert answer["Content-Language"] == "en"


def test_large_type_chosen_at_the_door_stays_after_signing_in(client):
    person = cast.member()
    choose(client, "text-size", "large")
    client.post(reverse("members:sign-in"), {"identifier": person.phone, "password": cast.PASSWORD})
    person.refresh_from_db()
    assert person.text_size == "large"


@pytest.mark.parametrize(
    ("name", "value"), [("language", "fr"), ("text-size", "huge"), ("theme", ""), ("theme", "x;y")]
)
def test_a_value_nobody_offers_changes_nothing(client, name, value):
    person = cast.member()
    answer = choose(cast.signed_in(client, person), name, value)
    assert answer.status_code == 302
    assert name.replace("-", "_") not in answer.cookies
    before = (person.language, person.text_size, person.theme)
    person.refresh_from_db()
    assert (person.language, person.text_size, person.theme) == before


def test_a_forged_cookie_is_not_obeyed(client):
    client.cookies["theme"] = '"><script>'
    client.cookies["django_language"] = "xx"
    text = page(client)
    assert '<script>"' not in text
    assert "data-theme" not in text
    assert 'lang="zh-Hans"' in text


@pytest.mark.parametrize("name", ["language", "text-size", "theme"])
def test_choosing_takes_a_post_and_leads_only_to_own_paths(client, name):
    assert client.get(reverse(f"members:{name}")).status_code == 405
    for bad in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        assert choose(client, name, "en", next=bad)["Location"] == "/"
