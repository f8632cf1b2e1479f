"""Links and who came by them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404

from courses.models import Lecture
from engagement import not_counted, rules, sharing, viewings
from engagement.models import PointEntry, PointEvent, Share, ShareVisit
from engagement.not_counted import NotCounted
from members.models import Member
from tests import cast
from tests.engagement.watching import DAY, NOW, SECOND, finish, share_and_finish

pytestmark = pytest.mark.django_db


def why_not(member: Member, at: datetime) -> list[NotCounted]:
    return not_counted.of(member, rules.current(at), at)


def test_a_member_has_one_link_to_a_lecture() -> None:
    member, lecture = cast.member(), cast.lecture()

    assert sharing.link_for(member, lecture, NOW) == sharing.link_for(member, lecture, NOW + DAY)
    assert sharing.link_for(cast.member(), lecture, NOW).code != Share.objects.get(member=member).code


def test_the_first_link_opened_is_the_one_that_counts() -> None:
    first, second, viewer, lecture = cast.member(), cast.member(), cast.member(), cast.lecture()
    sharing.visit(sharing.link_for(first, lecture, NOW).code, viewer, NOW)
    sharing.visit(sharing.link_for(second, lecture, NOW).code, viewer, NOW + SECOND)

    finish(viewer, lecture, NOW + DAY)

    assert PointEntry.objects.get(event__kind="share").member == first


def test_who_had_begun_to_watch_before_brings_no_point() -> None:
    sharer, viewer, lecture = cast.member(), cast.member(), cast.lecture()
    viewings.watch(viewer, lecture, [(0, 9_000)], NOW)

    share_and_finish(sharer, viewer, lecture, NOW + DAY)

    assert not PointEvent.objects.filter(kind="share").exists()
    assert [one.code for one in why_not(sharer, NOW + DAY)] == ["share_seen_before"]


def test_opening_ones_own_link_leaves_nothing() -> None:
    member, lecture = cast.member(), cast.lecture()

    assert sharing.visit(sharing.link_for(member, lecture, NOW).code, member, NOW) is None
    finish(member, lecture)

    assert not ShareVisit.objects.exists()
    assert not PointEvent.objects.filter(kind="share").exists()


def test_authors_earn_no_share_points_with_their_own_work() -> None:
    author, viewer = cast.member(), cast.member()
    lecture = cast.lecture(author)

    share_and_finish(author, viewer, lecture)

    assert [entry.event.kind for entry in PointEntry.objects.all()] == ["view"]
    assert [one.code for one in why_not(author, NOW + DAY)] == ["share_of_own"]


def test_a_share_to_the_author_earns_nothing() -> None:
    author, sharer = cast.member(), cast.member()
    lecture = cast.lecture(author)

    share_and_finish(sharer, author, lecture)

    assert not PointEvent.objects.exists()
    assert [one.code for one in why_not(sharer, NOW + DAY)] == ["share_to_author"]


def test_finishing_too_late_is_entered_as_nothing_and_says_why() -> None:
    sharer, viewer, lecture = cast.member(), cast.member(), cast.lecture()
    sharing.visit(sharing.link_for(sharer, lecture, NOW).code, viewer, NOW)

    finish(viewer, lecture, NOW + 14 * DAY)

    entry = PointEntry.objects.get(event__kind="share")
    assert (entry.amount, entry.reason) == (0, "share_too_late")
    assert [one.code for one in why_not(sharer, NOW + 15 * DAY)] == ["share_too_late"]


def test_a_share_that_may_still_count_says_how_far_they_are_and_how_long_there_is() -> None:
    sharer, viewer, lecture = cast.member(), cast.member(), cast.lecture()
    sharing.visit(sharing.link_for(sharer, lecture, NOW).code, viewer, NOW)
    viewings.watch(viewer, lecture, [(0, 42_900)], NOW + SECOND)

    waiting = why_not(sharer, NOW + 9 * DAY + timedelta(hours=1))
    over = why_not(sharer, NOW + 14 * DAY)

    assert [(one.code, one.params) for one in waiting] == [
        ("share_not_finished", {"seen": 71, "needed": 90, "days": 5})
    ]
    assert [(one.code, one.params) for one in over] == [("share_ran_out", {"days": 14})]


def test_the_days_are_those_of_the_rules() -> None:
    sharer, viewer, lecture = cast.member(), cast.member(), cast.lecture()
    rules.change(None, NOW - DAY, share_days=2)
    sharing.visit(sharing.link_for(sharer, lecture, NOW).code, viewer, NOW)

    finish(viewer, lecture, NOW + 3 * DAY)

    assert PointEntry.objects.get(event__kind="share").reason == "share_too_late"


def test_the_sharer_learns_how_many_were_brought_to_the_end() -> None:
    sharer, lecture = cast.member(), cast.lecture()
    share_and_finish(sharer, cast.member(), lecture)
    share_and_finish(sharer, cast.member(), lecture, NOW + DAY)
    sharing.visit(Share.objects.get().code, cast.member(), NOW)

    def seen_by(member: Member) -> tuple[str, int]:
        return sharing.with_link(Lecture.objects.all(), member.pk).values_list("share_code", "brought").get()

    assert seen_by(sharer) == (Share.objects.get().code, 2)
    assert seen_by(cast.member()) == ("", 0)


def test_a_code_nobody_was_given_is_not_there() -> None:
    with pytest.raises(Http404):
        sharing.visit("1234567890", cast.member(), NOW)


def test_visits_are_never_changed() -> None:
    share_and_finish(cast.member(), cast.member(), cast.lecture())

    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
        ShareVisit.objects.update(was_new=False)


def test_the_code_is_black_on_white_with_a_border() -> None:
    picture = sharing.qr_svg("https://example.org/s/abcdefghij").decode()

    assert picture.startswith("<svg")
    assert "#fff" in picture
    assert "style" not in picture


def test_why_not_costs_the_same_for_two_and_for_twelve(django_assert_max_num_queries: object) -> None:
    sharer = cast.member()
    for count in (2, 10):
        for number in range(count):
            lecture = cast.lecture()
            viewer = cast.member()
            sharing.visit(sharing.link_for(sharer, lecture, NOW).code, viewer, NOW)
            viewings.watch(viewer, lecture, [(0, 9_000)], NOW + number * DAY)
        with django_assert_max_num_queries(4):  # type: ignore[operator]
            assert why_not(sharer, NOW + DAY)
