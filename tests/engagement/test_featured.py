"""The rule finds, an editor decides, the mark keeps its evidence."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from audit.models import AuditEvent
from courses.models import Lecture, Topic
from engagement import featured, ledger, marks, results, rules
from engagement.models import FeaturedDecision, FeaturedMark
from engagement.signals import mark_changed
from members.models import Member, Organisation
from tests import cast
from tests.engagement.watching import DAY, HOUR, NOW, event
from ui.sentences import Refused

pytestmark = pytest.mark.django_db
SMALL = {
    "score_least": 3,
    "viewers_least": 2,
    "organisations_least": 2,
    "captions_on": False,
    "cooling_on": False,
    "places": 2,
}


@pytest.fixture
def small_rules() -> None:
    rules.change(None, NOW - 100 * DAY, **SMALL)


@pytest.fixture
def branches() -> list[Organisation]:
    return [cast.organisation(), cast.organisation(), cast.organisation()]


def watched(lecture: Lecture, *places: Organisation, at: object = NOW) -> None:
    """One valid view of each of these organisations."""
    some = [
        event(lecture.author, cast.member(organisation=place), lecture, at, viewer_organisation=place)  # type: ignore[arg-type]
        for place in places
    ]
    ledger.award(some, now=NOW)


def popular(branches: list[Organisation], topic: Topic | None = None, views: int = 3, **facts: object) -> Lecture:
    lecture = cast.lecture(topic=topic or cast.topic(), **facts)
    watched(lecture, *[branches[n % len(branches)] for n in range(views)])
    return lecture


@pytest.mark.usefixtures("small_rules")
def test_what_meets_all_conditions_becomes_a_candidate_with_its_evidence(branches: list[Organisation]) -> None:
    lecture = popular(branches)

    assert featured.run(NOW) == 1

    mark = FeaturedMark.objects.get()
    assert (mark.lecture, mark.topic, mark.period, mark.state) == (lecture, lecture.topic, "2026-Q4", "candidate")
    assert mark.evidence["score"] == 3
    assert mark.evidence["organisations"] == {str(place.pk): 1 for place in branches}
    assert len(mark.events_hash) == 64
    assert [one["code"] for one in mark.evidence["conditions"] if not one["on"]] == ["captions", "cooling"]
    assert FeaturedDecision.objects.get().to_state == "candidate"


@pytest.mark.usefixtures("small_rules")
def test_running_again_finds_nothing_new_and_refreshes_the_evidence(branches: list[Organisation]) -> None:
    lecture = popular(branches)
    featured.run(NOW)
    first = FeaturedMark.objects.get()
    watched(lecture, branches[0])

    assert featured.run(NOW + DAY) == 0

    mark = FeaturedMark.objects.get()
    assert mark.evidence["score"] == 4
    assert mark.events_hash != first.events_hash
    assert mark.found_at == NOW


def test_with_the_published_rules_captions_stand_in_the_way(branches: list[Organisation]) -> None:
    rules.change(None, NOW - DAY, **(SMALL | {"captions_on": True}))
    popular(branches)

    assert featured.run(NOW) == 0


@pytest.mark.usefixtures("small_rules")
def test_views_that_did_not_count_are_no_score(branches: list[Organisation]) -> None:
    """One viewer over the daily cap, another reversed."""
    lecture = popular(branches, views=2)
    rules.change(None, NOW - HOUR, view_cap_a_day=0)
    watched(lecture, branches[2])

    assert featured.run(NOW) == 0


@pytest.mark.usefixtures("small_rules")
def test_each_quarter_counts_its_own(branches: list[Organisation]) -> None:
    lecture = cast.lecture()
    watched(lecture, *branches, at=NOW - 80 * DAY)

    featured.run(NOW)

    assert [mark.period for mark in FeaturedMark.objects.all()] == ["2026-Q3"]


@pytest.mark.usefixtures("small_rules")
def test_only_the_best_of_a_topic_are_found_and_places_of_confirmed_ones_are_taken(
    branches: list[Organisation],
) -> None:
    topic, editor = cast.topic(), cast.editor()
    third, first, second = (popular(branches, topic, views=count) for count in (3, 5, 4))
    elsewhere = popular(branches)

    featured.run(NOW)
    found = {mark.lecture: mark for mark in FeaturedMark.objects.all()}
    assert set(found) == {first, second, elsewhere}

    featured.confirm(found[second], by=editor, now=NOW)
    watched(third, *branches)
    featured.run(NOW + DAY)

    now_found = {mark.lecture: featured.can_be_confirmed(mark) for mark in FeaturedMark.objects.filter(topic=topic)}
    assert now_found == {second: False, third: True, first: False}  # the third overtook the first; one place was left
    with pytest.raises(Refused) as refused:
        featured.confirm(found[first], by=editor, now=NOW + DAY)
    assert refused.value.code == "mark_conditions_unmet"


def test_a_candidate_cools_before_it_can_be_confirmed(branches: list[Organisation]) -> None:
    rules.change(None, NOW - 100 * DAY, **(SMALL | {"cooling_on": True, "cooling_hours": 72}))
    editor, lecture = cast.editor(), popular(branches)
    featured.run(NOW)
    mark = FeaturedMark.objects.get()

    with pytest.raises(Refused) as refused:
        featured.confirm(mark, by=editor, now=NOW + 71 * HOUR)
    assert refused.value.code == "mark_conditions_unmet"

    featured.confirm(mark, by=editor, now=NOW + 72 * HOUR)
    assert marks.seals_of([lecture]) == {lecture.pk}


@pytest.mark.usefixtures("small_rules")
def test_confirming_marks_the_lecture_freezes_the_evidence_and_says_so(branches: list[Organisation]) -> None:
    editor, lecture, heard = cast.editor(), popular(branches), []

    def hear(lecture: Lecture, **_: object) -> None:
        heard.append(lecture)

    featured.run(NOW)
    mark = FeaturedMark.objects.get()
    mark_changed.connect(hear)
    try:
        featured.confirm(mark, editor, "", now=NOW)
    finally:
        mark_changed.disconnect(hear)
    watched(lecture, branches[0])
    featured.run(NOW + DAY)

    mark.refresh_from_db()
    assert (mark.state, mark.decided_by, mark.decided_at, mark.evidence["score"]) == ("confirmed", editor, NOW, 3)
    assert heard == [lecture]
    assert [one.to_state for one in mark.decisions.order_by("pk")] == ["candidate", "confirmed"]
    assert AuditEvent.objects.get(verb="featured_confirmed").details["period"] == "2026-Q4"


@pytest.mark.usefixtures("small_rules")
def test_declining_and_withdrawing_need_a_reason(branches: list[Organisation]) -> None:
    editor, lecture = cast.editor(), popular(branches)
    featured.run(NOW)
    mark = FeaturedMark.objects.get()

    with pytest.raises(Refused) as refused:
        featured.decline(mark, editor, "  ", now=NOW)
    assert refused.value.field == "reason"

    featured.confirm(mark, editor, now=NOW)
    featured.withdraw(mark, editor, "片中有同事没有同意出镜。", now=NOW + DAY)
    assert marks.seals_of([lecture]) == set()
    assert FeaturedDecision.objects.filter(mark=mark).count() == 3


@pytest.mark.usefixtures("small_rules")
def test_two_editors_cannot_both_decide(branches: list[Organisation]) -> None:
    popular(branches)
    featured.run(NOW)
    mine, yours = FeaturedMark.objects.get(), FeaturedMark.objects.get()

    featured.decline(mine, cast.editor(), "太短", now=NOW)

    with pytest.raises(Refused) as refused:
        featured.decline(yours, cast.editor(), "太长", now=NOW)
    assert (refused.value.code, refused.value.status) == ("mark_moved", 409)
    assert FeaturedMark.objects.get().reason == "太短"


@pytest.mark.usefixtures("small_rules")
def test_a_lecture_that_was_taken_back_cannot_be_confirmed(branches: list[Organisation]) -> None:
    lecture = popular(branches)
    featured.run(NOW)
    Lecture.objects.filter(pk=lecture.pk).update(state=Lecture.State.WITHDRAWN)

    with pytest.raises(Refused):
        featured.confirm(FeaturedMark.objects.get(), cast.editor(), now=NOW)


@pytest.mark.usefixtures("small_rules")
def test_decisions_are_never_changed(branches: list[Organisation]) -> None:
    popular(branches)
    featured.run(NOW)

    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
        FeaturedDecision.objects.update(reason="anders")


def test_the_command_runs_the_rule() -> None:
    out = StringIO()

    call_command("featured_run", stdout=out)

    assert out.getvalue() == "0 new candidates; 0 wait for an editor.\n"


@pytest.mark.usefixtures("small_rules")
def test_near_misses_say_why(branches: list[Organisation]) -> None:
    reader, editor, topic = cast.member(), cast.editor(), cast.topic()
    one_sided = cast.lecture(topic=topic)
    watched(one_sided, branches[0], branches[0], branches[0], branches[1])
    declined, waiting = popular(branches, topic), popular(branches, topic)
    few = popular(branches, topic, views=2)
    featured.run(NOW)
    featured.decline(FeaturedMark.objects.get(lecture=declined), editor, "片中有同事没有同意出镜。", now=NOW)

    near = {one.lecture: one for one in results.of_quarter("2026-Q4", reader, rules.current(NOW), NOW).near}

    assert set(near) == {one_sided, declined, waiting}
    assert few not in near
    assert "75%" in near[one_sided].why
    assert near[declined].why == "片中有同事没有同意出镜。"
    assert near[declined].mark is not None
    assert near[waiting].mark is None


@pytest.mark.usefixtures("small_rules")
def test_what_one_may_not_see_is_neither_winner_nor_near_miss(branches: list[Organisation]) -> None:
    inside: Member = cast.member(organisation=branches[0])
    facts = {"visibility": "organisation", "organisation": branches[0]}
    won, near = popular(branches, **facts), popular(branches, **facts)
    featured.run(NOW)
    featured.confirm(FeaturedMark.objects.get(lecture=won), cast.editor(), now=NOW)

    seen = results.of_quarter("2026-Q4", inside, rules.current(NOW), NOW)
    hidden = results.of_quarter("2026-Q4", cast.member(organisation=branches[1]), rules.current(NOW), NOW)

    assert [winner.lecture for topic in seen.topics for winner in topic.winners] == [won]
    assert [one.lecture for one in seen.near] == [near]
    assert (hidden.topics, hidden.near) == ([], [])


@pytest.mark.usefixtures("small_rules")
def test_the_page_opens_with_the_newest_quarter_that_has_marks(branches: list[Organisation]) -> None:
    assert results.quarters(NOW) == ["2026-Q4"]
    assert results.newest(["2026-Q4"], NOW) == "2026-Q4"
    watched(cast.lecture(), *branches, at=NOW - 80 * DAY)
    featured.run(NOW)
    featured.confirm(FeaturedMark.objects.get(), cast.editor(), now=NOW)

    assert results.quarters(NOW) == ["2026-Q4", "2026-Q3"]
    assert results.newest(results.quarters(NOW), NOW) == "2026-Q3"


@pytest.mark.usefixtures("small_rules")
def test_weighing_a_quarter_costs_the_same_for_two_and_twelve(
    branches: list[Organisation], django_assert_num_queries: object
) -> None:
    for count in (2, 10):
        for _ in range(count):
            popular(branches)
        featured.run(NOW)
        with django_assert_num_queries(7):  # type: ignore[operator]
            assert featured.weigh_quarter("2026-Q4", NOW)
