"""Who finds and watches which lecture: visibility × who asks × when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from courses import access
from courses.models import Lecture
from members.models import Membership
from tests import cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
PEOPLE = ("anonymous", "nowhere", "same", "below", "above", "beside", "left", "not yet")
SEES = {
    "public": set(PEOPLE),
    "members": set(PEOPLE) - {"anonymous"},
    "organisation": {"same", "below"},
}


@pytest.fixture
def place() -> Any:
    committee = cast.organisation("党委", "committee")
    group = cast.organisation("联组", "group", committee)
    return {
        "committee": committee,
        "group": group,
        "branch": cast.organisation("一支部", parent=group),
        "beside": cast.organisation("旁边的联组", "group", committee),
    }


def person(who: str, place: Any) -> Any:
    if who == "anonymous":
        return AnonymousUser()
    if who in {"left", "not yet"}:
        someone = cast.member()
        dates = {"left": (date(2020, 1, 1), date(2026, 11, 20)), "not yet": (date(2026, 11, 21), None)}[who]
        Membership.objects.create(member=someone, organisation=place["group"], starts_on=dates[0], ends_on=dates[1])
        return someone
    home = {"same": "group", "below": "branch", "above": "committee", "beside": "beside"}.get(who)
    return cast.member(organisation=place[home] if home else None)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("visibility", SEES)
def test_who_sees_what(visibility: str, who: str, place: Any) -> None:
    lecture = cast.lecture(visibility=visibility, organisation=place["group"], topic=cast.topic())
    viewer = person(who, place)

    found = Lecture.objects.visible_to(viewer, NOW).filter(pk=lecture.pk).exists()

    assert found == (who in SEES[visibility])
    if found:
        assert access.lecture_for(viewer, lecture.public_id, NOW) == lecture
    else:
        with pytest.raises(Http404):
            access.lecture_for(viewer, lecture.public_id, NOW)
        with pytest.raises(Http404):
            access.playable_for(viewer, lecture.public_id, NOW)


@pytest.mark.parametrize(
    ("publish", "unpublish", "out"),
    [(None, None, True), (0, None, True), (1, None, False), (-1, 1, True), (None, 0, False), (None, -1, False)],
)
def test_a_lecture_is_out_from_its_hour_until_its_end(publish: int | None, unpublish: int | None, out: bool) -> None:
    at = {
        "publish_at": None if publish is None else NOW + timedelta(hours=publish),
        "unpublish_at": None if unpublish is None else NOW + timedelta(hours=unpublish),
    }
    lecture = cast.lecture(visibility="public", topic=cast.topic(), **at)
    assert Lecture.objects.visible_to(AnonymousUser(), NOW).filter(pk=lecture.pk).exists() == out
    assert Lecture.objects.published(NOW).filter(pk=lecture.pk).exists() == out


@pytest.mark.parametrize("state", ["draft", "submitted", "approved", "withdrawn"])
def test_what_is_not_out_is_for_its_author_and_the_editors(state: str) -> None:
    lecture = cast.lecture(state=state, visibility="public", topic=cast.topic())
    author, editor, stranger = lecture.author, cast.editor(), cast.member()

    assert access.own_lecture(author, lecture.public_id) == lecture
    assert access.playable_for(author, lecture.public_id, NOW) == lecture
    for viewer in (stranger, AnonymousUser()):
        for look in (access.lecture_for, access.playable_for, access.own_lecture, access.lecture_to_review):
            with pytest.raises(Http404):
                look(viewer, lecture.public_id)
    if state == "draft":
        with pytest.raises(Http404):
            access.lecture_to_review(editor, lecture.public_id)
    else:
        assert access.lecture_to_review(editor, lecture.public_id) == lecture
        assert access.playable_for(editor, lecture.public_id) == lecture


def test_a_returned_draft_stays_on_the_editors_desk() -> None:
    lecture = cast.lecture(state="draft", submitted_at=NOW)
    assert access.lecture_to_review(cast.editor(), lecture.public_id) == lecture
