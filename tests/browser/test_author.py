"""What an author does to a lecture beside its words: captions, chapters, and how viewers get them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import people, playing
from tests.browser.photographs import photograph
from tests.browser.visitors import Visitors, until

# Takes the place of what the lecture began with, and keeps the sentence that the tests of search look for.
SRT = (
    "1\n00:00:00,000 --> 00:00:12,000\n先对角，再邻边\n\n"
    "2\n00:00:13,000 --> 00:00:24,000\n我把六句话写在手套箱盖上，谁来都看得见。\n"
)


@pytest.fixture
def author(visitors: Visitors) -> Iterator[Page]:
    page = visitors.page_for(people.READER, 1440)
    yield page
    page.context.close()


@pytest.fixture
def viewer(visitors: Visitors) -> Iterator[Page]:
    page = visitors.page_for(people.VIEWER, 390)
    yield page
    page.context.close()


def lecture_of(page: Page, title: str = people.LONG_TITLE) -> str:
    """Its address at the author's."""
    page.goto("/mine/")
    return str(page.get_by_role("link", name=title).first.get_attribute("href"))


def band(page: Page) -> list[str]:
    return list(page.locator(".player-captions span").all_text_contents())


def watch(page: Page) -> None:
    page.goto(f"/search/?q={people.LONG_TITLE}")
    page.locator("main article h2 a").first.click()
    page.wait_for_selector("media-play-button")


def test_captions_are_sent_read_through_and_shown(
    author: Page, viewer: Page, visitors: Visitors, tmp_path: Path
) -> None:
    author.goto(lecture_of(author))
    author.get_by_role("link", name="字幕", exact=True).click()
    wrong, right = tmp_path / "错.srt", tmp_path / "对.srt"
    wrong.write_text(SRT.replace("00:00:24,000", "00:00:11,000"))
    right.write_text(SRT)
    photograph(author, "captions-none")
    author.set_input_files("[name=file]", wrong)
    author.get_by_role("button", name="传这份字幕").click()
    expect(author.locator(".wrong")).to_contain_text("第6行")
    photograph(author, "captions-wrong")
    (said,) = visitors.forget_troubles()  # the browser's own line about the answer to a form with a mistake in it
    assert "400" in said
    author.set_input_files("[name=file]", right)
    author.get_by_role("button", name="传这份字幕").click()
    expect(author.get_by_role("heading", name="简体中文")).to_be_visible()
    photograph(author, "captions")
    author.get_by_role("link", name="从头看一遍").click()
    expect(author.locator(".transcript li")).to_have_count(2)
    photograph(author, "captions-read")

    def reached() -> bool:
        watch(viewer)
        playing.play(viewer)
        return bool(viewer.evaluate("[...document.querySelector('hls-video').textTracks].length"))

    until(viewer, reached, "the captions are in the master", seconds=60, every=2)
    choice = viewer.get_by_label("字幕", exact=True)
    expect(choice).to_be_visible()
    expect(choice).to_have_value("zh-Hans")  # on from the beginning
    until(viewer, lambda: band(viewer) == ["先对角，再邻边"], "they are shown")
    photograph(viewer, "watch-captions")
    choice.select_option("")
    assert band(viewer) == []
    viewer.reload()
    playing.play(viewer)
    expect(viewer.get_by_label("字幕", exact=True)).to_be_visible()
    viewer.wait_for_timeout(1500)
    assert band(viewer) == []  # what was chosen stays


def test_chapters_are_added_where_the_picture_is_and_lead_there(author: Page, viewer: Page) -> None:
    author.goto(lecture_of(author))
    author.get_by_role("link", name="章节", exact=True).click()
    photograph(author, "chapters-none")
    author.set_viewport_size({"width": 1440, "height": 900})
    playing.play(author)
    author.locator(".seek").press("PageUp")  # 30 s: to the end
    author.locator(".seek").press("ArrowLeft")
    author.locator(".seek").press("ArrowLeft")
    author.get_by_role("button", name="在现在的画面加一个").click()
    added = author.locator("[data-rows-list] [data-row]").last
    at = added.locator("[name=time]").input_value()
    assert at[:4] == "00:1"
    added.locator("[name=time]").fill("00:14")
    added.locator("[name=title]").fill("两道线")
    photograph(author, "chapters")
    author.get_by_role("button", name="存章节").click()
    expect(author.locator("[data-rows-list] [name=time]").nth(1)).to_have_value("00:14")
    expect(author.locator(".seek .gap rect")).to_have_count(1)

    watch(viewer)
    links = viewer.locator("[data-chapters] a")
    expect(links).to_have_count(2)
    expect(viewer.locator(".seek .gap rect")).to_have_count(1)
    links.nth(1).click()
    until(viewer, lambda: 13.9 < playing.seconds(viewer) < 20, "it plays from there")
    expect(links.nth(1)).to_have_attribute("aria-current", "true")
    assert "两道线" in str(viewer.locator(".seek").get_attribute("aria-valuetext"))
    photograph(viewer, "watch-chapters")


