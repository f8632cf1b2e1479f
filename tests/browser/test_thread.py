"""The main job from end to end, by four people in their own browsers: upload, review, find, watch, share, points, mark.

The tests of this file are one story, told in order; each goes on from what the ones before it left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engagement import sharing
from tests.browser import people, playing
from tests.browser.site import Site
from tests.browser.visitors import Visitors, fill_sign_in, until

TITLE = "一堂关于扭矩的党课"
SUMMARY = "拧到位和拧紧是两回事。我把返工的那一晚讲给大家听。"
REASON = "片头有半分钟没有声音，剪掉再交一次。"
MOST = 4 * 1024 * 1024  # bytes a second: slow enough that parts are broken off in the middle, too
LAST_PART = re.compile(r"/parts/\w+/3")
LENGTH = 12  # seconds of the film
PART = re.compile(r"/parts/(\w+)/(\d+)")


@dataclass
class Story:
    """What one test finds out and a later one needs."""

    draft: str = ""  # the author's page of the lecture
    reason: str = ""  # why the editor returned it
    url: str = ""  # where everyone watches it
    link: str = ""  # the viewer's own link to it

    def so_far(self, *needed: str) -> None:
        if missing := [name for name in needed if not getattr(self, name)]:
            pytest.skip(f"the story broke off earlier: no {', '.join(missing)}")


@pytest.fixture(scope="module")
def story() -> Story:
    return Story()


@pytest.fixture(scope="module")
def author(visitors: Visitors) -> Iterator[Page]:
    page = visitors.page_for(people.AUTHOR)
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def editor(visitors: Visitors) -> Iterator[Page]:
    page = visitors.page_for(people.EDITOR)
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def viewer(visitors: Visitors) -> Iterator[Page]:
    page = visitors.page_for(people.VIEWER)
    yield page
    page.context.close()


# ---- the upload ----


def test_an_upload_stopped_and_reloaded_goes_on_with_the_missing_parts(author: Page, films: Path, story: Story) -> None:
    author.goto("/upload/")
    network = author.context.new_cdp_session(author)
    network.send("Network.enable")
    throttle(network, MOST)
    puts = listen_for_parts(author)
    author.route(LAST_PART, lambda route: None)  # on its way until the page is left

    author.set_input_files("[data-upload-file]", films / "thread.mp4")
    sheet = author.locator("[data-upload-list] article")
    expect(sheet).to_contain_text(re.compile("3段收到[12]段"))
    sheet.get_by_role("button", name="先停一停").click()
    expect(sheet).to_contain_text("停住了")
    upload = puts[0][0]
    assert {number for _upload, number in puts} == {1, 2, 3}
    author.reload()
    author.unroute(LAST_PART)
    expect(sheet).to_contain_text("没传完")
    here = parts_at_the_server(author, upload)
    assert 0 < len(here) < 3

    puts.clear()
    throttle(network, -1)
    remember_steps(author)
    sheet.locator("input[type=file]").set_input_files(films / "thread.mp4")
    expect(sheet.locator(".steps")).to_be_visible()
    assert sorted(puts) == [(upload, number) for number in sorted({1, 2, 3} - here)]
    follow_preparation(author, story)


def throttle(network: Any, upload: int) -> None:
    facts = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": upload}
    network.send("Network.emulateNetworkConditions", facts)


def listen_for_parts(page: Page) -> list[tuple[str, int]]:
    """Every part the page sends from now on, as (upload, number)."""
    puts: list[tuple[str, int]] = []

    def heard(request: Any) -> None:
        found = PART.search(request.url)
        if request.method == "PUT" and found:
            puts.append((found[1], int(found[2])))

    page.on("request", heard)
    return puts


def parts_at_the_server(page: Page, upload: str) -> set[int]:
    answer = page.request.get(f"/api/v1/uploads/{upload}/parts")
    return {part["number"] for part in answer.json()["parts"]}


def remember_steps(page: Page) -> None:
    """Notes in the page which step is marked as the present one, whenever that changes."""
    page.evaluate("""() => {
      window.stepsSeen = [];
      new MutationObserver(() => {
        const at = document.querySelector("[data-upload-list] .steps .at span")?.textContent;
        if (at && at !== stepsSeen[stepsSeen.length - 1]) stepsSeen.push(at);
      }).observe(document.querySelector("[data-upload-list]"), { subtree: true, childList: true });
    }""")


def follow_preparation(page: Page, story: Story) -> None:
    """Until it can be watched, without loading the page again."""
    sheet = page.locator("[data-upload-list] article")
    expect(sheet.locator(".state")).to_have_text("好了", timeout=150_000)
    expect(sheet.locator(".steps .done")).to_have_count(5)
    seen = page.evaluate("window.stepsSeen")
    assert set(seen) & {"检查画面和声音", "制作清晰度"}, seen
    story.draft = sheet.get_by_role("link", name="写标题和简介").get_attribute("href") or ""


# ---- the editors ----


def test_the_author_describes_it_and_an_editor_returns_it_with_a_reason(
    author: Page, editor: Page, story: Story
) -> None:
    story.so_far("draft")
    author.goto(story.draft)
    playing.play(author)
    author.fill("[name=title]", TITLE)
    author.fill("[name=summary]", SUMMARY)
    author.select_option("select[name=topic]", label=people.TOPIC)
    author.get_by_role("button", name="交给编辑").click()
    expect(author.locator("main .state").first).to_have_text("在编辑那里")

    open_review(editor)
    playing.play(until(editor, lambda: editor.frame(url=re.compile("/preview/")), "the preview opens", every=0.1))
    editor.locator("details summary", has_text="退回").click()
    editor.fill("#reason-return", REASON)
    editor.get_by_role("button", name="写明原因退回").click()
    editor.wait_for_load_state()

    author.goto("/mine/")
    row = author.locator("article", has_text=TITLE)
    expect(row).to_contain_text("编辑退回来了：")
    expect(row).to_contain_text(REASON)
    story.reason = REASON


def test_handed_in_again_and_approved_it_is_out(author: Page, editor: Page, story: Story) -> None:
    story.so_far("draft", "reason")
    author.goto(story.draft)
    author.get_by_role("button", name="交给编辑").click()
    expect(author.locator("main .state").first).to_have_text("在编辑那里")
    open_review(editor)
    editor.get_by_role("button", name="批准", exact=True).click()
    editor.wait_for_load_state()
    author.goto("/mine/")
    way = author.locator("article", has_text=TITLE).get_by_role("link", name="打开它的页面")
    story.url = way.get_attribute("href") or ""


def open_review(editor: Page) -> None:
    editor.goto("/admin/review/")
    editor.get_by_role("link", name=TITLE).click()
    expect(editor.locator("iframe.desk-preview")).to_be_visible()


# ---- found ----


def test_it_is_on_the_home_page_in_its_topic_and_in_search(viewer: Page, story: Story) -> None:
    story.so_far("url")
    for path in ("/", f"/topics/{people.TOPIC_SLUG}/"):
        viewer.goto(path)
        expect(viewer.locator(f"main a[href='{story.url}']", has_text=TITLE).first).to_be_visible()
    hit = viewer.locator("main article h2 a", has_text=TITLE)
    for words in ("党课", "黨課"):
        until(viewer, lambda words=words: viewer.goto(f"/search/?q={words}") and hit.count(), f"{words} finds it")
        expect(hit.locator("mark")).to_have_text("党课")


# ---- watched ----


def test_left_half_way_it_goes_on_there_on_another_device_and_is_completed(
    viewer: Page, visitors: Visitors, story: Story
) -> None:
    story.so_far("url")
    viewer.goto(story.url)
    playing.play(viewer)
    playing.play_until(viewer, LENGTH / 2)
    left_at = playing.seconds(viewer)
    viewer.goto("/")
    go_on = viewer.locator("a.btn-main", has_text="接着看")
    until(viewer, lambda: viewer.reload() and go_on.count(), "the home page begins with it")

    phone = visitors.device_of(people.VIEWER, path=story.url)
    expect(phone.locator(".player-time")).to_have_text(re.compile(r"^00:0[5-8] / 00:12$"))
    playing.play(phone)
    assert left_at - 1.5 < playing.seconds(phone) < left_at + 3
    playing.play_to_the_end(phone)
    phone.context.close()


# ---- shared ----


def test_a_personal_link_brings_a_colleague_who_signs_in_and_watches_to_the_end(
    viewer: Page, visitors: Visitors, story: Story
) -> None:
    story.so_far("url")
    viewer.goto(story.url)
    viewer.get_by_role("button", name="生成我的链接和二维码").click()
    story.link = viewer.locator("[data-copy]").get_attribute("data-copy") or ""
    code = viewer.locator("img.qr")
    expect(code).to_have_js_property("complete", True)
    drawn = viewer.request.get(code.get_attribute("src") or "").body()
    assert drawn == sharing.qr_svg(story.link)

    guest = visitors.page_for(None, 390)
    guest.goto(story.link)
    expect(guest.locator("main")).to_contain_text(people.VIEWER.name)
    guest.get_by_role("link", name="登录，接着看").click()
    fill_sign_in(guest, people.GUEST)
    guest.wait_for_url(f"**{story.url}")
    playing.play(guest, rate="2")
    playing.play_to_the_end(guest)
    guest.context.close()


# ---- points ----


def test_the_author_has_two_view_points_and_the_sharer_one_each_with_its_cause(
    author: Page, viewer: Page, story: Story
) -> None:
    story.so_far("link")
    expect(entries(author, f"《{TITLE}》有人看完")).to_have_count(2)
    for branch in (people.VIEWER.branch, people.GUEST.branch):
        cause = author.locator("ul.entries li", has_text=f"观看分。{branch}的一位同事")
        expect(cause.locator(".amount")).to_contain_text("+1")
    shared = entries(viewer, f"你转发的《{TITLE}》有人看完")
    expect(shared).to_have_count(1)
    expect(shared.locator(".amount")).to_contain_text("+1")
    expect(shared.locator(".why")).to_contain_text("转发分。对方")


def entries(page: Page, what: str) -> Any:
    page.goto("/points/")
    return page.locator("section[aria-labelledby=list] ul.entries li", has_text=what)


# ---- marked ----


def test_the_rule_finds_it_an_editor_confirms_and_the_seal_is_everywhere(
    site: Site, editor: Page, viewer: Page, story: Story
) -> None:
    story.so_far("link")
    assert not site.manage("featured_run").startswith("0 new candidates")  # other tests' lectures may be among them
    editor.goto("/admin/featured/")
    candidate = editor.locator("section", has_text=TITLE)
    candidate.get_by_role("button", name="确认为精品").click()
    expect(editor.locator("table", has_text=TITLE)).to_be_visible()

    viewer.goto("/")
    expect(viewer.locator("article.card", has_text=TITLE).locator(".seal").first).to_have_text("精品党课")
    viewer.goto(story.url)
    expect(viewer.locator("main header .seal")).to_have_text("精品党课")
    viewer.goto("/search/?q=党课")
    hit = viewer.locator("main article", has=viewer.locator("h2 a", has_text=TITLE))
    expect(hit.locator(".seal")).to_have_text("精品党课")
    viewer.goto("/featured/")
    expect(viewer.locator(".winner h3", has_text=TITLE)).to_be_visible()
