"""Every quality, every sound and every caption of a recording, played by hls.js in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import people, playing
from tests.browser.visitors import Visitors, until
from tests.media_pipeline.footage import X264, ffmpeg

SECONDS = 16
CAPTIONS = "1\n00:00:00,000 --> 00:00:15,000\n交班的时候，把事情说清楚\n"
# What hls.js holds: as in the player's element, `api`.
HLS = "document.querySelector('hls-video').api"


@pytest.fixture
def page(visitors: Visitors) -> Iterator[Page]:
    page = visitors.page_for(people.AUTHOR, 390)
    yield page
    page.context.close()


def recording(folder: Path) -> Path:
    """Two languages and captions, in one file."""
    (folder / "zh.srt").write_text(CAPTIONS)
    lavfi = ("-f", "lavfi", "-t", str(SECONDS), "-i")
    return ffmpeg(
        folder / "two-languages.mkv",
        *lavfi, "testsrc2=size=1280x720:rate=25", *lavfi, "sine=300", *lavfi, "sine=600",
        "-i", str(folder / "zh.srt"), "-map", "0", "-map", "1", "-map", "2", "-map", "3",
        *X264, "-c:a", "aac", "-c:s", "srt", "-metadata:s:a:0", "language=zho", "-metadata:s:a:1", "language=eng",
        "-metadata:s:s:0", "language=zho",
    )  # fmt: skip


def uploaded(page: Page, film: Path) -> None:
    """Sent, prepared to the end, and open in its author's preview."""
    with page.expect_response(lambda answer: answer.url.endswith("/complete")) as completed:
        page.goto("/upload/")
        page.set_input_files("[data-upload-file]", film)
    asset = completed.value.json()["id"]
    ready = lambda: page.request.get(f"/api/v1/assets/{asset}").json()["state"] == "ready"  # noqa: E731 - a sentence
    until(page, ready, "it is ready", seconds=180)
    page.goto("/mine/")
    page.get_by_role("link", name="two-languages").first.click()
    page.wait_for_selector("hls-video")


def asked(page: Page, expression: str) -> Any:
    return page.evaluate(f"{HLS}.{expression}")


def goes_on(page: Page, what: str) -> None:
    """The picture moves on from where it is."""
    before = playing.seconds(page)
    until(page, lambda: playing.seconds(page) > before + 0.4, what, every=0.1)


def test_each_quality_sound_and_caption_plays(page: Page, tmp_path: Path) -> None:
    uploaded(page, recording(tmp_path))
    playing.play(page)
    heights = asked(page, "levels.map(level => level.height)")
    assert sorted(heights) == [240, 360, 480, 720]
    for number, height in enumerate(heights):
        page.evaluate(f"document.querySelector('hls-video').currentTime = 0; {HLS}.currentLevel = {number}")
        shown = lambda wanted=height: page.evaluate("document.querySelector('hls-video').videoHeight") == wanted  # noqa: E731
        until(page, shown, f"{height}p is shown", every=0.1)
        goes_on(page, f"{height}p plays")

    sounds = asked(page, "audioTracks.map(track => track.lang)")
    assert len(sounds) == 2
    assert len(set(sounds)) == 2
    for number, language in enumerate(sounds):
        page.evaluate(f"document.querySelector('hls-video').currentTime = 0; {HLS}.audioTrack = {number}")
        until(page, lambda wanted=number: asked(page, "audioTrack") == wanted, f"{language} is heard", every=0.1)
        goes_on(page, f"{language} plays")

    page.evaluate(f"document.querySelector('hls-video').currentTime = 0; {HLS}.subtitleTrack = 0")
    cues = (
        "Array.from(document.querySelector('hls-video').textTracks).flatMap(track => Array.from(track.cues || []))"
        ".map(cue => cue.text)"
    )
    until(page, lambda: "交班的时候，把事情说清楚" in page.evaluate(cues), "the caption is there", every=0.1)
