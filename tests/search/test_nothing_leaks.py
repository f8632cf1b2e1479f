"""Whatever search says to somebody, it says of lectures they may see: hits, counts, facets, moments, suggestions and
what may be meant. Random lectures and people, in both engines."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.models import Lecture
from media_pipeline import text_tracks
from search import outbox, queries, suggestions
from search.asked import Asked
from search.engines.base import SearchEngine
from tests import cast
from tests.search.conftest import empty
from tests.search.test_permissions import FACES, FACTS, NOW, a_world

VTT = "WEBVTT\n\n00:00:02.000 --> 00:00:06.000\n手套箱盖上\n"
NARROWED: list[dict[str, frozenset[str]]] = [{}, {"place": frozenset({"speech"})}, {"year": frozenset({"2026"})}]


def counted(lectures: list[Lecture]) -> dict[str, Counter[str]]:
    """What the facets must say of these."""
    return {
        "speaker": Counter(one.speaker for one in lectures),
        "organisation": Counter(str(one.organisation_id) for one in lectures if one.organisation_id),
        "topic": Counter(one.topic.slug for one in lectures if one.topic),
    }


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lectures=st.lists(FACTS, min_size=1, max_size=4), where=FACES, chosen=st.sampled_from(NARROWED))
def test_everything_that_is_said_is_of_what_one_may_see(
    any_index: SearchEngine, lectures: list[dict[str, Any]], where: Any, chosen: dict[str, frozenset[str]]
) -> None:
    with transaction.atomic():
        empty(any_index)
        world = a_world()
        rows = [
            cast.lecture(cast.member(f"讲课人{at}"), title=f"交接班{at}", topic=world.topic, **world.facts(drawn))
            for at, drawn in enumerate(lectures)
        ]
        for row in rows:
            assert row.asset.cut is not None
            text_tracks.add(row.asset.cut, VTT.encode(), language="zh-Hans", by=world.author, now=NOW)
        outbox.note_all(now=NOW)
        outbox.drain_all(timezone.now())
        face = world.face(where)
        visible = {one.pk: one for one in Lecture.objects.visible_to(face, NOW).select_related("author", "topic")}
        for typed in ("交接班", "班", "手套箱"):
            found = queries.search(face, Asked(typed), now=NOW)
            assert {hit.lecture.pk for hit in found.hits} == set(visible)
            for facet, numbers in counted(list(visible.values())).items():
                assert {one.key: one.count for one in found.facets[facet].values} == numbers
        narrowed = queries.search(face, Asked("手套箱", chosen=chosen), now=NOW)
        assert {hit.lecture.pk for hit in narrowed.hits} == set(visible)
        assert all(hit.moments for hit in narrowed.hits)
        offered = {one.url for one in suggestions.suggest(face, "交", now=NOW) if one.kind == "lecture"}
        assert offered == {one.get_absolute_url() for one in visible.values()}
        meant = queries.search(face, Asked("交揭班"), now=NOW)
        assert bool(meant.meant or meant.maybe) <= bool(visible)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_what_the_index_does_not_know_to_be_gone_is_not_offered(any_index: SearchEngine) -> None:
    lecture = cast.lecture(title="交接班", published_at=NOW - timedelta(days=1), summary="", topic=cast.topic("安全"))
    outbox.note([lecture.pk])
    outbox.drain_all(timezone.now())
    Lecture.objects.filter(pk=lecture.pk).update(state="withdrawn")
    member = cast.member()
    found = queries.search(member, Asked("教接班"), now=timezone.now())
    assert (found.hits, found.meant, found.maybe) == ([], "", "")
    assert suggestions.suggest(member, "交", now=timezone.now()) == []
