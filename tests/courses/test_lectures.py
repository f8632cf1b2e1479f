"""The life of a lecture: which move is possible when, what each leaves behind, who hears of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audit.models import AuditEvent
from courses import lectures, signals
from courses.models import Lecture, LectureEvent
from media_pipeline import signals as media_signals
from media_pipeline.models import Asset
from push.models import Event
from tests import cast
from ui.sentences import Refused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
State = Lecture.State


def asset(member: Any, **facts: Any) -> Asset:
    facts = {
        "name": "停机十二分钟.mp4",
        "source_key": "sources/x",
        "source_bytes": 1,
        "identity": "x",
        "created_at": NOW,
        **facts,
    }
    return Asset.objects.create(uploaded_by=member, **facts)


def moves(by: Any) -> dict[str, Any]:
    return {
        "submit": lambda one: lectures.submit(one, by=by, now=NOW),
        "approve": lambda one: lectures.approve(one, by=by, now=NOW),
        "send_back": lambda one: lectures.send_back(one, by=by, reason="声音太小", now=NOW),
        "publish": lambda one: lectures.publish(one, by=by, now=NOW),
        "withdraw": lambda one: lectures.withdraw(one, by=by, reason="人名写错了", now=NOW),
        "reopen": lambda one: lectures.reopen(one, by=by, now=NOW),
    }


POSSIBLE = {
    ("draft", "submit"): ("submitted", ["submitted"]),
    ("submitted", "approve"): ("published", ["approved", "published"]),
    ("submitted", "send_back"): ("draft", ["returned"]),
    ("approved", "publish"): ("published", ["published"]),
    ("approved", "withdraw"): ("withdrawn", ["withdrawn"]),
    ("published", "withdraw"): ("withdrawn", ["withdrawn"]),
    ("withdrawn", "publish"): ("published", ["published"]),
    ("withdrawn", "reopen"): ("draft", ["reopened"]),
}


@pytest.mark.parametrize("move", ["submit", "approve", "send_back", "publish", "withdraw", "reopen"])
@pytest.mark.parametrize("state", State.values)
def test_each_move_is_possible_from_its_own_states_only(state: str, move: str) -> None:
    lecture = cast.lecture(state=state, topic=cast.topic())
    by, version = cast.editor(), lecture.row_version
    if (state, move) not in POSSIBLE:
        with pytest.raises(Refused) as refused:
            moves(by)[move](lecture)
        assert refused.value.code == "lecture_moved_on"
        assert refused.value.status == 409
        assert Lecture.objects.get(pk=lecture.pk).state == state
        assert not LectureEvent.objects.filter(lecture=lecture).exists()
        return
    to, verbs = POSSIBLE[state, move]

    moves(by)[move](lecture)

    kept = Lecture.objects.get(pk=lecture.pk)
    events = list(LectureEvent.objects.filter(lecture=lecture))
    assert (lecture.state, kept.state) == (to, to)
    assert kept.row_version == version + len(verbs)
    assert [event.verb for event in events] == verbs
    assert [event.from_state for event in events] == [state, *[event.to_state for event in events[:-1]]]
    assert events[-1].to_state == to
    assert events[0].by == by
    subject = f"courses.Lecture:{lecture.pk}"
    assert set(AuditEvent.objects.filter(subject=subject).values_list("verb", flat=True)) == {
        f"lecture.{verb}" for verb in verbs
    }


def test_signals_are_sent_for_every_change_and_for_coming_out_and_going() -> None:
    heard: list[tuple[str, str]] = []
    names = ("lecture_changed", "lecture_published", "lecture_withdrawn")
    receivers = [
        lambda lecture, name=name, **_: heard.append((name, Lecture.objects.get(pk=lecture.pk).state)) for name in names
    ]
    for name, receive in zip(names, receivers, strict=True):
        getattr(signals, name).connect(receive)
    try:
        lecture, editor = cast.lecture(state="submitted", topic=cast.topic()), cast.editor()
        lectures.approve(lecture, by=editor, now=NOW)
        lectures.withdraw(lecture, by=editor, reason="改一处", now=NOW)
    finally:
        for name, receive in zip(names, receivers, strict=True):
            getattr(signals, name).disconnect(receive)

    assert heard == [
        ("lecture_changed", "approved"),
        ("lecture_changed", "published"),
        ("lecture_published", "published"),
        ("lecture_changed", "withdrawn"),
        ("lecture_withdrawn", "withdrawn"),
    ]


def test_an_arrived_file_becomes_a_draft_titled_after_it() -> None:
    branch = cast.organisation("一支部")
    author = cast.member(organisation=branch)

    media_signals.asset_received.send(Asset, asset=asset(author, name="站台上的 交接班.final.MP4"))

    lecture = Lecture.objects.get(author=author)
    assert (lecture.title, lecture.state, lecture.kind) == ("站台上的 交接班.final", "draft", "lecture")
    assert (lecture.uploaded_by, lecture.organisation) == (author, branch)
    assert [event.verb for event in lecture.events.all()] == ["created"]


def test_a_very_long_file_name_is_cut_to_a_title() -> None:
    lecture = lectures.draft_for(asset(cast.member(), name="长" * 200 + ".mp4"), now=NOW)
    assert lecture.title == "长" * 80


def test_an_asset_asked_for_twice_has_one_draft() -> None:
    one = asset(cast.member())
    assert lectures.draft_for(one, now=NOW).pk == lectures.draft_for(one, now=NOW).pk


def test_a_recording_of_a_broadcast_makes_no_draft() -> None:
    media_signals.asset_received.send(Asset, asset=asset(cast.member(), purpose="replay"))
    assert not Lecture.objects.exists()


@pytest.mark.parametrize(
    ("facts", "code", "field"),
    [
        ({"title": ""}, "lecture_title_length", "title"),
        ({"title": "讲"}, "lecture_title_length", "title"),
        ({"topic": None}, "lecture_topic_missing", "topic"),
    ],
)
def test_what_is_handed_in_must_be_described(facts: dict[str, Any], code: str, field: str) -> None:
    lecture = cast.lecture(state="draft", **{"topic": cast.topic(), **facts})

    with pytest.raises(Refused) as refused:
        lectures.submit(lecture, by=lecture.author, now=NOW)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert lecture.state == "draft"


@pytest.mark.parametrize("state", ["refused", "failed"])
def test_a_lecture_without_a_usable_file_is_neither_handed_in_nor_approved(state: str) -> None:
    author, topic = cast.member(), cast.topic()
    bad = asset(author, state=state, refusal="asset_in_use")
    draft = cast.lecture(author, state="draft", asset=bad, topic=topic)
    with pytest.raises(Refused) as refused:
        lectures.submit(draft, by=author, now=NOW)
    assert (refused.value.code, refused.value.field) == (f"lecture_asset_{state}", "asset")

    Lecture.objects.filter(pk=draft.pk).update(state="submitted")
    draft.refresh_from_db()
    with pytest.raises(Refused) as refused:
        lectures.approve(draft, by=cast.editor(), now=NOW)
    assert refused.value.code == f"lecture_asset_{state}"
    assert Lecture.objects.get(pk=draft.pk).state == "submitted"


def test_approval_before_the_recording_is_ready_publishes_when_it_is() -> None:
    author = cast.member()
    preparing = asset(author, state="preparing")
    lecture = cast.lecture(author, state="submitted", asset=preparing, topic=cast.topic())
    lectures.approve(lecture, by=cast.editor(), now=NOW)
    assert (lecture.state, lecture.published_at) == ("approved", None)

    done = cast.ready_asset(author)
    Asset.objects.filter(pk=preparing.pk).update(state="ready", cut=done.cut, ready_at=NOW)
    media_signals.asset_ready.send(Asset, asset=Asset.objects.get(pk=preparing.pk))

    lecture.refresh_from_db()
    assert lecture.state == "published"
    assert lecture.published_at is not None
    assert lecture.events.last().by is None


def test_approval_before_its_hour_publishes_at_its_hour() -> None:
    lecture = cast.lecture(state="submitted", topic=cast.topic(), publish_at=NOW + timedelta(hours=2))
    lectures.approve(lecture, by=cast.editor(), now=NOW)
    assert lecture.state == "approved"

    assert lectures.publish_due(now=NOW + timedelta(hours=1)) == 0
    assert lectures.publish_due(now=NOW + timedelta(hours=2)) == 1
    assert lectures.publish_due(now=NOW + timedelta(hours=3)) == 0

    lecture.refresh_from_db()
    assert (lecture.state, lecture.published_at) == ("published", NOW + timedelta(hours=2))


def test_a_recording_that_became_ready_while_it_was_approved_is_not_forgotten() -> None:
    lecture = cast.lecture(state="approved", topic=cast.topic())
    assert lectures.publish_due(now=NOW) == 1
    assert Lecture.objects.get(pk=lecture.pk).state == "published"


@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_a_file_refused_after_it_was_handed_in_brings_the_lecture_back(state: str) -> None:
    author = cast.member()
    bad = asset(author, state="refused", refusal="storage_full")
    lecture = cast.lecture(author, state=state, asset=bad, topic=cast.topic())

    media_signals.asset_refused.send(Asset, asset=bad)

    lecture.refresh_from_db()
    event = lecture.events.get()
    assert lecture.state == "draft"
    assert (event.verb, event.by, event.changes) == ("returned", None, {"refusal": "storage_full"})


def test_returning_and_an_editors_withdrawing_need_a_reason() -> None:
    editor, topic = cast.editor(), cast.topic()
    submitted = cast.lecture(state="submitted", topic=topic)
    published = cast.lecture(topic=topic)
    for act in (
        lambda: lectures.send_back(submitted, by=editor, reason="  ", now=NOW),
        lambda: lectures.withdraw(published, by=editor, reason="", now=NOW),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert (refused.value.code, refused.value.field) == ("lecture_reason_missing", "reason")


def test_an_author_withdraws_without_a_word_and_the_first_publication_is_kept() -> None:
    lecture = cast.lecture(topic=cast.topic())
    first = lecture.published_at
    lectures.withdraw(lecture, by=lecture.author, now=NOW)
    lectures.publish(lecture, by=cast.editor(), now=NOW)
    assert lecture.published_at == first


def test_the_author_is_told_on_their_own_channel_in_codes() -> None:
    lecture = cast.lecture(state="submitted", topic=cast.topic())
    lectures.send_back(lecture, by=cast.editor(), reason="第三分钟听不清", now=NOW)

    event = Event.objects.get(channel=f"member:{lecture.author_id}", kind="lecture")
    assert event.payload == {"lecture": lecture.public_id, "verb": "returned", "state": "draft"}


def test_a_draft_goes_with_its_recording_and_its_history_stays() -> None:
    author = cast.member()
    lecture = lectures.draft_for(asset(author), now=NOW)
    key, recording = lecture.pk, lecture.asset_id

    lectures.delete(lecture, by=author, now=NOW)

    assert not Lecture.objects.filter(pk=key).exists()
    assert not Asset.objects.filter(pk=recording).exists()
    assert LectureEvent.objects.get(lecture_id=key).verb == "created"
    assert AuditEvent.objects.get(verb="lecture.deleted").details["title"] == "停机十二分钟"


def test_what_has_been_out_or_is_on_its_way_is_not_deleted() -> None:
    topic = cast.topic()
    for state, facts, code in (
        ("submitted", {}, "lecture_only_drafts_deleted"),
        ("published", {}, "lecture_only_drafts_deleted"),
        ("draft", {"published_at": NOW}, "lecture_was_published"),
    ):
        lecture = cast.lecture(state=state, topic=topic, **facts)
        with pytest.raises(Refused) as refused:
            lectures.delete(lecture, by=lecture.author, now=NOW)
        assert refused.value.code == code
        assert Lecture.objects.filter(pk=lecture.pk).exists()


def test_what_happened_cannot_be_unsaid() -> None:
    lecture = lectures.draft_for(asset(cast.member()), now=NOW)
    with pytest.raises(Exception, match="insert-only"):
        LectureEvent.objects.filter(lecture=lecture).update(verb="published")


def test_a_draft_whose_recording_is_ready_is_deleted_with_it() -> None:
    lecture = cast.lecture(state="draft")
    asset = lecture.asset

    lectures.delete(lecture, by=lecture.author, now=NOW)

    assert not Lecture.objects.filter(pk=lecture.pk).exists()
    assert not type(asset).objects.filter(pk=asset.pk).exists()
