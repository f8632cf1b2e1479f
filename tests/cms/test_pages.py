"""Home, lists, topics and the watch page: what they show, and that two rows cost as many queries as twenty-four."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from courses.models import CataloguePage, CourseItem, CoursePage, Lecture, Topic
from engagement import cards, featured, rules, sharing, viewings
from engagement.models import FeaturedMark
from members.models import Member
from tests import cast
from ui.paging import Page, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def topic() -> Topic:
    return cast.topic("岗位故事")


@pytest.fixture
def member() -> Member:
    return cast.member("祁连生", cast.organisation("物流站党支部"))


@pytest.fixture
def page(client: Client, member: Member) -> Client:
    return cast.signed_in(client, member)


def lectures(topic: Topic, count: int) -> list[Lecture]:
    author = cast.member("刘守正", cast.organisation())
    now = timezone.now()
    return [cast.lecture(author, topic=topic, published_at=now) for _ in range(count)]


def feature(lecture: Lecture) -> None:
    """What has one viewing to its end is marked, by rules that ask for no more."""
    facts: dict[str, Any] = {"score_least": 1, "viewers_least": 1, "organisations_least": 1, "captions_on": False}
    rules.change(by=None, now=lecture.created_at, share_of_one_on=False, cooling_on=False, **facts)
    featured.run(timezone.now())
    mark = FeaturedMark.objects.get(lecture=lecture)
    featured.confirm(mark, by=cast.editor(), reason="", now=timezone.now())


def queries(client: Client, address: str) -> int:
    client.get(address)  # sites, content types and the compiled templates are kept from here on
    with CaptureQueriesContext(connection) as counted:
        assert client.get(address).status_code == 200
    return len(counted)


def pages_of(one: Lecture) -> dict[str, str]:
    assert one.topic
    return {"home": "/", "list": "/lectures/", "topic": f"/topics/{one.topic.slug}/", "watch": one.get_absolute_url()}


def course_of(some: list[Lecture], **facts: Any) -> CoursePage:
    page = CoursePage(title="一学期的课", slug="term")
    CataloguePage.objects.get().add_child(instance=page)
    for number, lecture in enumerate(some):
        CourseItem.objects.create(page=page, lecture=lecture, sort_order=number, **facts)
    return page


# Session and member cost one each.
MOST = {"home": 12, "list": 6, "topic": 6, "watch": 8}


@pytest.mark.parametrize("name", MOST)
def test_a_page_costs_few_queries_and_no_more_for_many_lectures(
    name: str, page: Client, member: Member, topic: Topic
) -> None:
    few = lectures(topic, 2)
    viewings.watch(member, few[0], [(0, 20_000)], now=timezone.now())
    cost = queries(page, pages_of(few[0])[name])
    for one in lectures(topic, 22)[:5]:
        viewings.watch(member, one, [(0, 20_000)], now=timezone.now())
    assert queries(page, pages_of(few[0])[name]) == cost
    assert cost <= MOST[name]


def test_a_watch_page_with_everything_on_it_still_costs_nine(page: Client, member: Member, topic: Topic) -> None:
    one, other = lectures(topic, 2)
    viewings.watch(member, one, [(0, 60_000)], now=timezone.now())
    sharing.link_for(member, one, timezone.now())
    place = member.memberships.get().organisation
    cast.secretary(place, member)
    course = course_of([one, other])
    feature(one)
    assert queries(page, one.get_absolute_url()) <= 9
    text = page.get(one.get_absolute_url()).content.decode()
    assert f"下一课：{other.title}" in text or other.title in text
    assert f'<a href="{course.url}">一学期的课</a>' in text


def test_home_begins_where_the_member_left_off_and_says_how_much_is_left(
    page: Client, member: Member, topic: Topic
) -> None:
    one, _other = lectures(topic, 2)
    viewings.watch(member, one, [(0, 20_000)], now=timezone.now())
    text = page.get("/").content.decode()
    assert "从00:20接着看" in text
    assert "已看33%，再看34秒就看完" in text


def test_the_first_featured_lecture_carries_its_evidence(page: Client, member: Member, topic: Topic) -> None:
    one, _other = lectures(topic, 2)
    viewings.watch(member, one, [(0, 60_000)], now=timezone.now())
    feature(one)
    assert "有效观看1次，有效转发0次，看过的人来自1个支部" in page.get("/").content.decode()


def test_what_is_meant_for_another_branch_is_on_no_list(page: Client, topic: Topic) -> None:
    secret, other = lectures(topic, 2)
    Lecture.objects.filter(pk=secret.pk).update(visibility=Lecture.Visibility.ORGANISATION)
    for name, address in pages_of(other).items():
        assert secret.title not in page.get(address).content.decode(), name
    assert page.get(secret.get_absolute_url()).status_code == 404


def test_a_course_says_how_far_one_is_and_shows_what_one_may_see(page: Client, member: Member, topic: Topic) -> None:
    seen, begun, secret, gone = some = lectures(topic, 4)
    course = course_of(some)
    viewings.watch(member, seen, [(0, 60_000)], now=timezone.now())
    viewings.watch(member, begun, [(0, 20_000)], now=timezone.now())
    feature(seen)
    Lecture.objects.filter(pk=secret.pk).update(visibility=Lecture.Visibility.ORGANISATION)
    Lecture.objects.filter(pk=gone.pk).update(state=Lecture.State.WITHDRAWN)
    text = page.get(course.url).content.decode()
    assert secret.title not in text
    assert gone.title not in text
    assert "必学2讲，看完1讲" in text
    assert "从第2讲接着看" in text
    assert text.index(seen.title) < text.index("<span>精品</span>") < text.rindex(begun.title)


def test_a_course_costs_the_same_queries_for_two_lectures_and_for_twenty(page: Client, topic: Topic) -> None:
    some = lectures(topic, 20)
    course = course_of(some[:2])
    cost = queries(page, course.url)
    for number, lecture in enumerate(some[2:], start=2):
        CourseItem.objects.create(page=course, lecture=lecture, sort_order=number)
    assert queries(page, course.url) == cost
    assert cost <= 6


def test_a_course_for_some_only_is_guarded_by_wagtail(page: Client, client: Client, topic: Topic) -> None:
    course = course_of(lectures(topic, 1))
    assert "一学期的课" in page.get(course.url).content.decode()
    door = PageViewRestriction.objects.create(page=course.get_parent(), restriction_type="password", password="x")
    guarded = page.get(course.url).content.decode()
    assert 'type="password"' in guarded
    assert "从第1讲" not in guarded
    door.delete()
    course.unpublish()
    assert page.get(course.url).status_code == 404


def test_other_pages_of_editors_below_the_courses_are_found(page: Client) -> None:
    other = CataloguePage.objects.get().add_child(instance=CataloguePage(title="往年的课", slug="past"))
    assert "往年的课" in page.get(other.url).content.decode()
    assert page.get("/courses/nothing/").status_code == 404


def test_a_long_list_is_walked_to_its_end_and_back_without_skipping_a_row(member: Member, topic: Topic) -> None:
    some = lectures(topic, 13)  # all of one moment: told apart by their keys
    Lecture.objects.filter(pk__in=[one.pk for one in some[:4]]).update(published_at=timezone.now())
    expected = list(Lecture.objects.order_by("-published_at", "-pk").values_list("pk", flat=True))

    def page(address: str) -> Page:
        return page_of(cards.Newest(member, timezone.now()), RequestFactory().get(address), size=3, counted=4)

    there, back, address = [], [], "/lectures/"
    while address:
        shown = page(address)
        there.append([one.pk for one in shown])
        last, address = address, shown.next
    assert [pk for some_of_them in there for pk in some_of_them] == expected
    assert "after=" in last
    while last:
        shown = page(last)
        back.append([one.pk for one in shown])
        last = "" if shown.number == 1 else shown.previous
    assert back == there[::-1]


@pytest.mark.parametrize("place", ["after=", "after=x", "before=1-", "after=1-1", f"after={'9' * 17}-{'9' * 18}"])
def test_a_place_that_is_none_leads_to_a_page_of_the_list(member: Member, topic: Topic, place: str) -> None:
    some = lectures(topic, 9)
    request = RequestFactory().get(f"/lectures/?page=3&{place}")
    shown = page_of(cards.Newest(member, timezone.now()), request, size=3, counted=4)
    assert shown.items
    assert {one.pk for one in shown} <= {one.pk for one in some}
