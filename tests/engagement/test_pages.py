"""My points, featured lectures, shared links: what they show, and who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.models import Lecture
from engagement import featured, ledger, rules, sharing, viewings
from engagement.models import FeaturedMark, ShareVisit
from members.models import Member
from tests import cast
from tests.engagement.watching import event, finish, share_and_finish

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
POINTS, FEATURED = "/points/", "/featured/"


@pytest.fixture
def member() -> Member:
    return cast.member("沈月明", cast.organisation("装配二车间党支部"))


@pytest.fixture
def page(client: Client, member: Member) -> Client:
    return cast.signed_in(client, member)


def read(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def test_points_are_for_oneself_and_others_sign_in_first(client: Client, member: Member) -> None:
    other = cast.lecture(cast.member(), title="别人的课")
    finish(cast.member(), other, timezone.now() - DAY)

    response = client.get(POINTS)
    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=/points/"
    assert "别人的课" not in read(cast.signed_in(client, member), POINTS)
    assert client.post(POINTS).status_code == 405


def test_an_empty_account_says_how_to_earn(page: Client) -> None:
    said = read(page, POINTS)

    assert "这里还没有明细。" in said
    assert "能计的都计了。" in said
    assert '<span class="figure">0</span>' in said


def test_each_entry_says_its_cause(page: Client, member: Member) -> None:
    now = timezone.now()
    viewer = cast.member(organisation=cast.organisation("客服中心党支部"))
    finish(viewer, cast.lecture(member, title="两米外的喇叭"), now - timedelta(hours=2))
    share_and_finish(member, viewer, cast.lecture(title="停机十二分钟"), now - timedelta(hours=1))
    dub = cast.lecture(member, title="粤语版", kind="dub", derived_from=cast.lecture(cast.member("黎晚舟")))
    finish(cast.member(), dub, now - timedelta(hours=3))

    said = read(page, POINTS)

    assert "《两米外的喇叭》有人看完" in said
    assert "观看分。客服中心党支部的一位同事" in said
    assert "你转发的《停机十二分钟》有人看完" in said
    assert "转发分。对方" in said
    assert "原作者是黎晚舟，原课的积分不受影响" in said
    assert '<span class="figure">3</span>' in said
    assert viewer.name not in said


def test_one_kind_can_be_shown_alone(page: Client, member: Member) -> None:
    now = timezone.now() - DAY
    finish(cast.member(), cast.lecture(member, title="两米外的喇叭"), now)
    share_and_finish(member, cast.member(), cast.lecture(title="停机十二分钟"), now)

    assert "停机十二分钟" not in read(page, f"{POINTS}?kind=view")
    assert "两米外的喇叭" not in read(page, f"{POINTS}?kind=share")
    assert "这里还没有明细。" in read(page, f"{POINTS}?kind=correction")
    assert "停机十二分钟" in read(page, f"{POINTS}?kind=nonsense&page=nonsense")


def test_corrections_stand_beside_what_they_correct(page: Client, member: Member) -> None:
    now = timezone.now() - DAY
    rules.change(None, now, view_cap_a_day=1)
    viewer = cast.member()
    first = event(member, viewer, cast.lecture(member, title="两道线"), now)
    second = event(member, viewer, cast.lecture(member, title="两米外的喇叭"), now)
    ledger.award([second], now=now)
    ledger.award([first], now=now)
    ledger.replay(now=now)

    said = read(page, POINTS)

    assert "更正：《两米外的喇叭》的一次观看" in said
    assert "−1<span" in said
    assert "更正。对方那天看完的课已经计满了。不用做什么。原记录" in said
    assert '<span class="figure">1</span>' in said


def test_what_did_not_count_says_why(page: Client, member: Member) -> None:
    now = timezone.now()
    lecture, own = cast.lecture(title="雨夜抢修记"), cast.lecture(member, title="自己的课")
    viewer = cast.member()
    sharing.visit(sharing.link_for(member, lecture, now).code, viewer, now - 9 * DAY)
    viewings.watch(viewer, lecture, [(0, 42_900)], now - 8 * DAY)
    finish(member, own, now - 7 * DAY)

    said = read(page, POINTS)

    assert "转发《雨夜抢修记》" in said
    assert "对方看了71%，看到90%才算看完。还有5天。" in said
    assert "作者本人不计。" in said
    assert said.count("没计") >= 2


def test_points_are_complete_in_english(page: Client, member: Member) -> None:
    member.language = "en"
    member.save()
    finish(cast.member(), cast.lecture(member, title="Two lines"), timezone.now() - DAY)

    said = read(page, POINTS)

    assert "Someone finished “Two lines”" in said
    assert "View point. A colleague," in said


def test_points_cost_the_same_with_thirty_and_with_sixty(page: Client, member: Member) -> None:
    counts = []
    now = timezone.now()
    for count in (2, 28, 30):
        for number in range(count):
            at = now - DAY - timedelta(minutes=number)
            viewer = cast.member(organisation=cast.organisation())
            one = event(member, viewer, cast.lecture(member), at)
            ledger.award([one], now=now)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            read(page, POINTS)
        counts.append(len(captured))

    assert counts[0] <= counts[1] == counts[2] <= 8
    assert "page=2" in read(page, POINTS)


@pytest.fixture
def marked() -> Lecture:
    """A confirmed lecture of this quarter, one that was declined, and one that lacks breadth."""
    now = timezone.now()
    rules.change(
        None, now - 90 * DAY, score_least=3, viewers_least=2, organisations_least=2, captions_on=False, cooling_on=False
    )
    topic, editor = cast.topic("岗位故事"), cast.editor(person=cast.member("许知言"))
    places = [cast.organisation() for _ in range(3)]

    def popular(title: str, *where: object, **facts: object) -> Lecture:
        lecture = cast.lecture(
            cast.member("刘守正", cast.organisation("检修班党支部")), topic=topic, title=title, **facts
        )
        some = [
            event(
                lecture.author,
                cast.member(organisation=place),
                lecture,
                now - timedelta(minutes=1),
                viewer_organisation=place,
            )
            for place in where
        ]
        ledger.award(some, now=now)
        return lecture

    won = popular("一颗螺栓的责任", *places)
    declined = popular("师傅的笔记本", *places)
    popular("最后一百米", places[0], places[0], places[0], places[1])
    hidden = popular("只给一个支部", *places, visibility="organisation")
    featured.run(now)
    featured.confirm(FeaturedMark.objects.get(lecture=won), editor, now=now)
    featured.confirm(FeaturedMark.objects.get(lecture=hidden), editor, now=now)
    featured.decline(FeaturedMark.objects.get(lecture=declined), editor, "片中有同事没有同意出镜。", now=now)
    return won


def test_featured_lectures_carry_their_evidence_and_near_misses_their_reason(page: Client, marked: Lecture) -> None:
    said = read(page, FEATURED)

    assert "一颗螺栓的责任" in said
    assert "由编辑许知言确认。" in said
    assert "最多的一个支部占34%。" in said
    assert "够了分，没有标" in said
    assert "片中有同事没有同意出镜。" in said
    assert "一个支部占了75%，超过60%。" in said
    assert "只给一个支部" not in said


def test_anyone_may_read_the_rule_and_who_was_marked_as_far_as_they_may_see_it(client: Client, marked: Lecture) -> None:
    said = read(client, FEATURED)
    assert "得分 = 有效观看 + 2 × 有效转发" in said
    assert "一颗螺栓的责任" not in said  # for members
    assert "够了分，没有标" not in said

    Lecture.objects.filter(pk=marked.pk).update(visibility="public")
    assert "一颗螺栓的责任" in read(client, FEATURED)
    assert client.post(FEATURED).status_code == 405


def test_the_rule_prints_each_condition_as_on_or_off(page: Client) -> None:
    assert "作者校对过" in read(page, FEATURED)
    assert "72小时" in read(page, FEATURED)

    rules.change(None, timezone.now(), captions_on=False, cooling_on=False, viewers_least=2)
    said = read(page, FEATURED)

    assert said.count("这一版没有开") == 2
    assert "评选规则第2版" in said
    assert "不少于2<" in said


def test_a_quarter_without_marks_says_so_and_one_that_is_none_is_not_there(page: Client) -> None:
    assert "这个季度还没有精品党课。" in read(page, FEATURED)
    for wrong in ("2026-Q9", "x", "1999-Q1"):
        read(page, f"{FEATURED}?quarter={wrong}", 404)


def test_the_featured_page_costs_the_same_with_more_lectures(page: Client, marked: Lecture) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            read(page, FEATURED)
        return len(captured)

    before = cost()
    places = [cast.organisation() for _ in range(3)]
    for _ in range(10):
        lecture = cast.lecture(topic=cast.topic())
        ledger.award(
            [
                event(lecture.author, cast.member(organisation=one), lecture, timezone.now(), viewer_organisation=one)
                for one in places
            ],
            now=timezone.now(),
        )
    featured.run(timezone.now())
    for mark in FeaturedMark.objects.filter(state="candidate"):
        featured.confirm(mark, cast.editor(), now=timezone.now())

    assert cost() == before
    assert before <= 16


def link(lecture: Lecture, sharer: Member | None = None) -> str:
    return f"/s/{sharing.link_for(sharer or cast.member('高一川'), lecture, timezone.now()).code}"


def test_a_shared_link_leads_a_member_to_the_lecture_and_is_remembered(page: Client, member: Member) -> None:
    lecture = cast.lecture()

    response = page.get(link(lecture))

    assert (response.status_code, response["Location"]) == (302, lecture.get_absolute_url())
    touch = ShareVisit.objects.get()
    assert (touch.member, touch.lecture, touch.was_new) == (member, lecture, True)


def test_who_is_not_signed_in_sees_what_it_is_and_may_sign_in(client: Client) -> None:
    address = link(cast.lecture(title="停机十二分钟"))

    said = read(client, address)

    assert "停机十二分钟" in said
    assert "高一川转给你一节党课" in said
    assert f'href="/sign-in/?next={address}"' in said
    assert "不登录，先看看" not in said
    assert "/media/" not in said  # the address of a poster would admit to all of the lecture
    assert not ShareVisit.objects.exists()


def test_a_public_lecture_may_be_watched_without_signing_in(client: Client) -> None:
    assert "不登录，先看看" in read(client, link(cast.lecture(visibility="public")))


def test_what_is_for_one_organisation_does_not_even_show_its_title(client: Client) -> None:
    place = cast.organisation()
    lecture = cast.lecture(cast.member(organisation=place), title="只给一个支部", visibility="organisation")
    address = link(lecture)

    assert "只给一个支部" not in read(client, address)
    said = read(cast.signed_in(client, cast.member(organisation=cast.organisation())), address, 404)
    assert "这节课看不了。" in said
    assert "只给一个支部" not in said
    assert not ShareVisit.objects.exists()
    assert cast.signed_in(client, cast.member(organisation=place)).get(address).status_code == 302


@pytest.mark.parametrize("state", ["draft", "submitted", "approved", "withdrawn"])
def test_a_link_to_what_is_not_out_says_so(client: Client, state: str) -> None:
    address = link(cast.lecture(state=state, title="收回的课"))

    assert "收回的课" not in read(client, address, 404)
    assert "这节课看不了。" in read(cast.signed_in(client, cast.member()), address, 404)


def test_a_code_nobody_was_given_says_so(client: Client) -> None:
    assert "这节课看不了。" in read(client, "/s/1234567890", 404)
    assert client.get("/s/1234567890/qr.svg").status_code == 404


def test_the_qr_code_holds_the_link_as_the_reader_came(client: Client) -> None:
    address = link(cast.lecture())

    response = client.get(f"{address}/qr.svg", headers={"host": "127.0.0.1"})

    assert response["Content-Type"] == "image/svg+xml"
    assert response.content == sharing.qr_svg(f"http://127.0.0.1{address}")
    assert client.post(f"{address}/qr.svg").status_code == 405
    assert client.post(address).status_code == 405
