"""Every page: nothing sideways, nothing that axe calls serious, on phone and desk, light and dark, large."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import people
from tests.browser.conftest import MODULES
from tests.browser.photographs import photograph_here

PATHS = {
    "home": "/",
    "topic": f"/topics/{people.OTHER_TOPIC_SLUG}/",
    "course": f"/courses/{people.COURSE_SLUG}/",
    "watch": "",
    "upload": "/upload/",
    "mine": "/mine/",
    "points": "/points/",
    "featured": "/featured/",
    "search": "/search/?q=扳手",
    "sign-in": "/sign-in/",
    "sessions": "/sessions/",
}
# Where a lecture's author works on it, by the name of the way there. One that is out and a draft: each has what the
# other has not.
WORK = {
    "captions": ("字幕", people.FEATURED_TITLE),
    "chapters": ("章节", people.FEATURED_TITLE),
    "poster": ("封面", people.FEATURED_TITLE),
    "cut": ("剪辑", people.DRAFT_TITLE),
    "cut-waiting": ("剪辑", people.FEATURED_TITLE),
    "recording": ("换视频", people.FEATURED_TITLE),
    "recording-earlier": ("换视频", people.DRAFT_TITLE),
}
AXE = MODULES / "axe-core" / "axe.min.js"
LOOKS = [(width, scheme, size) for width in (390, 1440) for scheme in ("light", "dark") for size in ("", "large")]
# All rules once on each width; of the rest only what depends on colours and sizes.
ALL_RULES = {(390, "light", ""), (1440, "dark", "large")}
RUN = """async (onlyColours) => {
  const few = onlyColours ? { runOnly: ["color-contrast", "target-size"] } : {};
  const options = { resultTypes: ["violations"], ...few };
  const { violations } = await axe.run(document, options);
  const told = (node) => `${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 200)}`;
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(told).join(" | ")}`);
}"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What stands out on the right, to say it with the failure.
STICKS_OUT = """[...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 3).map((one) => one.outerHTML.slice(0, 160))"""


@pytest.fixture(scope="module")
def reader(visitors: Any) -> Any:
    """The branch secretary has something on every page: lectures, points, sessions, things left half-way."""
    page = visitors.page_for(people.SECRETARY, reduced_motion="reduce")  # no colour half-way to another
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def stranger(visitors: Any) -> Any:
    page = visitors.page_for(None, reduced_motion="reduce")
    yield page
    page.context.close()


@pytest.mark.parametrize("name", [*PATHS, *WORK])
def test_a_page_fits_and_can_be_read_by_everyone(name: str, reader: Any, stranger: Any) -> None:
    if not AXE.exists():
        pytest.skip("no axe-core among the Node modules: script/setup --dev brings it")
    page = stranger if name == "sign-in" else reader
    open_page(page, name)
    page.evaluate(AXE.read_text())  # by the debugger, so that the page keeps its strict policy
    found = []
    for width, scheme, size in LOOKS:
        page.set_viewport_size({"width": width, "height": 844 if width == 390 else 900})
        page.emulate_media(color_scheme=scheme)
        page.evaluate("(size) => { document.documentElement.dataset.type = size; }", size or "normal")
        here = f"{name} {width} {scheme} {size}"
        if page.evaluate(SIDEWAYS) > 0:
            found.append(f"{here}: scrolls sideways: {page.evaluate(STICKS_OUT)}")
        found += [f"{here}: {one}" for one in page.evaluate(RUN, (width, scheme, size) not in ALL_RULES)]
        if (scheme, size) != ("dark", ""):
            photograph_here(page, here.replace(" ", "-"))
    assert not found, "\n".join(found)


def open_page(page: Any, name: str) -> None:
    if name == "watch":
        page.goto(f"/search/?q={people.FEATURED_TITLE}")
        page.locator("main article h2 a").first.click()
        page.wait_for_selector("media-play-button")
    elif name in WORK:
        label, title = WORK[name]
        page.goto("/mine/")
        page.get_by_role("link", name=title).first.click()
        page.get_by_role("link", name=label, exact=True).first.click()
        expect(page.locator("main h1")).to_be_visible()
        if name == "recording-earlier":
            page.locator("main summary", has_text="换回这一份").click()
    else:
        assert page.goto(PATHS[name]).status == 200
    page.wait_for_load_state()
