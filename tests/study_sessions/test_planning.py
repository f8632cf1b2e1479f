"""What makes a study session, who may make one, and what is left of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from audit.models import AuditEvent
from courses.models import Lecture
from members.models import Membership
from study_sessions import access, phases, planning
from study_sessions.models import StudySession, StudySessionEvent
from study_sessions.phases import Phase
from tests import cast
from tests.study_sessions.conftest import HOUR, NOW, START, Branch, people
from ui.sentences import Refused


def refusal(call: Any, *args: Any, **facts: Any) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refused:
        call(*args, **facts)
    return refused.value.code, refused.value.field


def test_a_planned_session_is_named_after_its_lecture_and_remembered(branch: Branch) -> None:
    session = branch.plan(note=" 带上记录本 ")
    assert (session.title, session.note, session.state) == ("看不见的那一面", "带上记录本", "planned")
    event = StudySessionEvent.objects.get()
    assert (event.verb, event.by, event.at) == ("planned", branch.secretary, NOW)
    assert event.changes["lecture"] == branch.lecture.public_id
    audited = AuditEvent.objects.get(verb="session.planned")
    assert audited.actor_id == branch.secretary.pk


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"starts_at": NOW}, ("session_in_the_past", "starts_at")),
        ({"ends_at": START}, ("session_ends_too_early", "ends_at")),
        ({"ends_at": START + 6 * HOUR + timedelta(minutes=1)}, ("session_too_long", "ends_at")),
        ({"title": "长" * 81}, ("session_title_length", "title")),
        ({"note": "长" * 501}, ("session_note_length", "note")),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(branch: Branch, facts: dict[str, Any], expected: Any) -> None:
    assert refusal(branch.plan, **facts) == expected
    assert StudySession.objects.count() == 0


def test_six_hours_and_the_longest_texts_are_taken(branch: Branch) -> None:
    session = branch.plan(ends_at=START + 6 * HOUR, title="长" * 80, note="长" * 500)
    assert len(session.title) == 80


def test_the_same_again_is_taken_for_a_second_click(branch: Branch) -> None:
    first = branch.plan()
    assert refusal(branch.plan) == ("session_twice", "starts_at")
    planning.cancel(first, by=branch.secretary, reason="停电", now=NOW)
    branch.plan()


@pytest.mark.parametrize(
    ("facts", "fits"),
    [
        ({"visibility": "public"}, True),
        ({"visibility": "members"}, True),
        ({"visibility": "organisation", "organisation": "place"}, True),
        ({"visibility": "organisation", "organisation": "committee"}, True),
        ({"visibility": "organisation", "organisation": "other"}, False),
        ({"state": "withdrawn"}, False),
        ({"state": "approved"}, False),
        ({"publish_at": START}, True),
        ({"publish_at": START + timedelta(seconds=1)}, False),
        ({"unpublish_at": START + HOUR}, True),
        ({"unpublish_at": START + HOUR - timedelta(seconds=1)}, False),
    ],
)
def test_all_invited_can_watch_the_lecture_from_start_to_end(branch: Branch, facts: dict[str, Any], fits: bool) -> None:
    if "organisation" in facts:
        facts = facts | {"organisation": getattr(branch, facts["organisation"])}
    lecture = cast.lecture(**facts)
    if fits:
        assert branch.plan(lecture=lecture).lecture == lecture
    else:
        assert refusal(branch.plan, lecture=lecture) == ("session_lecture_not_theirs", "lecture")


def test_a_lecture_for_one_branch_does_not_fit_a_session_of_all(branch: Branch) -> None:
    lecture = cast.lecture(visibility="organisation", organisation=branch.place)
    secretary = cast.secretary(branch.committee)
    code, _ = refusal(branch.plan, by=secretary, organisation=branch.committee, lecture=lecture)
    assert code == "session_lecture_not_theirs"


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("secretary", True),
        ("executive secretary", True),
        ("secretary above", True),
        ("secretary beside", False),
        ("member", False),
        ("editor", False),
        ("operator", False),
    ],
)
def test_who_leads_may_plan_change_and_cancel(branch: Branch, who: str, may: bool) -> None:
    by = people(branch)[who]
    if may:
        session = branch.plan(by=by)
        branch.edit(session, by=by, note="换个房间")
        planning.cancel(session, by=by, reason="停电", now=NOW)
        assert [event.verb for event in session.events.order_by("pk")] == ["planned", "edited", "cancelled"]
        return
    session = branch.plan()
    assert refusal(branch.plan, by=by)[0] == "session_not_yours"
    assert refusal(branch.edit, session, by=by, note="x")[0] == "session_not_yours"
    assert refusal(planning.cancel, session, by=by, reason="x", now=NOW)[0] == "session_not_yours"
    session.refresh_from_db()
    assert (session.state, session.note) == ("planned", "")


def test_an_edit_keeps_what_it_was_before(branch: Branch) -> None:
    session = branch.plan()
    branch.edit(session, starts_at=START + HOUR, ends_at=START + 2 * HOUR, title="改了名")
    event = session.events.get(verb="edited")
    assert event.changes["title"] == ["看不见的那一面", "改了名"]
    assert event.changes["starts_at"] == [START.isoformat(), (START + HOUR).isoformat()]
    assert "note" not in event.changes


def test_an_edit_that_changes_nothing_leaves_no_trace(branch: Branch) -> None:
    session = branch.plan()
    branch.edit(session)
    assert session.events.count() == 1


def test_two_who_edit_at_once_do_not_overwrite_each_other(branch: Branch) -> None:
    session = branch.plan()
    seen_before = StudySession.objects.get(pk=session.pk)
    branch.edit(session, note="一")
    assert refusal(branch.edit, seen_before, title="二") == ("session_changed_meanwhile", None)
    session.refresh_from_db()
    assert (session.note, session.title) == ("一", "看不见的那一面")


def test_two_who_cancel_at_once_are_told(branch: Branch) -> None:
    session = branch.plan()
    seen_before = StudySession.objects.get(pk=session.pk)
    planning.cancel(session, by=branch.secretary, reason="停电", now=NOW)
    assert refusal(planning.cancel, seen_before, by=branch.secretary, reason="x", now=NOW)[0] == (
        "session_changed_meanwhile"
    )
    assert session.cancelled_why == "停电"


def test_a_session_that_runs_may_grow_but_not_move_into_the_past(branch: Branch) -> None:
    session = branch.plan()
    running = START + timedelta(minutes=30)
    branch.edit(session, now=running, ends_at=START + 2 * HOUR)
    assert session.ends_at == START + 2 * HOUR
    assert refusal(branch.edit, session, now=running, ends_at=running) == ("session_in_the_past", "ends_at")
    assert refusal(branch.edit, session, now=running, starts_at=running) == ("session_in_the_past", "starts_at")


def test_what_is_over_or_cancelled_stays_as_it_was(branch: Branch) -> None:
    session = branch.plan()
    after = START + HOUR
    assert refusal(branch.edit, session, now=after, title="x")[0] == "session_over"
    assert refusal(planning.cancel, session, by=branch.secretary, reason="x", now=after)[0] == "session_over"
    planning.cancel(session, by=branch.secretary, reason="停电", now=NOW)
    assert refusal(branch.edit, session, title="x")[0] == "session_is_cancelled"


@pytest.mark.parametrize(("reason", "code"), [("  ", "session_reason_missing"), ("长" * 201, "session_reason_length")])
def test_a_session_is_not_cancelled_without_a_short_reason(branch: Branch, reason: str, code: str) -> None:
    session = branch.plan()
    assert refusal(planning.cancel, session, by=branch.secretary, reason=reason, now=NOW) == (code, "reason")


def test_an_impossible_move_is_an_error(branch: Branch) -> None:
    session = branch.plan()
    with pytest.raises(ValueError, match="cannot go"):
        StudySession.objects.advance(session, "planned")


def test_invited_are_the_members_of_the_day_and_of_all_below(branch: Branch) -> None:
    cast.member(organisation=branch.other)
    moved = cast.member()
    Membership.objects.create(member=moved, organisation=branch.place, starts_on=date(2026, 11, 24))
    assert set(planning.invited(branch.plan())) == {branch.secretary.pk, branch.member.pk}
    above = branch.plan(by=cast.secretary(branch.committee), organisation=branch.committee)
    assert len(planning.invited(above)) == 4


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "knows"),
    [
        (date(2026, 11, 23), None, True),
        (date(2026, 11, 24), None, False),
        (date(2020, 1, 1), date(2026, 11, 23), False),
        (date(2020, 1, 1), date(2026, 11, 24), True),
    ],
)
def test_who_belongs_there_on_the_day_knows_of_it(
    branch: Branch, starts_on: date, ends_on: date | None, knows: bool
) -> None:
    member = cast.member()
    Membership.objects.create(member=member, organisation=branch.place, starts_on=starts_on, ends_on=ends_on)
    session = branch.plan()
    assert access.visible_to(member, NOW).filter(pk=session.pk).exists() is knows
    assert (member.pk in planning.invited(session)) is knows


def test_the_day_is_the_day_in_shanghai(branch: Branch) -> None:
    early = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # 00:30 of the 23rd in Shanghai
    member = cast.member()
    Membership.objects.create(member=member, organisation=branch.place, starts_on=date(2026, 11, 23))
    session = branch.plan(starts_at=early, ends_at=early + HOUR)
    assert access.visible_to(member, NOW).get() == session
    assert member.pk in planning.invited(session)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(-11, Phase.WAITING), (-10, Phase.OPEN), (0, Phase.OPEN), (59, Phase.OPEN), (60, Phase.OVER)],
)
def test_it_opens_ten_minutes_before_and_closes_at_its_end(minutes: int, expected: Phase) -> None:
    session = StudySession(starts_at=START, ends_at=START + HOUR)
    assert phases.phase(session, START + timedelta(minutes=minutes)) == expected
    session.state = StudySession.State.CANCELLED
    assert phases.phase(session, START + timedelta(minutes=minutes)) == Phase.CANCELLED


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(seconds=1), "1 min"),
        (timedelta(minutes=59, seconds=1), "1 h 0 min"),
        (timedelta(hours=3, minutes=5), "3 h 5 min"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=2, hours=3, minutes=59), "2 days 3 h"),
    ],
)
def test_the_wait_is_said_in_words(left: timedelta, said: str) -> None:
    with translation.override("en"):
        assert phases.time_left(NOW + left, NOW) == said


def test_watchable_is_what_a_member_there_may_see_then(branch: Branch) -> None:
    for visibility in Lecture.Visibility.values:
        for place in (branch.place, branch.committee, branch.other):
            cast.lecture(visibility=visibility, organisation=place)
    watchable = planning.watchable_by(branch.place, START, START + HOUR)
    assert set(watchable) == set(Lecture.objects.visible_to(branch.member, START))
