"""The search page under somebody's fingers: results and suggestions at once, moments, keys, this device's memory."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import people
from tests.browser.visitors import until

SHOTS = os.environ.get("SHOTS", "")  # a folder to look at the pages in


@pytest.fixture(params=[390, 1440])
def page(request: Any, visitors: Any) -> Iterator[Any]:
    page = visitors.page_for(people.GUEST, request.param, reduced_motion="reduce")
    yield page
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{request.node.originalname}-{request.param}.png", full_page=True)
    page.context.close()
    assert visitors.troubles == []


def test_results_come_while_one_types_and_the_address_follows(page: Any) -> None:
    page.goto("/search/")
    page.locator("#q").press_sequentially("手套", delay=40)
    moment = page.locator("#results .moment").first
    moment.get_by_text("手套箱盖上").wait_for()
    assert "q=%E6%89%8B%E5%A5%97" in page.url
    page.locator("#results svg.tile").first.wait_for()
    assert "?t=13" in moment.get_attribute("href")
    moment.click()
    page.wait_for_selector("media-play-button")
    assert page.url.endswith("?t=13")


def test_titles_are_suggested_and_chosen_by_keys(page: Any) -> None:
    page.goto("/search/")
    page.locator("#q").press_sequentially("yeban", delay=40)
    options = page.locator("main [role=option]")
    options.get_by_text(people.LONG_TITLE).wait_for()
    page.keyboard.press("Escape")
    assert options.count() == 0
    page.locator("#q").press_sequentially("ji", delay=40)
    options.first.wait_for()
    page.keyboard.press("ArrowDown")
    assert options.first.get_attribute("aria-selected") == "true"
    page.keyboard.press("Enter")
    page.wait_for_url("**/lectures/**")


def test_a_question_that_is_overtaken_takes_nothing_from_the_next(page: Any) -> None:
    page.goto("/search/")
    overtaken: list[Any] = []
    page.route(re.compile(r"/search/suggestions/\?q=ye$"), lambda route: overtaken.append(route))  # noqa: PLW0108 - Playwright marks what it calls
    page.locator("#q").press_sequentially("ye")
    until(page, lambda: overtaken, "the first question is on its way, and stays there", every=0.05)
    page.locator("#q").press_sequentially("ban")
    page.locator("main [role=option]").get_by_text(people.LONG_TITLE).wait_for()


def test_what_was_searched_for_stays_on_this_device_and_can_be_forgotten(page: Any) -> None:
    page.goto("/search/?q=")
    page.locator("#q").fill("夜班交接")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto("/search/")
    page.keyboard.press("/")
    row = page.locator("main [role=option]").first
    row.wait_for()
    assert row.inner_text() == "夜班交接"
    page.get_by_text("清除本机的搜索记录").click()
    page.reload()
    page.keyboard.press("/")
    page.wait_for_timeout(400)
    assert page.locator("main [role=option]").count() == 0


def test_the_page_narrows_and_offers(page: Any) -> None:
    page.goto("/search/?q=手套香")
    page.get_by_role("link", name="手套箱", exact=True).click()
    page.locator("#results mark").get_by_text("手套箱").wait_for()
    page.goto("/search/?q=拖拉机")
    page.get_by_text("没有党课讲到这个").wait_for()
    page.goto("/search/?q=交接")
    page.get_by_text("更多条件和排序").click()
    page.get_by_role("link", name="最新", exact=True).click()
    page.wait_for_url("**order=new**")
    assert page.locator("#results article").count() >= 1


def test_what_is_typed_before_the_script_has_come_is_searched_for(page: Any) -> None:
    page.goto(f"/search/?q={people.LONG_TITLE}")
    lecture = page.locator("main article h2 a").first.get_attribute("href")
    held: list[Any] = []
    page.route(re.compile(r"/search[^/]*\.js$"), lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it calls
    page.goto(lecture, wait_until="commit")
    page.locator("#inside-q").fill("手套")
    until(page, lambda: held, "the page has asked for its script", every=0.05)
    held.pop().continue_()
    page.locator("#inside-found .moment").first.wait_for()


def test_a_lecture_is_searched_where_it_is_watched(page: Any) -> None:
    page.goto(f"/search/?q={people.LONG_TITLE}")
    page.locator("main article h2 a").first.click()
    page.locator("#inside-q").press_sequentially("手套", delay=40)
    found = page.locator("#inside-found .moment")
    found.first.wait_for()
    found.first.click()
    now = "document.querySelector('hls-video')?.currentTime || 0"
    until(page, lambda: page.evaluate(now) > 12.5, "the player goes to the moment")
