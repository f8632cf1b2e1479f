"""Two people press at the same time: one of them was first, and only that one is on record."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from courses import lectures
from courses.models import Lecture, LectureEvent
from tests import cast
from ui.sentences import Refused

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


def at_once(acts: list[Callable[[], Any]]) -> list[str]:
    """Do all at the same moment on connections of their own; answers the codes of those that were refused."""
    barrier, refused = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            act()
        except Refused as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_two_editors_who_approve_at_once_leave_one_approval(committed_db: None) -> None:
    key = cast.lecture(state="submitted", topic=cast.topic()).pk
    editors = [cast.editor(), cast.editor()]
    both = [Lecture.objects.get(pk=key) for _ in editors]

    refused = at_once(
        [lambda one=one, by=by: lectures.approve(one, by=by, now=NOW) for one, by in zip(both, editors, strict=True)]
    )

    assert refused == ["lecture_moved_on"]
    assert list(LectureEvent.objects.filter(lecture_id=key).values_list("verb", flat=True)) == ["approved", "published"]


def test_approving_and_returning_at_once_leaves_one_of_them(committed_db: None) -> None:
    key = cast.lecture(state="submitted", topic=cast.topic()).pk
    one, other = Lecture.objects.get(pk=key), Lecture.objects.get(pk=key)
    by = cast.editor()

    refused = at_once(
        [
            lambda: lectures.approve(one, by=by, now=NOW),
            lambda: lectures.send_back(other, by=by, reason="声音太小", now=NOW),
        ]
    )

    assert refused == ["lecture_moved_on"]
    verbs = list(LectureEvent.objects.filter(lecture_id=key).values_list("verb", flat=True))
    assert verbs in (["approved", "published"], ["returned"])


def test_a_clock_that_ticks_twice_publishes_once(committed_db: None) -> None:
    key = cast.lecture(state="approved", topic=cast.topic()).pk

    at_once([lambda: lectures.publish_due(now=NOW)] * 3)

    assert Lecture.objects.get(pk=key).state == "published"
    assert LectureEvent.objects.filter(lecture_id=key, verb="published").count() == 1
