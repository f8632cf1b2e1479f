"""From a change of a row to the index, and what happens when one of both fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from courses import signals as courses_signals
from courses.models import Lecture, Topic
from engagement import signals as engagement_signals
from search import consistency, documents, outbox, tasks
from search.documents import Beside
from search.engines.base import Document, Removal, Request, SearchEngine, SearchError
from search.models import OutboxEntry
from search.outbox import Kind
from search.permissions import Clause
from search.query_language import normalise_query
from tests import cast
from tests.search.conftest import sealed

NOW = timezone.now()


def found(index: SearchEngine, text: str) -> list[int]:
    clause = Clause(timezone.now(), frozenset({"public", "members"}))
    return index.search(Request(normalise_query(text), clause)).ids


def drain() -> None:
    outbox.drain_all(timezone.now())


@pytest.fixture
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often the worker was told, instead of telling it: no queue in these tests."""
    told: list[str] = []
    monkeypatch.setattr(tasks, "nudge", lambda: told.append("drain"))
    return told


@pytest.mark.django_db
def test_a_document_says_what_the_lecture_is() -> None:
    branch = cast.organisation("物流站党支部")
    lecture = cast.lecture(cast.member("祁连生", branch), title="交接班", summary="说清楚", visibility="organisation")
    [document] = documents.load([lecture.pk])
    assert isinstance(document, Document)
    assert (document.title, document.speaker, document.organisation) == ("交接班", "祁连生", "物流站党支部")
    assert (document.visibility, document.organisation_id, document.state) == ("organisation", branch.pk, "published")
    assert (document.topic, document.topic_id, document.is_featured) == (lecture.topic.name, lecture.topic_id, False)


@pytest.mark.django_db
def test_a_named_speaker_stands_for_the_author() -> None:
    [document] = documents.load([cast.lecture(speaker_name="周桂兰").pk])
    assert isinstance(document, Document)
    assert document.speaker == "周桂兰"


@pytest.mark.django_db
def test_documents_cost_the_same_queries_however_many(django_assert_num_queries: Any) -> None:
    lectures = [cast.lecture().pk for _ in range(12)]
    for some in (lectures[:2], lectures):
        with django_assert_num_queries(6):
            assert len(documents.load(some)) == len(some)


@pytest.mark.django_db
def test_a_lecture_that_is_no_more_becomes_a_removal() -> None:
    [removal] = documents.load([999])
    assert isinstance(removal, Removal)


@pytest.mark.django_db
def test_what_was_noted_is_drained_once(index: SearchEngine) -> None:
    lecture = cast.lecture(title="交接班")
    outbox.note([lecture.pk, lecture.pk])
    outbox.note([lecture.pk])
    assert OutboxEntry.objects.count() == 2  # what it is, and what is said in it
    assert outbox.drain(timezone.now()) == 2
    assert outbox.drain(timezone.now()) == 0
    assert found(index, "交接班") == [lecture.pk]


@pytest.mark.django_db
def test_draining_takes_no_more_than_its_limit(index: SearchEngine) -> None:
    outbox.note([cast.lecture().pk for _ in range(3)], kinds=[Kind.DOCUMENT])
    assert [outbox.drain(timezone.now(), limit=2) for _ in range(3)] == [2, 1, 0]


