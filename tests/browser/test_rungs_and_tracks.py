"""Every rung, every sound and the captions of one recording play in Chromium through hls.js, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import people, playing
from tests.browser.visitors import Visitors, until
from tests.media_pipeline.footage import AAC, X264, ffmpeg

SECONDS = 14
CUES = "1\n00:00:01,000 --> 00:00:06,000\n同志们好\n\n2\n00:00:06,000 --> 00:00:13,000\n今天讲三点\n"
VIDEO = "document.querySelector('hls-video')"


@pytest.fixture
def page(visitors: Visitors) -> Iterator[Page]:
    page = visitors.page_for(people.AUTHOR, 390)
    yield page
    page.context.close()


def two_languages(folder: Path) -> Path:
    (folder / "cues.srt").write_text(CUES)
    length = ["-t", str(SECONDS)]
    inputs = ["-f", "lavfi", *length, "-i", "testsrc2=size=1280x720:rate=10"]
    for pitch in (300, 500):
        inputs += ["-f", "lavfi", *length, "-i", f"sine=frequency={pitch}"]
    maps = [word for number in range(4) for word in ("-map", str(number))]
    said = ["-metadata:s:a:0", "language=chi", "-metadata:s:a:1", "language=eng", "-metadata:s:s:0", "language=chi"]
    return ffmpeg(folder / "two.mkv", *inputs, "-i", str(folder / "cues.srt"), *maps, *X264, *AAC, *said, "-c:s", "srt")


def uploaded(page: Page, film: Path) -> None:
    """To its page, once all of it is there: further sounds and captions join after it is ready."""
    with page.expect_response(lambda answer: answer.url.endswith("/complete")) as completed:
        page.goto("/upload/")
        page.set_input_files("[data-upload-file]", film)
    asset = completed.value.json()["id"]

    def known() -> Any:
        return page.request.get(f"/api/v1/assets/{asset}").json()

    def has_all() -> bool:
        told = known()
        text = page.request.get(told["master_url"]).text() if told["state"] == "ready" else ""
        return (text.count("TYPE=AUDIO"), text.count("TYPE=SUBTITLES")) == (2, 1)

    until(page, has_all, "sounds and captions have joined", seconds=240, every=0.5)
    page.locator("[data-upload-list] article").get_by_role("link", name="先看一遍").click()
    page.wait_for_url("**/mine/**")


def from_the_beginning(page: Page, what: str) -> None:
    page.evaluate(f"{VIDEO}.currentTime = 0; {VIDEO}.play()")
    until(page, lambda: 0.8 < playing.seconds(page) < SECONDS, f"{what} plays", seconds=60, every=0.1)


def test_each_rung_each_sound_and_the_captions_play(page: Page, tmp_path: Path) -> None:
    uploaded(page, two_languages(tmp_path))
    playing.play(page)
    heights = page.evaluate(f"{VIDEO}.api.levels.map((one) => one.height)")
    assert sorted(heights) == [240, 360, 480, 720]

    for number, height in enumerate(heights):
        page.evaluate(f"{VIDEO}.api.currentLevel = {number}")
        from_the_beginning(page, f"{height} lines")
        seen = lambda height=height: page.evaluate(f"{VIDEO}.nativeEl.videoHeight") == height  # noqa: E731 - as it reads
        until(page, seen, f"the picture has {height} lines", seconds=60, every=0.1)

    languages = page.evaluate(f"{VIDEO}.api.audioTracks.map((one) => one.lang)")
    assert languages == ["zh", "en"]
    for number in (1, 0):
        page.evaluate(f"{VIDEO}.api.audioTrack = {number}")
        until(page, lambda number=number: page.evaluate(f"{VIDEO}.api.audioTrack") == number, "the other sound")
        before = page.evaluate(f"{VIDEO}.nativeEl.webkitAudioDecodedByteCount")
        from_the_beginning(page, languages[number])
        decoded = lambda before=before: page.evaluate(f"{VIDEO}.nativeEl.webkitAudioDecodedByteCount") > before  # noqa: E731
        until(page, decoded, f"{languages[number]} is heard", seconds=60, every=0.1)

    page.evaluate(f"{VIDEO}.api.subtitleTrack = 0; {VIDEO}.api.subtitleDisplay = true")
    cues = f"[...{VIDEO}.nativeEl.textTracks].flatMap((one) => [...(one.cues ?? [])].map((cue) => cue.text))"
    from_the_beginning(page, "the picture with its captions")
    until(page, lambda: {"同志们好", "今天讲三点"} <= set(page.evaluate(cues)), "the captions are there", seconds=60)
