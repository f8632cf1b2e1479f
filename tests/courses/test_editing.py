"""Who may change what of a lecture in which state, and what is written down of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from courses import editing, lectures
from courses.models import Lecture, LectureEvent
from tests import cast
from ui.sentences import Refused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
ALL, TEXTS, AUTHORS, NONE = editing.EDITORS, editing.TEXTS, editing.AUTHORS, frozenset[str]()
RIGHTS = {
    "draft": {"author": AUTHORS, "editor": NONE, "stranger": NONE},
    "submitted": {"author": NONE, "editor": ALL, "stranger": NONE},
    "approved": {"author": TEXTS, "editor": ALL, "stranger": NONE},
    "published": {"author": TEXTS, "editor": ALL, "stranger": NONE},
    "withdrawn": {"author": NONE, "editor": ALL, "stranger": NONE},
}


@pytest.mark.parametrize("who", ["author", "editor", "stranger"])
@pytest.mark.parametrize("state", RIGHTS)
def test_who_may_change_what_when(state: str, who: str) -> None:
    lecture = cast.lecture(state=state, topic=cast.topic())
    by = {"author": lambda: lecture.author, "editor": cast.editor, "stranger": cast.member}[who]()
    for field, value in (("title", "另一个题目"), ("topic", cast.topic()), ("is_pick", True)):
        if field in RIGHTS[state][who]:
            lectures.edit(lecture, by=by, now=NOW, **{field: value})
            assert getattr(Lecture.objects.get(pk=lecture.pk), field) == value
        else:
            with pytest.raises(Refused) as refused:
                lectures.edit(lecture, by=by, now=NOW, **{field: value})
            assert refused.value.field == field
            assert refused.value.status in {403, 409}
            assert getattr(Lecture.objects.get(pk=lecture.pk), field) != value


def test_a_draft_changes_without_a_trace_and_a_published_lecture_with_one() -> None:
    draft, published = cast.lecture(state="draft"), cast.lecture(topic=cast.topic(), title="旧题目")

    lectures.edit(draft, by=draft.author, now=NOW, title="新题目")
    lectures.edit(published, by=published.author, now=NOW, title="新题目", summary=published.summary)

    event = LectureEvent.objects.get()
    assert (event.lecture, event.verb, event.by) == (published, "edited", published.author)
    assert event.changes == {"title": ["旧题目", "新题目"]}


def test_saving_what_is_there_already_changes_nothing() -> None:
    lecture = cast.lecture(topic=cast.topic())
    version = lecture.row_version
    assert lectures.edit(lecture, by=lecture.author, now=NOW, title=f" {lecture.title} ") == {}
    assert Lecture.objects.get(pk=lecture.pk).row_version == version


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"title": "讲"}, "lecture_title_length", "title"),
        ({"title": "讲" * 81}, "lecture_title_length", "title"),
        ({"summary": "长" * 501}, "lecture_summary_length", "summary"),
        ({"speaker_name": "长" * 65}, "lecture_speaker_length", "speaker_name"),
        ({"visibility": "friends"}, "lecture_visibility_unknown", "visibility"),
        ({"visibility": "organisation"}, "lecture_no_organisation", "visibility"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(fields: dict[str, Any], code: str, field: str) -> None:
    lecture = cast.lecture(state="draft")
    with pytest.raises(Refused) as refused:
        lectures.edit(lecture, by=lecture.author, now=NOW, **fields)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_an_editor_cannot_take_title_topic_or_sense_from_a_lecture() -> None:
    lecture, editor = cast.lecture(topic=cast.topic()), cast.editor()
    for fields, field in (
        ({"title": ""}, "title"),
        ({"topic": None}, "topic"),
        ({"publish_at": NOW, "unpublish_at": NOW - timedelta(days=1)}, "unpublish_at"),
    ):
        with pytest.raises(Refused) as refused:
            lectures.edit(lecture, by=editor, now=NOW, **fields)
        assert refused.value.field == field


def test_a_page_opened_before_the_lecture_moved_on_saves_nothing() -> None:
    lecture = cast.lecture(state="draft", topic=cast.topic())
    seen = Lecture.objects.get(pk=lecture.pk)
    lectures.submit(lecture, by=lecture.author, now=NOW)

    with pytest.raises(Refused) as refused:
        lectures.edit(seen, by=lecture.author, now=NOW, title="太晚了")

    assert refused.value.code == "lecture_moved_on"
