"""An index made anew beside the one in use: step by step, while changes go on, and after any interruption."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from courses.models import Lecture
from search import consistency, documents, outbox, rebuild, tasks
from search.engines.base import Request, SearchEngine, SearchError
from search.models import IndexBuild
from search.permissions import Clause
from search.query_language import normalise_query
from tests import cast

pytestmark = pytest.mark.django_db


def found(index: SearchEngine, text: str) -> list[int]:
    clause = Clause(timezone.now(), frozenset({"public", "members"}))
    return sorted(index.search(Request(normalise_query(text), clause)).ids)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "PAGE", 2)
    monkeypatch.setattr(consistency, "PAGE", 2)


def step_on(index: SearchEngine, times: int) -> IndexBuild:
    build = rebuild.open_build(index, now=timezone.now())
    for _ in range(times):
        assert rebuild.step(build, index, now=timezone.now())
    return build


def test_an_outdated_index_is_made_anew_in_many_short_tasks(
    index: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    lectures = [cast.lecture(title="交接班").pk for _ in range(5)]
    told: list[str] = []
    monkeypatch.setattr(tasks, "nudge", lambda: told.append("again"))
    monkeypatch.setattr(index, "is_ours", lambda: IndexBuild.objects.filter(ended_at__isnull=False).exists())
    copied = []
    for _ in range(20):
        told.clear()
        tasks.drain()
        copied.append(sum(IndexBuild.objects.values_list("copied", flat=True)))
        if not told:
            break
    assert copied[:3] == [2, 4, 5]
    assert (told, found(index, "交接班")) == ([], lectures)


def test_what_changes_meanwhile_is_in_the_new_index(any_index: SearchEngine) -> None:
    first, *others = [cast.lecture(title="旧题目", summary="") for _ in range(4)]
    step_on(any_index, 2)
    Lecture.objects.filter(pk=first.pk).update(title="新题目")
    outbox.note([first.pk])
    outbox.drain_all(timezone.now())
    outbox.note([others[0].pk])
    others[0].delete()
    outbox.drain_all(timezone.now())
    rebuild.run(any_index)
    assert (found(any_index, "新题"), found(any_index, "旧题")) == ([first.pk], [one.pk for one in others[1:]])


def test_what_slipped_by_is_mended_before_it_is_in_use(index: SearchEngine) -> None:
    lectures = [cast.lecture(title="旧题目") for _ in range(3)]
    step_on(index, 2)
    Lecture.objects.update(title="新题目")
    rebuild.run(index)
    assert found(index, "新题") == [one.pk for one in lectures]
    assert consistency.compare(index).all == []


def test_a_build_goes_on_where_it_was_interrupted(index: SearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    lectures = [cast.lecture(title="交接班").pk for _ in range(5)]
    load, read = documents.load, []

    def stops_at_the_third(lecture_ids: Any) -> Any:
        read.extend(lecture_ids)
        if lectures[2] in lecture_ids and read.count(lectures[2]) == 1:
            raise SearchError("out")
        return load(lecture_ids)

    monkeypatch.setattr(documents, "load", stops_at_the_third)
    with pytest.raises(SearchError):
        rebuild.run(index)
    said: list[str] = []
    rebuild.run(index, say=said.append)
    assert read[:7] == [*lectures[:2], *lectures[2:4], *lectures[2:]]
    assert (said[0], IndexBuild.objects.count()) == ("fts: going on after 2 lectures", 1)
    assert found(index, "交接班") == lectures
