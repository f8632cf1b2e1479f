"""The operators' desk in Wagtail's admin."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members import organisations, roles
from members.models import Appointment, Enterprise, Member, Organisation
from tests import cast

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
SECTIONS = ["wagtailusers_users", "organisation", "appointment", "enterprise"]


@pytest.fixture
def desk(client):
    return cast.signed_in(client, cast.operator())


def facts_of(person, **changes):
    facts = {"name": person.name, "phone": person.phone, "employee_number": "", "is_active": "on", "password": ""}
    return facts | changes


@pytest.mark.parametrize("section", SECTIONS)
def test_operators_see_each_list_and_its_form(desk, section):
    cast.editor(cast.organisation("一支部"))
    cast.enterprise()
    for page in ("index", "add"):
        assert desk.get(reverse(f"{section}:{page}")).status_code == 200


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("role", ["member", "secretary", "editor"])
def test_others_do_not(client, section, role):
    cast.signed_in(client, getattr(cast, role)())
    for page in ("index", "add"):
        assert client.get(reverse(f"{section}:{page}")).status_code == 302


@pytest.mark.parametrize("section", SECTIONS)
def test_a_list_costs_the_same_however_long(desk, section):
    costs = []
    for rows in (2, 10):
        for _ in range(rows):
            company = cast.enterprise()
            place = cast.organisation(enterprise=company)
            cast.secretary(place, cast.member(enterprise=company, employee_number="7"))
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(reverse(f"{section}:index")).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_a_member_is_added_with_a_place_and_a_password(desk, client):
    place = cast.organisation()
    company = cast.enterprise()
    answer = desk.post(
        reverse("wagtailusers_users:add"),
        {
            "name": "王芳",
            "phone": "138 0000 1111",
            "enterprise": company.pk,
            "employee_number": "20417",
            "is_active": "on",
            "organisation": place.pk,
            "password": "shimian-kaihui-9",
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    person = Member.objects.get(phone="+8613800001111")
    assert organisations.of(person, on=TODAY) == place
    assert person.check_password("shimian-kaihui-9")
    assert not person.is_staff


def test_a_member_is_changed_and_keeps_the_password(desk):
    person = cast.member(organisation=cast.organisation())
    there = cast.organisation()
    address = reverse("wagtailusers_users:edit", args=[person.pk])
    assert person.name in desk.get(address).content.decode()
    desk.post(address, facts_of(person, name="李雷", organisation=there.pk))
    person = Member.objects.get(pk=person.pk)
    assert person.name == "李雷"
    assert organisations.of(person, on=TODAY) == there
    assert person.check_password(cast.PASSWORD)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"phone": "12"}, "这不是手机号。"),
        ({"employee_number": "7"}, "工号要跟着单位。"),
        ({"password": "123"}, "密码"),
        ({"name": ""}, "name"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_changed(desk, changes, sentence):
    person = cast.member()
    answer = desk.post(reverse("wagtailusers_users:edit", args=[person.pk]), facts_of(person, **changes))
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert Member.objects.values().get(pk=person.pk)["name"] == person.name


def test_a_phone_of_another_is_refused(desk):
    one, other = cast.member(), cast.member()
    answer = desk.post(reverse("wagtailusers_users:edit", args=[one.pk]), facts_of(one, phone=other.phone[3:]))
    assert answer.status_code == 200


def test_the_tree_grows_from_the_desk(desk):
    top = cast.organisation("党委", Organisation.Kind.COMMITTEE)
    facts = {"name": "一支部", "short_name": "一支部", "kind": "branch", "above": top.pk}
    assert desk.post(reverse("organisation:add"), facts).status_code == 302
    branch = Organisation.objects.get(name="一支部")
    assert branch.get_parent() == top
    facts |= {"name": "第一支部"}
    assert desk.post(reverse("organisation:edit", args=[branch.pk]), facts).status_code == 302
    branch = Organisation.objects.get(pk=branch.pk)
    assert (branch.name, branch.get_parent()) == ("第一支部", top)


def test_a_role_is_given_refused_twice_and_ended_from_the_desk(desk):
    person, place = cast.member(), cast.organisation()
    facts = {"member": person.pk, "organisation": place.pk, "role": "editor", "starts_on": "2026-01-01", "ends_on": ""}
    assert desk.post(reverse("appointment:add"), facts).status_code == 302
    assert roles.is_editor(Member.objects.get(pk=person.pk), TODAY)
    again = desk.post(reverse("appointment:add"), facts)
    assert "那段时间他已经担任这个职务" in again.content.decode()
    appointment = Appointment.objects.get(member=person)
    address = reverse("appointment:edit", args=[appointment.pk])
    assert desk.get(address).status_code == 200
    assert desk.post(address, {"ends_on": str(TODAY)}).status_code == 302
    person = Member.objects.get(pk=person.pk)
    assert not roles.is_editor(person, TODAY)
    assert not person.is_staff


def test_an_enterprise_is_added(desk):
    assert desk.post(reverse("enterprise:add"), {"name": "铁路公司", "short_name": "铁路"}).status_code == 302
    assert Enterprise.objects.filter(name="铁路公司").exists()


def test_the_chooser_finds_members_by_name_phone_and_number(desk):
    person = cast.member("沈清", phone="+8613812345678", enterprise=cast.enterprise(), employee_number="20417")
    cast.member("别人", phone="+8613900000001")
    for asked in ("沈", "1234", "204"):
        text = desk.get(reverse("member_chooser:choose_results"), {"q": asked}).content.decode()
        assert person.name in text
        assert "别人" not in text
    assert desk.get(reverse("member_chooser:choose")).status_code == 200


def test_wagtails_own_account_page_can_be_saved(desk):
    address = reverse("wagtailadmin_account")
    text = desk.get(address).content.decode()
    assert "first_name" not in text
    profile = {"theme-theme": "dark", "theme-contrast": "system", "theme-density": "default"}
    locale = {"locale-preferred_language": "en", "locale-current_time_zone": ""}
    assert desk.post(address, profile | locale).status_code == 302
