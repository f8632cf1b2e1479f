"""One reader for all streams: what it costs, what it forgets to nobody."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from push import channels, cursor, hub, tasks, tokens
from push.cursor import Cursor
from push.models import Event
from tests import cast
from tests.push.browser import publish, publish_aside, until


@pytest.mark.parametrize("listeners", [1, 100])
def test_all_streams_ask_the_database_as_one(rows: None, monkeypatch: pytest.MonkeyPatch, listeners: int) -> None:
    ask, asked = hub._asked, []

    def noted(question: Any, *args: Any) -> Any:
        asked.append(question.__name__)
        return ask(question, *args)

    monkeypatch.setattr(hub, "_asked", noted)

    async def story() -> None:
        spreading = hub.Hub()
        heard = [spreading.listen(frozenset({"member:1", f"topic:{number}"})) for number in range(listeners)]
        await until(spreading._begun.is_set)
        await publish_aside()
        await until(lambda: all(one.waiting.qsize() for one in heard))
        await spreading.close()

    asyncio.run(story())
    assert asked.count("Cursor") == 1  # where to begin: asked once, whoever comes
    assert set(asked) == {"Cursor", "read", "_let_go"}  # and then one question for all, nothing for each


@pytest.mark.django_db
def test_reading_is_one_query_while_nothing_is_new_and_two_when_there_is(django_assert_num_queries: Any) -> None:
    reading = Cursor()
    with django_assert_num_queries(1):
        assert reading.read() == []
    for _ in range(12):
        publish()
    with django_assert_num_queries(2):
        assert len(reading.read()) == 12


@pytest.mark.django_db
def test_an_event_that_appears_below_a_newer_one_is_read_once() -> None:
    """As PostgreSQL does it: ids are given out before the commit."""
    publish()
    reading = Cursor()
    newest = Event.objects.latest("id").pk
    Event.objects.create(id=newest + 5, channel="member:1", kind="job")
    assert [message.id for message in reading.read()] == [newest + 5]

    Event.objects.create(id=newest + 2, channel="member:1", kind="job")
    assert [message.id for message in reading.read()] == [newest + 2]
    assert reading.read() == []


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="elsewhere ids appear in order")
@pytest.mark.django_db
def test_who_comes_again_is_told_what_appeared_below_the_last_thing_heard() -> None:
    last = publish() + 5
    Event.objects.create(id=last, channel="member:1", kind="job")
    Event.objects.create(id=last - 1, channel="member:1", kind="job")  # committed while the stream was broken
    Event.objects.create(id=last - 2, channel="member:2", kind="job")
    Event.objects.create(id=last + 1, channel="member:1", kind="job")

    told = [message.id for message in cursor.resumed(frozenset({"member:1"}), last)]

    assert {last - 1, last + 1} <= set(told)
    assert last - 2 not in told


@pytest.mark.django_db
def test_what_was_read_is_forgotten_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(cursor.time, "monotonic", lambda: clock[0])
    reading = Cursor()
    for second in range(60):
        clock[0] = 1000.0 + second
        publish()
        assert len(reading.read()) == 1

    assert len(reading._seen) <= cursor.WINDOW + 1


@pytest.mark.django_db
def test_more_than_one_can_carry_is_read_by_and_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cursor, "AT_ONCE", 5)
    monkeypatch.setattr(cursor, "WINDOW", 0.0)
    reading = Cursor()
    ids = [publish(number=number) for number in range(12)]

    assert [message.id for _ in range(4) for message in reading.read()] == ids


def test_many_who_come_at_once_all_hear_the_next_event(rows: None) -> None:
    async def story() -> list[int]:
        spreading = hub.Hub()
        first = spreading.listen(frozenset({"member:1"}))
        await asyncio.sleep(0)  # the reading has begun to begin
        others = [spreading.listen(frozenset({"member:1"})) for _ in range(5)]
        await until(spreading._begun.is_set)
        await publish_aside()
        await until(lambda: all(one.waiting.qsize() for one in (first, *others)))
        await spreading.close()
        return [one.waiting.qsize() for one in (first, *others)]

    assert asyncio.run(story()) == [1] * 6


def test_a_database_that_is_away_for_a_moment_ends_no_stream(
    rows: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hub, "POLL_BROKEN", 0.02)
    read, failing = Cursor.read, [True, True]

    def away(self: Cursor) -> Any:
        if failing:
            failing.pop()
            raise OperationalError("away")
        return read(self)

    monkeypatch.setattr(Cursor, "read", away)

    async def story() -> bool:
        spreading = hub.Hub()
        listener = spreading.listen(frozenset({"member:1"}))
        await until(spreading._begun.is_set)
        await publish_aside()
        await until(listener.waiting.qsize)
        await spreading.close()
        return not failing

    assert asyncio.run(story())


@pytest.mark.django_db
def test_yesterdays_events_are_removed() -> None:
    old, new = publish(), publish()
    Event.objects.filter(pk=old).update(at=timezone.now() - timedelta(hours=25))

    tasks.sweep()

    assert list(Event.objects.values_list("id", flat=True)) == [new]


@pytest.mark.django_db
def test_a_member_gets_a_key_to_the_own_channel_only(client: Client) -> None:
    member = cast.member()
    answer = cast.signed_in(client, member).post("/api/v1/events", data={}, content_type="application/json")

    assert answer.status_code == 200
    assert answer.json()["url"] == "/api/v1/events"
    assert tokens.read(answer.json()["token"]) == [channels.for_member(member.pk)]


@pytest.mark.django_db
def test_nobody_else_gets_a_key(client: Client) -> None:
    answer = client.post("/api/v1/events", data={}, content_type="application/json")

    assert answer.status_code == 401
    assert "token" not in answer.json()