def test_a_page_without_pictures_to_choose_still_says_where_one_is(author: Page) -> None:
    author.goto(lecture_of(author))
    author.get_by_role("link", name="封面", exact=True).click()
    expect(author.get_by_role("heading", name="封面")).to_be_visible()
    photograph(author, "poster")


def uploaded(visitors: Visitors, film: Path) -> Page:
    """The author's page of a new recording that is ready."""
    page = visitors.page_for(people.AUTHOR, 1440)
    page.goto("/upload/")
    page.set_input_files("[data-upload-file]", film)
    sheet = page.locator("[data-upload-list] article").first
    expect(sheet).to_contain_text("写好标题和简介", timeout=120_000)
    page.goto(str(sheet.get_by_role("link", name="写标题和简介").get_attribute("href")))
    return page


def test_a_recording_is_trimmed_with_the_picture_and_the_old_one_shown_until_the_new_is_there(
    visitors: Visitors, films: Path
) -> None:
    page = uploaded(visitors, films / "long.mp4")
    page.get_by_role("link", name="剪辑", exact=True).click()
    playing.play(page)
    page.locator(".seek").press("Home")
    page.locator(".seek").press("ArrowRight")
    until(page, lambda: playing.seconds(page) >= 5, "five seconds on")
    page.get_by_role("button", name="从这里").first.press("Enter")  # by the keyboard
    assert page.locator("#start").input_value().startswith("00:05") or page.locator("#start").input_value() > "00:05"
    page.locator("#start").fill("00:02")
    page.locator("#end").fill("00:14.5")
    out = page.locator("[data-row]").first.locator("[data-time]")
    out.nth(0).fill("00:04")
    out.nth(1).fill("00:10")
    expect(page.locator("[data-cut-line] rect")).to_have_count(2)
    photograph(page, "cut")
    page.set_viewport_size({"width": 1440, "height": 900})
    seen = playing.noted(page)
    page.get_by_role("button", name="先看剪好的样子").click()
    until(page, lambda: any(2 <= at < 4.5 for at in seen()), "from its beginning", every=0.1)
    until(page, lambda: playing.seconds(page) > 9.9, "over what is left out", every=0.1)
    page.get_by_role("button", name="做成这一版").click()
    version = page.locator("#version")
    expect(version).to_contain_text("正在准备")
    photograph(page, "cut-preparing")
    expect(version.get_by_role("heading")).to_have_count(0, timeout=120_000)  # without a reload
    page.locator("main .over a").last.click()
    page.wait_for_url("**/mine/**")
    playing.play(page)
    expect(page.locator(".player-time")).to_contain_text("/ 00:06")
    photograph(page, "cut-taken")
    page.context.close()


def test_another_recording_is_sent_in_place_of_the_first_which_is_put_back(visitors: Visitors, films: Path) -> None:
    page = uploaded(visitors, films / "recording.mp4")
    page.get_by_role("link", name="换视频", exact=True).click()
    page.set_input_files("[data-upload-file]", films / "draft.mp4")
    page.get_by_role("link", name="先看一遍").click(timeout=120_000)
    page.wait_for_url("**/recording/")
    earlier = page.get_by_role("heading", name="以前放过的视频")

    def is_taken() -> bool:
        page.reload()
        return earlier.is_visible()

    until(page, is_taken, "the new recording is shown and the first one kept", seconds=120, every=2)
    photograph(page, "recording-earlier")
    kept = page.locator("section[aria-labelledby=earlier] article")
    before = kept.filter(has_text="recording.mp4")
    before.get_by_role("link", name="看一遍").click()
    playing.play(page)
    expect(page.locator(".player-time")).to_contain_text("/ 00:05")
    before.locator("summary").click()
    photograph(page, "recording-put-back")
    before.get_by_role("button", name="就换回这一份").click()
    expect(page.locator("body")).to_contain_text("又放原来那段视频")
    expect(kept.filter(has_text="draft.mp4")).to_be_visible()
    expect(before).to_have_count(0)
    page.context.close()
