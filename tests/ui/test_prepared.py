"""Queries whose SQL is made once find what the ORM finds, whatever is given."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q, QuerySet
from django.test.utils import CaptureQueriesContext

from courses.models import Topic
from members.models import Member, Membership
from tests import cast
from ui.prepared import Prepared, prepared

pytestmark = pytest.mark.postgres
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@prepared
def joined(before: datetime, names: list[str], phone: str | None, *, newest: bool) -> QuerySet[Member, Member]:
    members = Member.objects.filter(Q(joined_at__lt=before), name__in=names, phone=phone)
    return members.order_by("-pk" if newest else "pk")


@prepared
def belonging(day: date, member: int) -> QuerySet[Membership, tuple[Any, ...]]:
    rows = Membership.objects.filter(member=member, starts_on__lte=day)
    return rows.values_list("member__name", "organisation__name", "starts_on")


@pytest.fixture
def people(db: None) -> list[Member]:
    return [cast.member(name) for name in ("甲", "乙", "丙%s'")]


def without_phone(people: list[Member]) -> None:
    Member.objects.filter(pk__in=[one.pk for one in people]).update(phone=None, joined_at=NOW)


def test_every_value_given_is_the_one_that_is_asked_for(people: list[Member]) -> None:
    without_phone(people)
    later, names = NOW + timedelta(microseconds=1), ["甲", "丙%s'", "nobody"]
    assert joined(later, names, None, newest=False) == [people[0], people[2]]
    assert joined(later, names, None, newest=True) == [people[2], people[0]]
    assert joined(later, ["乙", "乙", "x"], None, newest=False) == [people[1]]
    assert joined(NOW, names, None, newest=False) == []
    assert joined(later, [], None, newest=False) == []
    assert joined(later, names, "+8613800000000", newest=False) == []


def test_it_is_one_query_and_its_sql_is_made_once_for_each_shape(people: list[Member]) -> None:
    built: list[int] = []

    def build(names: list[str]) -> QuerySet[Member, Member]:
        built.append(len(names))
        return Member.objects.filter(name__in=names)

    query: Prepared[Member] = prepared(build)
    with CaptureQueriesContext(connection) as counted:
        for names in (["甲"], ["乙"], ["甲", "乙"], ["丙%s'", "乙"]):
            assert {one.name for one in query(names)} == set(names)
    assert len(counted) == 4
    assert built == [1, 2]


def test_lists_of_about_the_same_length_share_their_sql(people: list[Member]) -> None:
    built: list[int] = []

    def build(names: list[str]) -> QuerySet[Member, Member]:
        built.append(len(names))
        return Member.objects.filter(name__in=names)

    query: Prepared[Member] = prepared(build)
    for many in (5, 6, 8):
        names = ["甲", "乙", "丙%s'", *(f"nobody {number}" for number in range(many - 3))]
        assert {one.name for one in query(names)} == {"甲", "乙", "丙%s'"}
        assert {one.name for one in query(names[::-1])} == {"甲", "乙", "丙%s'"}
        assert query.count(names) == 3
    assert built == [8]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL keeps plans")
def test_postgresql_plans_once_for_small_and_large_values(people: list[Member]) -> None:
    @prepared
    def known(pks: list[int], before: datetime) -> QuerySet[Member, Member]:
        return Member.objects.filter(pk__in=pks, is_staff=False, joined_at__lt=before, name__contains="%s'")

    later = NOW + timedelta(days=3650)
    for far in (7, 70_000, 2**40):
        with CaptureQueriesContext(connection) as counted:
            assert known([people[2].pk, far, far + 1], later) == [people[2]]
        assert str(far + 1) in counted[0]["sql"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans, statement FROM pg_prepared_statements WHERE statement LIKE %s",
            ["%is_staff%"],
        )
        [(generic, custom, statement)] = cursor.fetchall()
    assert (generic, custom) == (3, 0)
    assert "NOT" in statement  # what is known already stands in it
    assert "$5" in statement
    assert "$6" not in statement


def test_rows_are_counted_without_being_fetched(people: list[Member]) -> None:
    without_phone(people)
    later = NOW + timedelta(days=1)
    with CaptureQueriesContext(connection) as counted:
        assert joined.count(later, ["甲", "乙"], None, newest=False) == 2
    assert len(counted) == 1
    assert joined.count(later, [], None, newest=False) == 0


def test_columns_and_days_come_as_the_orm_brings_them(db: None) -> None:
    place = cast.organisation("物流站党支部")
    member = cast.member("祁连生", place)
    begun = member.memberships.get().starts_on
    assert belonging(begun, member.pk) == [("祁连生", "物流站党支部", begun)]
    assert belonging(begun - timedelta(days=1), member.pk) == []


def test_what_is_joined_or_annotated_comes_with_the_rows(db: None) -> None:
    @prepared
    def lectures(topic: int) -> QuerySet[Any, Any]:
        from courses.models import Lecture

        return Lecture.objects.with_card().filter(topic=topic)

    topic: Topic = cast.topic()
    made = cast.lecture(cast.member("刘守正"), topic=topic)
    with CaptureQueriesContext(connection) as counted:
        (found,) = lectures(topic.pk)
        assert (found, found.author.name, found.topic) == (made, "刘守正", topic)
        assert found.asset.cut.package.sprite == made.asset.cut.package.sprite
    assert len(counted) == 1
