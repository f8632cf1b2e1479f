"""What an author sees of a recording while it is still being made: it plays, and it gets better without a stop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import people, playing
from tests.browser.encoders import standing_still
from tests.browser.site import Site
from tests.browser.visitors import Visitors, until
from tests.media_pipeline.footage import X264, film

SECONDS = 24
BUSY = "testsrc2=size=1280x720:rate=10,noise=alls=12:allf=t"  # noisy: it is not taken as a rung as it is
RATE = ("-b:v", "4M")


@pytest.fixture
def page(visitors: Visitors) -> Iterator[Page]:
    page = visitors.page_for(people.AUTHOR, 390)
    yield page
    page.context.close()


def upload_and_look(page: Page, film: Path) -> str:
    """Until the sheet offers to watch it, and there; answers the asset's name in the API."""
    with page.expect_response(lambda answer: answer.url.endswith("/complete")) as completed:
        page.goto("/upload/")
        page.set_input_files("[data-upload-file]", film)
    asset: str = completed.value.json()["id"]
    sheet = page.locator("[data-upload-list] article")
    sheet.get_by_role("link", name="先看一遍").click(timeout=120_000)
    page.wait_for_url("**/mine/**")
    expect(page.locator("#preview-says")).to_contain_text("已经能看了。")
    return asset


def state(page: Page, asset: str) -> dict[str, Any]:
    found: dict[str, Any] = page.request.get(f"/api/v1/assets/{asset}").json()
    return found


def length(page: Page) -> float:
    return float(page.evaluate("document.querySelector('hls-video').duration || 0"))


def qualities(page: Page) -> list[str]:
    return page.locator(".player-select.player-more option").all_text_contents()[1:]


def test_a_web_friendly_file_plays_before_its_ladder_is_there_and_nobody_is_interrupted(
    page: Page, site: Site, tmp_path: Path
) -> None:
    source = film(tmp_path / "web.mp4", *X264, *RATE, "-g", "20", "-c:a", "aac", picture=BUSY, seconds=SECONDS)
    with standing_still(site):
        asset = upload_and_look(page, source)
        assert page.locator("hls-video").get_attribute("poster") is None  # its pictures are made last

        playing.play(page)
        assert state(page, asset)["state"] == "preparing"
        assert qualities(page) == ["720p"]
        first = page.evaluate("document.querySelector('hls-video').src")
        page.locator("media-play-button").click()  # in the middle of it, for as long as the ladder takes
        stood = playing.seconds(page)

    until(page, lambda: state(page, asset)["state"] == "ready", "the ladder is there", seconds=180)
    expect(page.locator("#preview-says")).not_to_contain_text("已经能看了。")
    playing.play(page)
    assert stood <= playing.seconds(page) < stood + 5
    assert page.evaluate("document.querySelector('hls-video').src") == first  # on it goes, with what it began with

    page.reload()
    assert page.locator("hls-video").get_attribute("poster")
    playing.play(page)
    assert page.evaluate("document.querySelector('hls-video').src") != first
    assert qualities(page) == ["720p", "480p", "360p", "240p"]


def test_any_other_file_plays_while_it_grows(page: Page, site: Site, tmp_path: Path) -> None:
    source = film(tmp_path / "old.avi", "-c:v", "mpeg4", *RATE, "-c:a", "mp3", picture=BUSY, seconds=SECONDS)
    with standing_still(site):
        asset = upload_and_look(page, source)
        seek = page.locator(".seek")

        playing.play(page)
        assert playing.seconds(page) < 3  # from the beginning, not from the newest moment as in a broadcast
        expect(page.locator(".player-time")).to_contain_text(f"/ 00:{SECONDS}")
        begun = length(page)
        assert 0 < begun < SECONDS - 4
        assert "现在做好了前" in str(seek.get_attribute("aria-valuetext"))

        seek.press("End")
        expect(page.locator(".player-says")).to_contain_text("后面的正在做")
        assert playing.seconds(page) < length(page)
        seek.press("Home")
    until(page, lambda: length(page) > begun + 3, "it grows", seconds=120)

    until(page, lambda: state(page, asset)["state"] == "ready", "all of it is there", seconds=180)
    until(page, lambda: length(page) > SECONDS - 1, "the player has all of it", seconds=60)
    expect(seek).not_to_have_attribute("aria-valuetext", re.compile("现在做好了前"))
    assert qualities(page) == ["720p", "480p", "360p", "240p"]
