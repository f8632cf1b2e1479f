"""Every page: nothing sideways, nothing that axe calls serious, on phone and desk, light and dark, large."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser import people
from tests.browser.conftest import MODULES

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


@pytest.mark.parametrize("name", PATHS)
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
    assert not found, "\n".join(found)


def open_page(page: Any, name: str) -> None:
    if name == "watch":
        page.goto(f"/search/?q={people.FEATURED_TITLE}")
        page.locator("main article h2 a").first.click()
        page.wait_for_selector("media-play-button")
    else:
        assert page.goto(PATHS[name]).status == 200
    page.wait_for_load_state()