@pytest.mark.django_db
def test_a_change_during_the_drain_is_not_lost(index: SearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    lecture = cast.lecture(title="旧题目")
    outbox.note([lecture.pk])
    put = index.bulk

    def renamed_meanwhile(operations: Any) -> None:
        put(operations)
        Lecture.objects.filter(pk=lecture.pk).update(title="新题目", row_version=2)
        outbox.note([lecture.pk])

    monkeypatch.setattr(index, "bulk", renamed_meanwhile)
    outbox.drain(timezone.now())
    monkeypatch.undo()
    assert found(index, "旧题") == [lecture.pk]
    drain()
    assert (found(index, "旧题"), found(index, "新题")) == ([], [lecture.pk])


@pytest.mark.django_db
def test_a_failing_index_keeps_everything_and_waits_longer_each_time(
    index: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    lecture = cast.lecture(title="交接班")
    outbox.note([lecture.pk], kinds=[Kind.DOCUMENT], now=NOW)

    def fail(operations: Any) -> None:
        raise SearchError("disk full")

    monkeypatch.setattr(index, "bulk", fail)
    waits = []
    now = NOW
    for _ in range(12):
        assert outbox.drain(now) == 0
        entry = OutboxEntry.objects.get()
        waits.append(entry.not_before - now)
        assert outbox.drain(entry.not_before - timedelta(seconds=1)) == 0
        assert OutboxEntry.objects.get().attempts == entry.attempts
        now = entry.not_before
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(seconds=5), outbox.LONGEST_WAIT)
    monkeypatch.undo()
    assert outbox.drain(now) == 1
    assert found(index, "交接班") == [lecture.pk]


def test_a_change_that_is_rolled_back_is_not_noted(committed_db: None, nudges: list[str]) -> None:
    lecture = cast.lecture()

    def change_and_fail() -> None:
        with transaction.atomic():
            courses_signals.lecture_changed.send(Lecture, lecture=lecture)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    assert (OutboxEntry.objects.count(), nudges) == (0, [])


def test_every_kind_of_news_is_noted_and_the_worker_told_after_the_commit(
    committed_db: None, nudges: list[str]
) -> None:
    lecture = cast.lecture()
    for signal, facts in (
        (courses_signals.lecture_changed, {"lecture": lecture}),
        (courses_signals.lecture_published, {"lecture": lecture}),
        (courses_signals.lecture_withdrawn, {"lecture": lecture}),
        (courses_signals.topic_changed, {"topic": lecture.topic}),
        (engagement_signals.mark_changed, {"lecture": lecture}),
    ):
        OutboxEntry.objects.all().delete()
        nudges.clear()
        with transaction.atomic():
            signal.send(object, **facts)
            assert nudges == []
        assert {entry.lecture_id for entry in OutboxEntry.objects.all()} == {lecture.pk}
        assert nudges == ["drain"]


def test_a_broker_that_is_down_fails_no_change(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("no broker")

    monkeypatch.setattr(tasks, "nudge", fail)
    lecture = cast.lecture()
    with transaction.atomic():
        courses_signals.lecture_changed.send(Lecture, lecture=lecture)
    assert OutboxEntry.objects.count() == 2


@pytest.mark.django_db
def test_a_lost_index_fills_itself(index: SearchEngine) -> None:
    lecture = cast.lecture(title="交接班")
    tasks.drain()
    assert found(index, "交接班") == [lecture.pk]
    index.reset()
    tasks.drain()
    assert found(index, "交接班") == [lecture.pk]


@pytest.mark.django_db
def test_the_nightly_comparison_finds_and_repairs_what_slipped_by(index: SearchEngine) -> None:
    author = cast.member("祁连生")
    lectures = [cast.lecture(author, title=f"第{number}课") for number in range(4)]
    outbox.note([one.pk for one in lectures])
    drain()
    assert consistency.compare(index).all == []

    author.name = "周桂兰"
    author.save()
    missing = cast.lecture(title="没记上")
    index.bulk([Removal(lectures[0].pk, timezone.now())])
    orphan = documents.of(lectures[1], Beside(), timezone.now() - timedelta(minutes=1))
    index.bulk([Document(**{**vars(orphan), "lecture_id": 10**6})])
    differences = consistency.compare(index)
    assert differences.missing == [lectures[0].pk, missing.pk]
    assert differences.stale == [one.pk for one in lectures[1:]]
    assert differences.orphaned == [10**6]

    tasks.check()
    assert consistency.compare(index).all == []
    assert len(found(index, "周桂兰")) == 4


@pytest.mark.django_db
def test_a_new_seal_is_a_difference(index: SearchEngine) -> None:
    lecture = cast.lecture()
    outbox.note([lecture.pk])
    drain()
    sealed(lecture)
    assert consistency.compare(index).stale == [lecture.pk]


@pytest.mark.django_db
def test_the_commands_rebuild_and_check(index: SearchEngine, capsys: pytest.CaptureFixture[str]) -> None:
    lecture = cast.lecture(title="交接班")
    with pytest.raises(CommandError, match="1 missing"):
        call_command("search_check")
    call_command("search_check", repair=True)
    assert found(index, "交接班") == [lecture.pk]
    Topic.objects.update(name="换了名字")
    call_command("search_rebuild")
    assert found(index, "换了名字") == [lecture.pk]
    call_command("search_check")
    assert "0 missing, 0 stale, 0 orphaned" in capsys.readouterr().out
