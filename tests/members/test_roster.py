"""Members and where they belong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from audit.models import AuditEvent
from members import organisations, roster, tokens
from members.models import Appointment, Member, Membership
from tests import cast
from ui.sentences import Refused

NOW = datetime(2026, 11, 2, 4, tzinfo=UTC)
TODAY = date(2026, 11, 2)


def place_on(person, day):
    return organisations.of(Member.objects.get(pk=person.pk), on=day)


@pytest.mark.django_db
def test_moving_ends_the_old_membership_the_day_the_new_one_begins():
    old, new = cast.organisation(), cast.organisation()
    person, chief = cast.member(organisation=old), cast.operator()
    roster.move(person, new, on=TODAY, by=chief, now=NOW)
    assert place_on(person, TODAY - timedelta(days=1)) == old
    assert place_on(person, TODAY) == new
    event = AuditEvent.objects.get(verb="member.moved")
    assert (event.actor, event.details) == (chief, {"from": old.pk, "to": new.pk, "on": "2026-11-02"})


@pytest.mark.django_db
def test_moving_twice_in_a_day_leaves_the_last():
    person, last = cast.member(organisation=cast.organisation()), cast.organisation()
    roster.move(person, cast.organisation(), on=TODAY, by=None, now=NOW)
    roster.move(person, last, on=TODAY, by=None, now=NOW)
    assert place_on(person, TODAY) == last
    assert person.memberships.count() == 2


@pytest.mark.django_db
def test_staying_changes_nothing():
    place = cast.organisation()
    person = cast.member(organisation=place)
    roster.move(person, place, on=TODAY, by=None, now=NOW)
    assert person.memberships.get().ends_on is None
    assert not AuditEvent.objects.filter(verb="member.moved").exists()


@pytest.mark.django_db
def test_leaving_ends_the_membership():
    person = cast.member(organisation=cast.organisation())
    roster.move(person, None, on=TODAY, by=None, now=NOW)
    assert place_on(person, TODAY) is None
    assert place_on(person, TODAY - timedelta(days=1)) is not None


@pytest.mark.django_db
def test_a_move_already_arranged_for_later_is_not_overwritten():
    person = cast.member()
    Membership.objects.create(member=person, organisation=cast.organisation(), starts_on=TODAY + timedelta(days=5))
    with pytest.raises(Refused) as refused:
        roster.move(person, cast.organisation(), on=TODAY, by=None, now=NOW)
    assert (refused.value.code, refused.value.params) == ("membership_too_early", {"since": "2026-11-07"})


@pytest.mark.django_db
@pytest.mark.parametrize("how", [{"password": "neu-geheim-2026"}, {"close": True}])
def test_a_new_password_and_a_closed_account_end_the_members_keys(how):
    person = cast.member()
    _, key = tokens.create(person, now=NOW)
    person.is_active = not how.get("close")
    roster.keep(person, organisation=None, password=how.get("password", ""), by=None, now=NOW)
    person.is_active = True
    person.save()
    assert tokens.find(key, NOW) is None


@pytest.mark.django_db
def test_a_member_added_without_a_password_cannot_sign_in():
    person = roster.keep(Member(name="甲", phone="+8613800000001"), organisation=None, by=None, now=NOW)
    assert not person.has_usable_password()
    assert AuditEvent.objects.get(verb="member.added").subject == f"members.Member:{person.pk}"


def test_a_growing_tree_counts_on_rows_not_on_objects_in_hand(committed_db):
    top = organisations.add(None, by=None, now=NOW, name="党委", short_name="党委", kind="committee")
    stale = type(top).objects.get(pk=top.pk)
    for number in range(3):
        organisations.add(stale, by=None, now=NOW, name=f"支部{number}", short_name="支部", kind="branch")
    top.refresh_from_db()
    assert [child.name for child in top.get_children()] == ["支部0", "支部1", "支部2"]


SPAN = (date(2026, 3, 1), date(2026, 6, 1))
OVERLAPPING = [
    (date(2026, 3, 1), date(2026, 6, 1)),
    (date(2026, 2, 1), date(2026, 3, 2)),
    (date(2026, 5, 31), None),
    (date(2026, 4, 1), date(2026, 4, 2)),
    (date(2026, 1, 1), None),
]
APART = [(date(2026, 1, 1), date(2026, 3, 1)), (date(2026, 6, 1), None)]


def membership(person, span):
    return Membership.objects.create(
        member=person, organisation=cast.organisation(), starts_on=span[0], ends_on=span[1]
    )


def refused(name):
    return pytest.raises(IntegrityError, match=name)


@pytest.mark.django_db
@pytest.mark.parametrize("span", OVERLAPPING)
def test_the_database_refuses_a_second_membership_at_one_time(span):
    person = cast.member()
    membership(person, SPAN)
    with refused("membership_no_overlap"), transaction.atomic():
        membership(person, span)
    assert person.memberships.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("span", APART)
def test_memberships_of_one_member_may_touch(span):
    person = cast.member()
    membership(person, SPAN)
    membership(person, span)
    membership(cast.member(), SPAN)


@pytest.mark.django_db
def test_the_database_refuses_a_change_that_would_overlap():
    person = cast.member()
    membership(person, SPAN)
    later = membership(person, (date(2026, 7, 1), None))
    with refused("membership_no_overlap"), transaction.atomic():
        Membership.objects.filter(pk=later.pk).update(starts_on=date(2026, 5, 1))
    Membership.objects.filter(pk=later.pk).update(starts_on=date(2026, 6, 1))


@pytest.mark.django_db
def test_the_database_refuses_one_role_twice_at_one_time_and_nothing_else():
    person, place = cast.member(), cast.organisation()
    facts = {"member": person, "starts_on": SPAN[0], "ends_on": SPAN[1]}
    Appointment.objects.create(**facts, organisation=place, role="editor")
    Appointment.objects.create(**facts, organisation=place, role="secretary")
    Appointment.objects.create(**facts, organisation=cast.organisation(), role="editor")
    with refused("appointment_no_overlap"), transaction.atomic():
        Appointment.objects.create(**facts, organisation=place, role="editor")


def test_the_guard_can_be_taken_off_and_put_on_again(committed_db):
    from django.core.management import call_command

    person = cast.member()
    membership(person, SPAN)
    call_command("migrate", "members", "0001", verbosity=0)
    twin = membership(person, SPAN)
    twin.delete()
    call_command("migrate", "members", "0002", verbosity=0)
    with refused("membership_no_overlap"), transaction.atomic():
        membership(person, SPAN)
    connection.close()
