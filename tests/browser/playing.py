"""What a person does to the player, and what can be read from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.visitors import until

SEEN_IT_ALL = "你已经看完了。"
ELSEWHERE = "另一部手机正在放课。"


def seconds(page: Any) -> float:
    return float(page.evaluate("document.querySelector('hls-video').currentTime"))


def noted(page: Any) -> Callable[[], list[float]]:
    """Answers all moments it shows from now on: what is over soon is missed by whoever only asks now and then."""
    page.evaluate("""() => {
      const video = document.querySelector("hls-video");
      window.momentsShown = [];
      video.addEventListener("timeupdate", () => momentsShown.push(video.currentTime));
    }""")
    return lambda: list(page.evaluate("window.momentsShown"))


def is_playing(page: Any) -> bool:
    return bool(page.evaluate("!document.querySelector('hls-video').paused"))


def play(page: Any, *, rate: str = "1") -> None:
    """Press the key and see the picture move. `page` may be a frame."""
    page.wait_for_selector("media-play-button")
    before = seconds(page)
    if rate != "1":
        page.locator(".player-bar").get_by_label("倍速").select_option(rate)
    page.locator("media-play-button").click()
    moves = lambda: is_playing(page) and abs(seconds(page) - before) > 0.2  # noqa: E731 - reads as the sentence it is
    until(page, moves, "the picture moves", every=0.1)


def play_until(page: Page, moment: float) -> None:
    until(page, lambda: seconds(page) >= moment, f"the picture reaches {moment} s", every=0.1)


def play_to_the_end(page: Page) -> None:
    """To the last picture, and on until the server says that it counts."""
    until(page, lambda: page.evaluate("document.querySelector('hls-video').ended"), "the end", every=0.1)
    expect(page.locator("[data-progress-says]")).to_have_text(SEEN_IT_ALL)
