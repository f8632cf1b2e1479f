"""Roles: dated, reaching down the tree, and what Wagtail is told of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from audit.models import AuditEvent
from members import roles
from members.models import Appointment, Member, Organisation
from tests import cast
from ui.sentences import Refused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 4, tzinfo=UTC)
TODAY = date(2026, 11, 2)
Role = Appointment.Role


def fresh(member):
    return Member.objects.get(pk=member.pk)


@pytest.fixture
def tree():
    committee = cast.organisation("党委", Organisation.Kind.COMMITTEE)
    group = cast.organisation("一组", Organisation.Kind.GROUP, committee)
    branch = cast.organisation("一支部", parent=group)
    other = cast.organisation("二支部", parent=committee)
    return committee, group, branch, other


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(2026, 10, 31), False),
        (date(2026, 11, 1), True),
        (date(2026, 11, 30), True),
        (date(2026, 12, 1), False),
    ],
)
def test_a_role_holds_from_its_first_day_up_to_the_day_it_ends(day, holds):
    person, place = cast.member(), cast.organisation()
    roles.appoint(person, Role.EDITOR, place, starts_on=date(2026, 11, 1), ends_on=date(2026, 12, 1), by=None, now=NOW)
    assert roles.is_editor(fresh(person), day) is holds


def test_rights_reach_down_the_tree_and_never_up_or_across(tree):
    _committee, group, branch, _other = tree
    person = cast.secretary(group)
    assert [place for place in tree if roles.is_secretary_of(person, place, TODAY)] == [group, branch]
    assert list(roles.organisations_led(person, TODAY)) == [group, branch]


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.EXECUTIVE_SECRETARY])
def test_both_kinds_of_secretary_lead(role):
    place = cast.organisation()
    assert roles.is_secretary_of(cast.appointed(role, place), place, TODAY)


def test_an_editor_leads_nothing(tree):
    person = cast.editor(tree[0])
    assert not roles.is_secretary_of(person, tree[0], TODAY)
    assert not roles.organisations_led(person, TODAY).exists()


def test_a_visitor_has_no_role(tree):
    visitor = AnonymousUser()
    assert not roles.is_editor(visitor, TODAY)
    assert not roles.is_secretary_of(visitor, tree[0], TODAY)
    assert not roles.organisations_led(visitor, TODAY).exists()


def test_asking_often_asks_the_database_once(tree, django_assert_num_queries):
    person = fresh(cast.secretary(tree[1]))
    with django_assert_num_queries(1):
        for place in tree:
            roles.is_secretary_of(person, place, TODAY)
        roles.is_editor(person, TODAY)
        roles.has(person, Role.OPERATOR, on=TODAY)


def test_appointing_and_ending_are_audited():
    chief, person, place = cast.operator(), cast.member(), cast.organisation()
    appointment = roles.appoint(person, Role.EDITOR, place, starts_on=TODAY, by=chief, now=NOW)
    roles.end(appointment, on=TODAY + timedelta(days=3), by=chief, now=NOW)
    events = AuditEvent.objects.filter(subject=f"members.Member:{person.pk}").order_by("pk")
    assert [(event.verb, event.actor) for event in events] == [("role.appointed", chief), ("role.ended", chief)]
    assert events[1].details["on"] == "2026-11-05"


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "code"),
    [
        (date(2026, 11, 15), None, "appointment_overlaps"),
        (date(2026, 10, 1), date(2026, 11, 2), "appointment_overlaps"),
        (date(2026, 10, 1), None, "appointment_overlaps"),
        (date(2026, 11, 5), date(2026, 11, 6), "appointment_overlaps"),
        (date(2026, 12, 5), date(2026, 12, 5), "appointment_ends_too_early"),
    ],
)
def test_an_appointment_that_cannot_be_is_refused_with_a_sentence(starts_on, ends_on, code):
    person, place = cast.member(), cast.organisation()
    roles.appoint(
        person, Role.SECRETARY, place, starts_on=date(2026, 11, 1), ends_on=date(2026, 12, 1), by=None, now=NOW
    )
    with pytest.raises(Refused) as refused:
        roles.appoint(person, Role.SECRETARY, place, starts_on=starts_on, ends_on=ends_on, by=None, now=NOW)
    assert refused.value.code == code


def test_appointments_may_touch():
    person, place = cast.member(), cast.organisation()
    for month in (10, 11, 12):
        roles.appoint(
            person,
            Role.EXECUTIVE_SECRETARY,
            place,
            starts_on=date(2026, month, 1),
            ends_on=date(2026, month + 1, 1) if month < 12 else None,
            by=None,
            now=NOW,
        )
    assert person.appointments.count() == 3


def test_an_appointment_ended_before_it_began_never_was():
    person = cast.member()
    future = roles.appoint(person, Role.EDITOR, cast.organisation(), starts_on=date(2027, 1, 1), by=None, now=NOW)
    roles.end(future, on=TODAY, by=None, now=NOW)
    assert not person.appointments.exists()


def test_ending_never_prolongs():
    person, place = cast.member(), cast.organisation()
    ended = roles.appoint(
        person, Role.EDITOR, place, starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 1), by=None, now=NOW
    )
    with pytest.raises(Refused) as refused:
        roles.end(ended, on=date(2026, 3, 1), by=None, now=NOW)
    assert refused.value.code == "appointment_ends_already"


def flags(person):
    person = fresh(person)
    return person.is_staff, person.is_superuser, person.groups.filter(name=roles.EDITORS).exists()


@pytest.mark.parametrize(
    ("role", "wagtail"),
    [
        (Role.EDITOR, (True, False, True)),
        (Role.OPERATOR, (True, True, False)),
        (Role.SECRETARY, (False, False, False)),
    ],
)
def test_wagtail_follows_appointments(role, wagtail):
    person = cast.member()
    appointment = roles.appoint(person, role, cast.organisation(), starts_on=TODAY, by=None, now=NOW)
    assert flags(person) == wagtail
    roles.end(appointment, on=TODAY, by=None, now=NOW)
    assert flags(person) == (False, False, False)


def test_each_night_wagtail_learns_what_began_and_what_ended():
    person, place = cast.member(), cast.organisation()
    roles.appoint(
        person, Role.OPERATOR, place, starts_on=date(2026, 11, 3), ends_on=date(2026, 11, 5), by=None, now=NOW
    )
    assert flags(person) == (False, False, False)
    roles.refresh(date(2026, 11, 3))
    assert flags(person) == (True, True, False)
    roles.refresh(date(2026, 11, 5))
    assert flags(person) == (False, False, False)


def test_a_superuser_made_by_hand_stays_one():
    person = Member.objects.create_superuser("root", "x")
    roles.appoint(person, Role.EDITOR, cast.organisation(), starts_on=TODAY, by=None, now=NOW)
    assert flags(person) == (True, True, True)
    roles.refresh(timezone.localdate())
    assert fresh(person).is_superuser


def test_the_nightly_task_does_the_same():
    from members import tasks

    person = cast.editor()
    person.groups.clear()
    tasks.refresh()
    assert flags(person) == (True, False, True)
