"""The sign-in page: who comes in, what is said to those who do not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import auth
from django.contrib.auth.hashers import get_hasher
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEvent
from members import sign_in, throttle
from members.models import Member, SignInAttempt
from tests import cast
from ui.sentences import Refused

pytestmark = pytest.mark.django_db
WRONG = "密码不对。再试一次，或者找支部书记重设。"


def come(client, identifier, password=cast.PASSWORD, **more):
    facts = {"identifier": identifier, "password": password, "remember": "on", **more}
    return client.post(reverse("members:sign-in"), facts)


def who(client):
    user = auth.get_user(client)
    return user if user.is_authenticated else None


@pytest.mark.parametrize(
    "typed", ["13812345678", "+86 138 1234 5678", "138-1234-5678", "20417", " 20417 ", "２０４１７"]
)
def test_phone_and_employee_number_both_let_in(client, typed):
    person = cast.member(phone="+8613812345678", enterprise=cast.enterprise(), employee_number="20417")
    assert come(client, typed).status_code == 302
    assert who(client) == person


def test_remembered_for_thirty_days_or_until_the_browser_closes(client):
    person = cast.member()
    come(client, person.phone)
    assert client.session.get_expiry_age() == 30 * 24 * 3600
    client.logout()
    client.post(reverse("members:sign-in"), {"identifier": person.phone, "password": cast.PASSWORD})
    assert client.session.get_expire_at_browser_close()


def test_a_number_of_two_enterprises_is_asked_about_and_nothing_typed_is_lost(client):
    railway, bridge = cast.enterprise("铁路公司"), cast.enterprise("桥梁公司")
    cast.member(enterprise=railway, employee_number="20417")
    person = cast.member(enterprise=bridge, employee_number="20417", phone=None)
    page = come(client, "20417")
    assert who(client) is None
    text = page.content.decode()
    assert "铁路公司" in text
    assert "桥梁公司" in text
    assert 'value="20417"' in text
    assert f'value="{cast.PASSWORD}"' in text
    assert "no-store" in page["Cache-Control"]
    come(client, "20417", enterprise="桥梁公司")
    assert who(client) == person


def test_a_wrong_password_after_the_choice_keeps_the_choice_but_not_the_password(client):
    for name in ("铁路公司", "桥梁公司"):
        cast.member(enterprise=cast.enterprise(name), employee_number="20417", phone=None)
    text = come(client, "20417", "falsch-2026", enterprise="桥梁公司").content.decode()
    assert WRONG in text
    assert '<option value="桥梁公司" selected>' in text
    assert "铁路公司" in text
    assert "falsch-2026" not in text


def test_an_invented_enterprise_lets_nobody_in_and_tells_nothing(client):
    cast.member(enterprise=cast.enterprise("铁路公司"), employee_number="20417")
    text = come(client, "20417", enterprise="假公司").content.decode()
    assert WRONG in text
    assert "铁路公司" not in text


def test_wrong_unknown_and_closed_get_one_answer(client):
    person = cast.member()
    closed = cast.member(is_active=False)
    answers = set()
    for identifier, password in ((person.phone, "falsch"), ("13899999999", "falsch"), (closed.phone, cast.PASSWORD)):
        page = come(client, identifier, password)
        assert page.status_code == 200
        assert who(client) is None
        text = page.content.decode()
        assert WRONG in text
        csrf = page.context["csrf_token"]
        answers.add(text.replace(identifier, "…").replace(str(csrf), ""))
    assert len({len(answer) for answer in answers}) == 1


def test_every_refusal_costs_one_hashing(monkeypatch):
    person = cast.member()
    closed = cast.member(is_active=False)
    hashings = []
    hasher = type(get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda self, *args: hashings.append(1) or encode(self, *args))
    for identifier in (person.phone, "13899999999", closed.phone, "nobody"):
        hashings.clear()
        with pytest.raises(Refused) as refused:
            sign_in.check(identifier, "falsch", request=None, now=timezone.now())
        assert refused.value.code == "sign_in_wrong"
        assert len(hashings) == 1, identifier


def test_empty_fields_say_what_is_missing(client):
    text = come(client, "", "").content.decode()
    assert "还没填号码" in text
    assert "还没填密码" in text
    assert not SignInAttempt.objects.exists()


def test_ten_failures_close_the_door_for_a_quarter_of_an_hour(client):
    person = cast.member()
    for _ in range(10):
        assert come(client, person.phone, "falsch").status_code == 200
    page = come(client, person.phone)
    assert page.status_code == 429
    assert "试得太多了。等15分钟再试" in page.content.decode()
    assert who(client) is None
    assert AuditEvent.objects.filter(verb="sign_in.throttled").count() == 1
    SignInAttempt.objects.update(at=timezone.now() - timedelta(minutes=15))
    come(client, person.phone)
    assert who(client) == person


def test_the_throttle_counts_one_person_however_the_phone_is_written(client):
    cast.member(phone="+8613812345678")
    for _ in range(5):
        come(client, "13812345678", "falsch")
        come(client, "+86 138 1234 5678", "falsch")
    assert come(client, "138-1234-5678").status_code == 429


def test_minutes_left_count_down_to_the_tenth_last_failure():
    now = timezone.now()
    for minutes in range(10):
        SignInAttempt.objects.create(identifier="20417", at=now - timedelta(minutes=minutes))
    assert throttle.minutes_closed("20417", None, now) == 6
    assert throttle.minutes_closed("20417", None, now + timedelta(minutes=6)) == 0
    assert throttle.minutes_closed("20418", None, now) == 0


def test_thirty_failures_of_one_address_close_it_for_all_its_numbers(client):
    person = cast.member()
    for number in range(30):
        come(client, f"nobody-{number}", "falsch")
    assert come(client, person.phone).status_code == 429
    elsewhere = client.post(
        reverse("members:sign-in"), {"identifier": person.phone, "password": cast.PASSWORD}, REMOTE_ADDR="10.0.0.9"
    )
    assert elsewhere.status_code == 302


def test_behind_a_proxy_the_address_is_what_the_proxy_saw(rf, settings):
    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 10.1.2.3"}, REMOTE_ADDR="127.0.0.1")
    assert throttle.address_of(request) == "127.0.0.1"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert throttle.address_of(request) == "10.1.2.3"


@pytest.mark.parametrize("claimed", ["unknown", "10.1.2.3:4711", "<script>"])
def test_a_forwarded_address_that_is_none_does_not_break_sign_in(client, settings, claimed):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    page = client.post(
        reverse("members:sign-in"), {"identifier": "1", "password": "2"}, headers={"X-Forwarded-For": claimed}
    )
    assert page.status_code == 200


def test_the_right_password_clears_earlier_failures(client):
    person = cast.member()
    for _ in range(9):
        come(client, person.phone, "falsch")
    come(client, person.phone)
    client.logout()
    come(client, person.phone, "falsch")
    come(client, person.phone)
    assert who(client) == person


def test_any_form_that_asks_the_backend_is_throttled():
    person = cast.member()
    for _ in range(10):
        assert auth.authenticate(None, username=person.phone, password="falsch") is None
    assert auth.authenticate(None, username=person.phone, password=cast.PASSWORD) is None


def test_old_failures_are_swept():
    now = timezone.now()
    SignInAttempt.objects.create(identifier="1", at=now - timedelta(hours=25))
    SignInAttempt.objects.create(identifier="2", at=now - timedelta(hours=23))
    assert throttle.sweep(now) == 1
    assert SignInAttempt.objects.get().identifier == "2"


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/points/?q=1", "/points/?q=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("points/", "/"),
        ("", "/"),
        ("/sign-in/?next=/x/", "/"),
    ],
)
def test_only_own_paths_are_gone_to_afterwards(client, wanted, reached):
    person = cast.member()
    assert come(client, person.phone, next=wanted)["Location"] == reached
    again = client.get(reverse("members:sign-in"), {"next": wanted})
    assert (again.status_code, again["Location"]) == (302, reached)


def test_the_page_keeps_where_one_was_going(client):
    page = client.get(reverse("members:sign-in"), {"next": "/points/"})
    assert '<input type="hidden" name="next" value="/points/">' in page.content.decode()


def test_a_member_sent_here_from_the_editors_desk_is_not_sent_round_for_ever(client):
    cast.signed_in(client, cast.member())
    assert client.get(reverse("members:sign-in"), {"next": "/admin/"}).status_code == 404


def test_signing_in_and_out_is_audited(client):
    person = cast.member()
    come(client, person.phone)
    client.post(reverse("members:sign-out"))
    assert who(client) is None
    events = AuditEvent.objects.filter(actor=person).order_by("pk")
    assert [event.verb for event in events] == ["sign_in", "sign_out"]
    assert events[0].details == {"address": "127.0.0.1"}


def test_signing_out_takes_a_post(client):
    cast.signed_in(client, cast.member())
    assert client.get(reverse("members:sign-out")).status_code == 405
    assert who(client) is not None


def test_forms_without_the_csrf_token_are_refused():
    from django.test import Client

    person = cast.member()
    strict = Client(enforce_csrf_checks=True)
    assert come(strict, person.phone).status_code == 403


def test_a_closed_account_is_out_at_once(client):
    person = cast.member()
    cast.signed_in(client, person)
    Member.objects.filter(pk=person.pk).update(is_active=False)
    assert who(client) is None
