"""The stream door: who may hear what, what comes again after a break, how a stream ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from typing import Any

import pytest
from django.core import signing

from push import cursor, hub, stream, tokens
from push.models import Event
from tests.push.browser import Browser, opened, publish, publish_aside, until


def test_a_member_hears_what_happens_and_nothing_of_others(rows: None) -> None:
    async def story() -> Browser:
        browser = Browser("member:1")
        async with opened(browser):
            await publish_aside("member:2", secret=True)
            await publish_aside("member:1", progress=300)
            await until(lambda: browser.ids)
        return browser

    browser = asyncio.run(story())
    assert browser.sent[0]["status"] == 200
    assert dict(browser.sent[0]["headers"])[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert browser.text.startswith("retry: ")
    assert 'event: job\ndata: {"channel": "member:1", "progress": 300}\n\n' in browser.text
    assert "secret" not in browser.text


def test_a_break_does_not_open_foreign_channels(rows: None) -> None:
    publish("member:2", secret=True)
    own = publish("member:1")

    async def story() -> Browser:
        browser = Browser("member:1", after=0)
        async with opened(browser):
            await until(lambda: browser.ids)
        return browser

    assert asyncio.run(story()).ids == [own]


@pytest.mark.parametrize("by_header", [True, False])
def test_a_stream_goes_on_where_it_broke_off(rows: None, by_header: bool) -> None:
    first, *rest = [publish(number=number) for number in range(4)]

    async def story() -> Browser:
        query = "" if by_header else f"token={tokens.issue(['member:1'])}&after={first}"
        browser = Browser("member:1", query=query, after=first if by_header else None)
        async with opened(browser):
            rest.append(await publish_aside(number=9))
            await until(lambda: rest[-1] in browser.ids)
        return browser

    assert [pk for pk in asyncio.run(story()).ids if pk > first] == rest


def test_a_long_absence_is_told_whole_in_order_and_once(rows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than a page and than a stream's queue, while new things happen."""
    monkeypatch.setattr(cursor, "AT_ONCE", 20)
    monkeypatch.setattr(hub, "QUEUE_SIZE", 30)
    Event.objects.bulk_create([Event(channel="member:1", kind="job", payload={}) for _ in range(100)])

    async def story() -> Browser:
        browser = Browser("member:1", after=0)
        async with opened(browser):
            for number in range(5):
                await publish_aside(number=number)
            await until(lambda: len(browser.ids) >= 105)
        return browser

    assert asyncio.run(story()).ids == list(Event.objects.order_by("id").values_list("id", flat=True))


def test_without_a_cursor_old_news_is_not_told(rows: None) -> None:
    publish(number=1)

    async def story() -> tuple[Browser, int]:
        browser = Browser("member:1")
        async with opened(browser):
            new = await publish_aside(number=2)
            await until(lambda: browser.ids)
        return browser, new

    browser, new = asyncio.run(story())
    assert browser.ids == [new]


@pytest.mark.parametrize("after", ["", "-1", "x", "9" * 40, "²"])
def test_a_cursor_nobody_gave_out_means_from_now_on(after: str) -> None:
    assert stream._after({"headers": [(b"last-event-id", after.encode())]}, {}) is None


def test_silence_is_broken_by_comments(rows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.02)

    async def story() -> Browser:
        browser = Browser()
        async with opened(browser):
            await until(lambda: browser.text.count("\n: still here\n") >= 2)
        return browser

    assert asyncio.run(story()).ids == []


@pytest.mark.parametrize("token", ["", "nonsense", signing.dumps(["member:1"], salt="something else")])
def test_a_bad_token_opens_nothing(token: str) -> None:
    browser = Browser(query=f"token={token}")
    asyncio.run(browser.open())

    assert browser.sent[0]["status"] == 403
    assert json.loads(browser.text)["code"] == "stream_token_bad"
    assert set(json.loads(browser.text)["message"]) == {"zh-hans", "en"}


def test_a_token_is_good_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser("member:1")
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + tokens.GOOD_FOR + 1)
    asyncio.run(browser.open())

    assert browser.sent[0]["status"] == 403


def test_a_stream_is_only_read() -> None:
    browser = Browser("member:1", method="PUT")
    asyncio.run(browser.open())

    assert (browser.sent[0]["status"], json.loads(browser.text)["code"]) == (405, "stream_only_get")


def test_a_browser_that_goes_leaves_nothing_behind(rows: None) -> None:
    async def story() -> tuple[int, int, Any]:
        browser = Browser()
        async with opened(browser):
            during = len(stream.hub)
        await until(lambda: stream.hub._poller is None)
        return during, len(stream.hub), browser.sent[-1].get("more_body")

    during, after, more = asyncio.run(story())
    assert (during, after, more) == (1, 0, True)  # nothing is sent to who has gone


def test_a_client_that_reads_too_slowly_is_sent_away_and_misses_nothing(
    rows: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "QUEUE_SIZE", 3)
    monkeypatch.setattr(stream, "GOODBYE", 0.02)

    class Slow(Browser):
        """Takes one event; the next finds the line full."""

        async def _send(self, message: Any) -> None:
            if self.ids:
                await asyncio.Event().wait()
            await super()._send(message)

    async def story() -> list[int]:
        slow = Slow()
        task = asyncio.create_task(slow.open())
        await until(stream.hub._begun.is_set)
        newest = [await publish_aside(number=number) for number in range(8)][-1]
        await asyncio.wait_for(task, 30)  # although its client never took more
        again = Browser(after=slow.ids[-1])
        async with opened(again):
            await until(lambda: again.ids and again.ids[-1] == newest)
        return slow.ids + [pk for pk in again.ids if pk not in slow.ids]

    assert asyncio.run(story()) == list(Event.objects.order_by("id").values_list("id", flat=True))


def test_shutdown_ends_every_stream_and_opens_no_other(rows: None) -> None:
    async def story() -> list[Browser]:
        browsers = [Browser() for _ in range(3)]
        tasks = [asyncio.create_task(browser.open()) for browser in browsers]
        await until(lambda: len(stream.hub) == 3 and stream.hub._begun.is_set())
        await stream.shutdown()
        late = Browser()
        await asyncio.wait_for(asyncio.gather(*tasks, late.open()), 30)
        return [*browsers, late]

    for browser in asyncio.run(story()):
        assert browser.sent[-1] == {"type": "http.response.body", "body": b""}


def test_a_signal_to_stop_ends_the_streams_and_reaches_whoever_had_it(rows: None) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGUSR2, lambda number, frame: heard.append(number))

    async def story() -> Browser:
        stream.end_on(signal.SIGUSR2)
        browser = Browser()
        task = asyncio.create_task(browser.open())
        await until(stream.hub._begun.is_set)
        os.kill(os.getpid(), signal.SIGUSR2)
        await asyncio.wait_for(task, 30)
        return browser

    try:
        browser = asyncio.run(story())
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert browser.sent[-1] == {"type": "http.response.body", "body": b""}
    assert heard == [signal.SIGUSR2]
