"""One member, one playback: what happens when the same person plays in two places."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import people, playing
from tests.browser.visitors import Visitors, until


def test_playing_in_a_second_tab_stops_the_first_with_a_notice_and_back(visitors: Visitors) -> None:
    first = visitors.page_for(people.VIEWER)
    second = first.context.new_page()
    first.goto(f"/search/?q={people.LONG_TITLE}")
    url = first.locator("main article h2 a").first.get_attribute("href") or ""
    for page in (first, second):
        page.goto(url)
        page.wait_for_selector("media-play-button")

    playing.play(first)
    playing.play(second)
    expect(first.locator(".player-says")).to_contain_text(playing.ELSEWHERE)
    assert not playing.is_playing(first)
    assert playing.is_playing(second)

    first.get_by_role("button", name="改在这里看").click()
    expect(second.locator(".player-says")).to_contain_text(playing.ELSEWHERE)
    assert not playing.is_playing(second)
    until(first, lambda: playing.is_playing(first), "it goes on here")
    expect(first.locator(".player-says")).to_be_empty()
    first.context.close()
