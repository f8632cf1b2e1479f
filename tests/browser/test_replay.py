"""A livestream's recording: uploaded at the editors' desk, watched on the livestream's own page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Route, expect

from tests.browser import people, playing
from tests.browser.visitors import Visitors, until


def test_a_recording_uploaded_at_the_desk_becomes_the_presenters_replay(visitors: Visitors, films: Path) -> None:
    editor = visitors.page_for(people.EDITOR)
    editor.goto("/admin/livestreams/")
    held: list[Route] = []
    editor.route("**/upload*.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it calls
    editor.get_by_role("link", name=people.STREAM).click()
    editor.set_input_files("[data-upload-file]", films / "recording.mp4")
    until(editor, lambda: bool(held), "the page asks for its script, which comes after the choice")
    for route in held:
        route.continue_()
    editor.unroute("**/upload*.js")
    sheet = editor.locator("[data-upload-list] article")
    expect(sheet.locator(".state")).to_have_text("好了", timeout=150_000)
    expect(sheet).to_contain_text("录像挂上了。")
    editor.reload()
    expect(editor.locator("main")).to_contain_text("回放已经上线了。")
    editor.context.close()

    page = visitors.page_for(people.VIEWER, 390)
    page.goto(f"/live/{people.STREAM_SLUG}/")
    expect(page.locator("main header .meta")).to_contain_text(people.READER.name)
    expect(page.locator("main header .meta")).to_contain_text("直播回放")
    playing.play(page, rate="2")
    playing.play_to_the_end(page)

    hit = page.locator("main article", has=page.locator("h2 a", has_text=people.STREAM))
    until(page, lambda: page.goto("/search/?q=边修边讲") and hit.count(), "search finds the replay")
    expect(hit.locator(".meta")).to_contain_text(people.READER.name)
    page.context.close()
