"""People with browsers: a context each, signed in through the form, and everything that goes wrong in their pages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError

from tests.browser import people
from tests.browser.people import Person

PATIENCE = 60_000  # ms; two cores that also encode and run other tests are slow at times
HEIGHTS = {390: 844}
expect.set_options(timeout=PATIENCE)

# Chromium's own message for a violation names no rule when styles come from script; this one always does.
TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP ${event.effectiveDirective} ${event.blockedURI} ${event.sample} on ${event.documentURI}`));
"""


class Visitors:
    """`page_for(person, width)`: a page of that person's own browser. `troubles`: what no page may ever bring."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.troubles: list[str] = []
        self._states: dict[Person, Any] = {}
        self._contexts: list[BrowserContext] = []

    def page_for(self, person: Person | None, width: int = 1440, **options: Any) -> Page:
        """A new page in a browser that knows nothing but the sign-in; `None` is somebody who has none."""
        if person and person not in self._states:
            self._states[person] = self._sign_in(person)
        return self._context(width, storage_state=self._states[person] if person else None, **options).new_page()

    def device_of(self, person: Person, width: int = 390, path: str = "/") -> Page:
        """Another browser of the same person, who signs in there anew and goes to `path`."""
        page = self._context(width).new_page()
        sign_in(page, person, path)
        return page

    def _sign_in(self, person: Person) -> Any:
        context = self._context(1440)
        sign_in(context.new_page(), person)
        state = context.storage_state()
        context.close()
        return state

    def _context(self, width: int, **options: Any) -> BrowserContext:
        viewport = {"width": width, "height": HEIGHTS.get(width, 900)}
        context = self.browser.new_context(base_url=self.url, viewport=viewport, locale="zh-CN", **options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", lambda message: message.type == "error" and self._note(message.text, message.page))
        context.on("weberror", lambda error: self._note(str(error.error), error.page))
        context.on("response", lambda answer: answer.status >= 500 and self._note(f"{answer.status} {answer.url}"))
        self._contexts.append(context)
        return context

    def _note(self, what: str, page: Page | None = None) -> None:
        self.troubles.append(f"{page.url if page else ''}: {what}")

    def forget_troubles(self) -> list[str]:
        found, self.troubles = self.troubles, []
        return found

    def close(self) -> None:
        for context in self._contexts:
            with suppress(PlaywrightError):  # closed already
                context.close()


def sign_in(page: Page, person: Person, path: str = "/") -> None:
    """Through the form, with the phone number."""
    page.goto(f"/sign-in/?next={path}")
    fill_sign_in(page, person)
    expect(page.locator(".face").first).to_be_attached()


def fill_sign_in(page: Page, person: Person) -> None:
    page.fill("[name=identifier]", person.phone)
    page.fill("[name=password]", people.PASSWORD)
    page.locator("main form").get_by_role("button", name="登录").click()


def until(page: Any, holds: Callable[[], Any], what: str, *, seconds: float = 60, every: float = 0.5) -> Any:
    """Ask again until it holds; answers what it gave. For what the server does in its own time.

    And for what scripts hold: Playwright's own `wait_for_function` would need `eval`, which our policy forbids.
    """
    for _ in range(int(seconds / every)):
        if found := holds():
            return found
        page.wait_for_timeout(every * 1000)
    raise AssertionError(f"It did not come to pass: {what}")
