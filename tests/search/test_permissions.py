"""Search finds exactly what `visible_to` lets a member see, and with a stale index never more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.models import Lecture, Topic
from members.models import Member, Membership, Organisation
from search import outbox, queries
from search.asked import Asked
from search.engines.base import SearchEngine
from tests import cast
from tests.search.conftest import empty

NOW = timezone.now()
HOURS = st.sampled_from([None, -1, 0, 1])
FACTS = st.fixed_dictionaries(
    {
        "state": st.sampled_from([state for state in Lecture.State.values if state != "draft"]),
        "visibility": st.sampled_from(Lecture.Visibility.values),
        "place": st.sampled_from([None, 0, 1, 2, 3]),
        "publish_at": HOURS,
        "unpublish_at": HOURS,
    }
)
FACES = st.sampled_from(["anonymous", "nowhere", 0, 1, 2, 3])


@dataclass
class World:
    """A committee with a group, its branch, and another branch."""

    places: list[Organisation]
    topic: Topic
    author: Member

    def face(self, where: str | int) -> Any:
        if where == "anonymous":
            return AnonymousUser()
        return cast.member(organisation=self.places[where] if isinstance(where, int) else None)

    def facts(self, drawn: dict[str, Any]) -> dict[str, Any]:
        place = drawn["place"]
        out = drawn["state"] in {"published", "withdrawn"}
        return {
            "state": drawn["state"],
            "visibility": drawn["visibility"],
            "organisation": None if place is None else self.places[place],
            "published_at": NOW if out else None,
            **{
                name: None if drawn[name] is None else NOW + timedelta(hours=drawn[name])
                for name in ("publish_at", "unpublish_at")
            },
        }


def a_world() -> World:
    committee = cast.organisation(kind="committee")
    group = cast.organisation(kind="group", parent=committee)
    places = [committee, group, cast.organisation(parent=group), cast.organisation(parent=committee)]
    return World(places, cast.topic(), cast.member())


def found(face: Any, text: str = "交接班") -> set[int]:
    results = queries.search(face, Asked(text), now=NOW)
    assert results.total == len(results.hits)
    return {hit.lecture.pk for hit in results.hits}


def visible(face: Any) -> set[int]:
    return set(Lecture.objects.visible_to(face, NOW).values_list("pk", flat=True))


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lectures=st.lists(FACTS, min_size=1, max_size=4), where=FACES, moved=FACES, changes=st.lists(FACTS, max_size=4))
def test_search_is_what_one_may_see_and_never_more(
    any_index: SearchEngine, lectures: list[dict[str, Any]], where: Any, moved: Any, changes: list[dict[str, Any]]
) -> None:
    with transaction.atomic():
        empty(any_index)
        world = a_world()
        rows = [
            cast.lecture(world.author, title="交接班", topic=world.topic, **world.facts(drawn)) for drawn in lectures
        ]
        outbox.note_all(now=NOW)
        outbox.drain_all(NOW)
        face = world.face(where)
        assert found(face) == found(face, "班") == visible(face)

        # From here on the index knows nothing of what happens.
        for row, drawn in zip(rows, changes, strict=False):
            Lecture.objects.filter(pk=row.pk).update(**world.facts(drawn))
        if isinstance(face, Member):
            Membership.objects.filter(member=face).delete()
            if isinstance(moved, int):
                Membership.objects.create(member=face, organisation=world.places[moved], starts_on=cast.LONG_AGO)
            face = Member.objects.get(pk=face.pk)
        assert found(face) <= visible(face)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_hour_passes_without_a_new_index(any_index: SearchEngine) -> None:
    lecture = cast.lecture(title="交接班", publish_at=NOW + timedelta(hours=1), unpublish_at=NOW + timedelta(hours=2))
    outbox.note([lecture.pk])
    outbox.drain_all(timezone.now())
    seen = [
        [
            hit.lecture.pk
            for hit in queries.search(cast.member(), Asked("交接班"), now=NOW + timedelta(minutes=minutes)).hits
        ]
        for minutes in (59, 60, 119, 120)
    ]
    assert seen == [[], [lecture.pk], [lecture.pk], []]


@pytest.mark.django_db
def test_what_the_index_does_not_know_to_be_gone_is_dropped_and_not_counted(any_index: SearchEngine) -> None:
    lectures = [cast.lecture(title="交接班") for _ in range(3)]
    outbox.note([one.pk for one in lectures])
    outbox.drain_all(timezone.now())
    Lecture.objects.filter(pk=lectures[0].pk).update(state="withdrawn")
    results = queries.search(cast.member(), Asked("交接班"), now=timezone.now())
    assert {hit.lecture.pk for hit in results.hits} == {one.pk for one in lectures[1:]}
    assert results.total == 2
