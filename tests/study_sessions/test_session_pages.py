"""The pages of study sessions: who gets in, what they show, what they cost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.models import Lecture
from study_sessions.models import StudySession
from tests import cast
from tests.study_sessions.conftest import HOUR, Branch, people


def a_session(branch: Branch, *, starts: timedelta = HOUR, lasts: timedelta = HOUR, **facts: Any) -> StudySession:
    """A session as a row, so that it can have begun or be over."""
    now = timezone.now()
    return StudySession.objects.create(
        **{
            "organisation": branch.place,
            "lecture": branch.lecture,
            "title": "周一学习会",
            "starts_at": now + starts,
            "ends_at": now + starts + lasts,
            "created_by": branch.secretary,
            "created_at": now,
            **facts,
        }
    )


def html(client: Client, member: Any, address: str) -> str:
    response = cast.signed_in(client, member).get(address)
    assert response.status_code == 200
    return response.content.decode()


def typed(branch: Branch, **facts: Any) -> dict[str, Any]:
    start = timezone.localtime() + timedelta(days=1)
    return {
        "organisation": branch.place.pk,
        "lecture": branch.lecture.public_id,
        "title": "",
        "note": "",
        "starts_at": start.strftime("%Y-%m-%dT%H:%M"),
        "ends_at": (start + HOUR).strftime("%Y-%m-%dT%H:%M"),
        **facts,
    }


WHO = ["anonymous", "stranger", "member", "secretary beside", "editor", "secretary", "executive secretary",
       "secretary above"]  # fmt: skip
LEADS = {"secretary", "executive secretary", "secretary above"}
KNOWS = LEADS | {"member", "editor"}  # the editor belongs to the branch too


@pytest.mark.parametrize("who", WHO)
def test_who_may_open_which_page(client: Client, branch: Branch, who: str) -> None:
    session = a_session(branch)
    if who != "anonymous":
        face = cast.member(organisation=cast.organisation()) if who == "stranger" else people(branch)[who]
        cast.signed_in(client, face)
    any_lead = who in LEADS | {"secretary beside"}
    own = f"/sessions/{session.public_id}/"
    expected = {
        ("get", "/sessions/"): 200,
        ("get", "/sessions/new/"): 200 if any_lead else 404,
        ("post", "/sessions/new/"): 400 if any_lead else 404,
        ("get", own): 200 if who in KNOWS else 404,
        ("get", f"{own}edit/"): 200 if who in LEADS else 404,
        ("post", f"{own}edit/"): 400 if who in LEADS else 404,
        ("post", f"{own}cancel/"): 302 if who in LEADS else 404,
    }
    for (method, address), status in expected.items():
        response = getattr(client, method)(address)
        assert response.status_code == (302 if who == "anonymous" else status), (method, address)
        if who == "anonymous":
            assert response["Location"].startswith("/sign-in/")
    session.refresh_from_db()
    assert session.state == "planned"


@pytest.mark.parametrize(
    ("method", "address"),
    [("post", ""), ("post", "{id}/"), ("get", "{id}/cancel/"), ("delete", "{id}/"), ("put", "{id}/edit/")],
)
def test_other_methods_are_not_answered(client: Client, branch: Branch, method: str, address: str) -> None:
    session = a_session(branch)
    cast.signed_in(client, branch.secretary)
    response = getattr(client, method)("/sessions/" + address.format(id=session.public_id))
    assert response.status_code == 405


def test_the_list_holds_only_what_one_is_invited_to(client: Client, branch: Branch) -> None:
    mine = a_session(branch, title="我们的")
    theirs = a_session(branch, title="别人的", organisation=branch.other)
    above = a_session(branch, title="全公司的", organisation=branch.committee)
    shown = html(client, branch.member, "/sessions/")
    assert (mine.title in shown, above.title in shown, theirs.title in shown) == (True, True, False)
    assert "/sessions/new/" not in shown
    assert "/sessions/new/" in html(client, branch.secretary, "/sessions/")


def test_coming_and_past_are_two_lists(client: Client, branch: Branch) -> None:
    a_session(branch, title="要开的会")
    a_session(branch, title="正开的会", starts=-HOUR / 2)
    a_session(branch, title="开过的会", starts=-3 * HOUR)
    a_session(branch, title="没开成的会", state="cancelled", cancelled_why="停电")
    coming, past = (html(client, branch.member, address) for address in ("/sessions/", "/sessions/?past=1"))
    assert [title in coming for title in ("要开的会", "正开的会", "开过的会", "没开成的会")] == [
        True,
        True,
        False,
        True,
    ]
    assert [title in past for title in ("要开的会", "正开的会", "开过的会", "没开成的会")] == [
        False,
        False,
        True,
        False,
    ]
    assert "停电" in coming


@pytest.mark.parametrize("address", ["/sessions/", "/sessions/?past=1"])
def test_an_empty_list_says_so(client: Client, branch: Branch, address: str) -> None:
    assert 'class="empty"' in html(client, branch.member, address)
    assert 'class="empty"' in html(client, branch.secretary, address)


def test_the_list_has_pages(client: Client, branch: Branch) -> None:
    for number in range(15):
        a_session(branch, title=f"第{number}次", starts=HOUR * (number + 1))
    assert html(client, branch.member, "/sessions/").count("<article") == 0
    assert html(client, branch.member, "/sessions/").count("第") >= 12
    second = html(client, branch.member, "/sessions/?page=2")
    assert ("第14次" in second, "第0次" in second) == (True, False)


def test_the_list_costs_the_same_for_two_and_for_twelve(client: Client, branch: Branch) -> None:
    costs = []
    for more in (2, 10):
        for _ in range(more):
            a_session(branch, lecture=cast.lecture(), organisation=branch.place)
        html(client, branch.member, "/sessions/")
        with CaptureQueriesContext(connection) as counted:
            client.get("/sessions/")
        costs.append(len(counted))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("facts", "marks"),
    [
        ({"starts": HOUR * 2}, {"figure": True, "btn-main": False}),
        ({"starts": timedelta(minutes=9)}, {"figure": False, "btn-main": True}),
        ({"starts": -HOUR / 2}, {"figure": False, "btn-main": True}),
        ({"starts": -HOUR * 2}, {"figure": False, "btn-main": False}),
        ({"state": "cancelled", "cancelled_why": "停电"}, {"figure": False, "btn-main": False, "停电": True}),
    ],
)
def test_the_room_shows_where_the_session_stands(
    client: Client, branch: Branch, facts: dict[str, Any], marks: dict[str, bool]
) -> None:
    session = a_session(branch, **facts)
    shown = html(client, branch.member, session.get_absolute_url()).split("<main")[1].split("</main")[0]
    assert {mark: mark in shown for mark in marks} == marks
    assert branch.lecture.get_absolute_url() in shown


def test_a_lecture_that_is_gone_is_said_and_not_linked(client: Client, branch: Branch) -> None:
    session = a_session(branch, starts=timedelta(minutes=1))
    Lecture.objects.filter(pk=branch.lecture.pk).update(state="withdrawn")
    shown = html(client, branch.member, session.get_absolute_url())
    assert branch.lecture.get_absolute_url() not in shown
    assert "notice-look" in shown


def test_only_who_leads_sees_the_ways_to_change_it(client: Client, branch: Branch) -> None:
    session = a_session(branch)
    own = session.get_absolute_url()
    assert f"{own}edit/" in html(client, branch.secretary, own)
    assert f"{own}edit/" not in html(client, branch.member, own)
    over = a_session(branch, starts=-2 * HOUR).get_absolute_url()
    assert f"{over}edit/" not in html(client, branch.secretary, over)


def test_planning_by_the_form(client: Client, branch: Branch) -> None:
    cast.signed_in(client, branch.secretary)
    response = client.post("/sessions/new/", typed(branch, note="带上记录本"))
    session = StudySession.objects.get()
    assert response["Location"] == session.get_absolute_url()
    assert (session.title, session.note, session.organisation) == (branch.lecture.title, "带上记录本", branch.place)
    assert session.starts_at > timezone.now()


def test_hours_are_read_in_shanghai(client: Client, branch: Branch) -> None:
    year = timezone.localdate().year + 1
    cast.signed_in(client, branch.secretary).post(
        "/sessions/new/", typed(branch, starts_at=f"{year}-03-01T15:00", ends_at=f"{year}-03-01T16:00")
    )
    assert StudySession.objects.get().starts_at == datetime.fromisoformat(f"{year}-03-01T07:00:00+00:00")


@pytest.mark.parametrize(
    "facts",
    [
        {"starts_at": "2020-01-01T10:00"},
        {"starts_at": "tomorrow"},
        {"ends_at": ""},
        {"lecture": "nonesuch"},
        {"organisation": "0"},
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    client: Client, branch: Branch, facts: dict[str, str]
) -> None:
    response = cast.signed_in(client, branch.secretary).post(
        "/sessions/new/", typed(branch, note="带上记录本", **facts)
    )
    shown = response.content.decode()
    assert response.status_code == 400
    assert 'aria-invalid="true"' in shown
    assert "带上记录本" in shown
    assert StudySession.objects.count() == 0


def test_another_branch_cannot_be_invited(client: Client, branch: Branch) -> None:
    response = cast.signed_in(client, branch.secretary).post(
        "/sessions/new/", typed(branch, organisation=branch.other.pk)
    )
    assert response.status_code == 400
    assert StudySession.objects.count() == 0


def test_the_lecture_one_comes_from_is_chosen_already(client: Client, branch: Branch) -> None:
    old = cast.lecture(title="很久以前", published_at=cast.BEGINNING - timedelta(days=900))
    for _ in range(51):
        cast.lecture(branch.member, topic=branch.lecture.topic)
    shown = html(client, branch.secretary, f"/sessions/new/?lecture={old.public_id}")
    assert f'<option value="{old.public_id}" selected>很久以前' in shown
    assert shown.count("<option") <= 55


def test_a_hidden_lecture_is_no_choice(client: Client, branch: Branch) -> None:
    hidden = cast.lecture(title="还没批准", state="submitted")
    assert "还没批准" not in html(client, branch.secretary, f"/sessions/new/?lecture={hidden.public_id}")


def test_changing_by_the_form(client: Client, branch: Branch) -> None:
    session = a_session(branch)
    shown = html(client, branch.secretary, f"{session.get_absolute_url()}edit/")
    assert timezone.localtime(session.starts_at).strftime("%Y-%m-%dT%H:%M") in shown
    client.post(f"{session.get_absolute_url()}edit/", typed(branch, title="换了名字"))
    session.refresh_from_db()
    assert session.title == "换了名字"
    assert session.events.get().verb == "edited"


def test_cancelling_by_the_form(client: Client, branch: Branch) -> None:
    session = a_session(branch)
    cast.signed_in(client, branch.secretary).post(f"{session.get_absolute_url()}cancel/", {"reason": "停电"})
    session.refresh_from_db()
    assert (session.state, session.cancelled_why) == ("cancelled", "停电")


def test_forms_want_their_token(branch: Branch) -> None:
    session = a_session(branch)
    client = cast.signed_in(Client(enforce_csrf_checks=True), branch.secretary)
    for address in ("/sessions/new/", f"{session.get_absolute_url()}edit/", f"{session.get_absolute_url()}cancel/"):
        assert client.post(address, {"reason": "x"}).status_code == 403


@pytest.mark.parametrize("address", ["/sessions/new/", "/sessions/{id}/", "/sessions/{id}/edit/"])
def test_each_page_costs_a_bounded_number_of_queries(client: Client, branch: Branch, address: str) -> None:
    session = a_session(branch)
    costs = []
    for more in (2, 12):
        for _ in range(more):
            cast.lecture(cast.member(organisation=branch.place))
        html(client, branch.secretary, address.format(id=session.public_id))
        with CaptureQueriesContext(connection) as counted:
            client.get(address.format(id=session.public_id))
        costs.append(len(counted))
    assert costs[0] == costs[1]
