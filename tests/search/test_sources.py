"""Every source of change reaches the indices, through the rules that make it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from courses import editing, lectures, topics
from courses.models import CataloguePage, CourseItem, CoursePage, Lecture
from engagement import viewings
from media_pipeline import text_tracks
from members import organisations, roster
from members.models import Member
from search import documents, outbox, tasks
from search.engines.base import Document, SearchEngine
from search.models import OutboxEntry
from search.outbox import Kind
from tests import cast
from tests.search.conftest import indexed

VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n今天说的是手套箱盖上的六句话。\n"


@pytest.fixture(autouse=True)
def no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "nudge", lambda: None)


@pytest.fixture
def lecture(db: None) -> Lecture:
    return cast.lecture(cast.member("祁连生", cast.organisation("物流站党支部")), title="站台上的交接班")


@pytest.fixture
def editor(db: None) -> Member:
    return cast.editor()


def noted(kind: str = Kind.DOCUMENT) -> set[int]:
    return set(OutboxEntry.objects.filter(kind=kind).values_list("lecture_id", flat=True))


def rename_topic(lecture: Lecture, editor: Member) -> None:
    assert lecture.topic is not None
    lecture.topic.name = "微党课"
    topics.keep(lecture.topic, by=editor, now=timezone.now())


def rename_speaker(lecture: Lecture, editor: Member) -> None:
    author = lecture.author
    author.name = "周桂兰"
    place = organisations.of(author, on=timezone.localdate())
    roster.keep(author, organisation=place, changed=["name"], by=editor, now=timezone.now())


def rename_organisation(lecture: Lecture, editor: Member) -> None:
    place = lecture.organisation
    assert place is not None
    place.name = "新站党支部"
    organisations.change(place, changed=["name"], by=editor, now=timezone.now())


def correct_texts(lecture: Lecture, editor: Member) -> None:
    editing.edit(lecture, by=editor, now=timezone.now(), title="新题目", speaker_name="老祁")


def withdraw(lecture: Lecture, editor: Member) -> None:
    lectures.withdraw(lecture, by=editor, reason="不对", now=timezone.now())


def add_captions(lecture: Lecture, editor: Member) -> None:
    assert lecture.asset.cut is not None
    text_tracks.add(lecture.asset.cut, VTT.encode(), language="zh-Hans", by=editor, now=timezone.now())


CHANGES: list[tuple[Callable[[Lecture, Member], None], str, str]] = [
    (rename_topic, Kind.DOCUMENT, "微党课"),
    (rename_speaker, Kind.SPEECH, "周桂兰"),
    (rename_organisation, Kind.DOCUMENT, "新站"),
    (correct_texts, Kind.SPEECH, "老祁"),
    (add_captions, Kind.SPEECH, "手套箱"),
]


def ids(index: SearchEngine, text: str) -> list[int]:
    from search.engines.base import Request
    from search.permissions import Clause
    from search.query_language import normalise_query

    clause = Clause(timezone.now(), frozenset({"public", "members"}))
    return index.search(Request(normalise_query(text), clause)).ids


@pytest.mark.parametrize(("change", "kind", "words"), CHANGES)
def test_a_change_is_noted_and_found(
    index: SearchEngine, lecture: Lecture, editor: Member, *, change: Any, kind: str, words: str
) -> None:
    indexed(lecture, cast.lecture(title="第二节", topic=cast.topic("厂史")))
    assert ids(index, words) == []
    change(lecture, editor)
    assert noted(kind) == {lecture.pk}
    outbox.drain_all(timezone.now())
    assert ids(index, words) == [lecture.pk]


def test_what_is_withdrawn_is_found_no_more(index: SearchEngine, lecture: Lecture, editor: Member) -> None:
    indexed(lecture)
    withdraw(lecture, editor)
    outbox.drain_all(timezone.now())
    assert ids(index, "交接班") == []


def test_captions_that_are_taken_away_are_found_no_more(index: SearchEngine, lecture: Lecture, editor: Member) -> None:
    add_captions(lecture, editor)
    outbox.drain_all(timezone.now())
    assert ids(index, "手套箱") == [lecture.pk]
    assert lecture.asset.cut is not None
    text_tracks.remove(lecture.asset.cut.texts.get())
    outbox.drain_all(timezone.now())
    assert ids(index, "手套箱") == []


def test_what_comes_out_by_its_hour_is_noted(index: SearchEngine, lecture: Lecture) -> None:
    Lecture.objects.filter(pk=lecture.pk).update(state="approved", publish_at=timezone.now() - timedelta(minutes=1))
    indexed(lecture)
    assert ids(index, "交接班") == []
    assert lectures.publish_due(now=timezone.now()) == 1
    outbox.drain_all(timezone.now())
    assert ids(index, "交接班") == [lecture.pk]


def test_a_deleted_draft_leaves_the_index(index: SearchEngine, db: None) -> None:
    draft = cast.lecture(state="draft", title="草稿")
    indexed(draft)
    assert index.count() == 1
    lectures.delete(draft, by=draft.author, now=timezone.now())
    outbox.drain_all(timezone.now())
    assert index.count() == 0


def test_a_course_that_comes_out_is_renamed_loses_a_lecture_and_goes_is_noted_each_time(
    index: SearchEngine, lecture: Lecture
) -> None:
    catalogue = CataloguePage.objects.get()
    course = CoursePage(title="班组安全十讲", slug="anquan", items=[CourseItem(lecture=lecture)])
    catalogue.add_child(instance=course)

    def published(title: str = "") -> None:
        course.title = title or course.title
        course.save_revision().publish()
        outbox.drain_all(timezone.now())

    published()
    assert ids(index, "班组安全十讲") == [lecture.pk]
    published("岗位四讲")
    assert (ids(index, "岗位四讲"), ids(index, "安全十讲")) == ([lecture.pk], [])
    course.unpublish()
    outbox.drain_all(timezone.now())
    assert ids(index, "岗位四讲") == []
    published()
    course.items = []
    published()
    assert ids(index, "岗位四讲") == []
    course.items = [CourseItem(lecture=lecture)]
    published()
    assert ids(index, "岗位四讲") == [lecture.pk]
    course.delete()
    outbox.drain_all(timezone.now())
    assert ids(index, "岗位四讲") == []


def test_points_are_noted_and_may_be_a_minute_late(index: SearchEngine, lecture: Lecture) -> None:
    now = timezone.now()
    indexed(lecture)
    viewings.watch(cast.member(), lecture, [(0, 60_000)], now=now - timedelta(minutes=5))
    entry = OutboxEntry.objects.get()
    assert (entry.lecture_id, entry.kind) == (lecture.pk, Kind.DOCUMENT)
    assert entry.not_before > now + timedelta(seconds=50)
    viewings.watch(cast.member(), lecture, [(0, 60_000)], now=now - timedelta(minutes=4))
    again = OutboxEntry.objects.get()
    assert (again.not_before, again.stamp == entry.stamp) == (entry.not_before, False)  # not put off for ever
    outbox.drain_all(now + timedelta(minutes=2))
    [document] = documents.load([lecture.pk])
    assert isinstance(document, Document)
    assert document.views == 2
    assert index.fingerprints()[lecture.pk].document == document.fingerprint


def test_members_and_organisations_that_move_change_who_finds_it_at_once(index: SearchEngine, db: None) -> None:
    """Without any document being indexed anew."""
    from search import queries
    from search.asked import Asked

    committee = cast.organisation(kind="committee")
    place, elsewhere = cast.organisation(parent=committee), cast.organisation(kind="committee")
    lecture = cast.lecture(cast.member(organisation=committee), title="交接班", visibility="organisation")
    indexed(lecture)
    mover = cast.member(organisation=elsewhere)

    def finds(person: Member) -> bool:
        fresh = Member.objects.get(pk=person.pk)
        return bool(queries.search(fresh, Asked("交接班"), now=timezone.now()).hits)

    assert not finds(mover)
    roster.move(mover, place, on=timezone.localdate(), by=None, now=timezone.now())
    assert finds(mover)
    place.refresh_from_db()
    elsewhere.refresh_from_db()
    place.move(elsewhere, "last-child")
    assert not finds(mover)
    assert not OutboxEntry.objects.exists()
