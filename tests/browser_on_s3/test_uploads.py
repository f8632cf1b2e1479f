"""An upload through Chromium straight to an S3 service, until it plays through our own door."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Response, Route, expect

from tests.browser import people, playing
from tests.browser.site import Site
from tests.browser.visitors import Visitors
from tests.media_pipeline import s3_server

MOST = 4 * 1024 * 1024  # bytes a second: slow enough that parts are broken off in the middle, too
LAST_PART = re.compile(r"partNumber=3")
SENT_AGAIN_WITHIN = 60


@pytest.fixture
def network(visitors: Visitors) -> Any:
    """What the page of a member asks of whom; `page`, and `asked`: (method, address) of each request so far."""

    class Network:
        def __init__(self, page: Page) -> None:
            self.page, self.asked = page, []
            page.on("request", self._note)

        def _note(self, request: Request) -> None:
            self.asked.append((request.method, request.url))

        def parts(self) -> list[int]:
            """Numbers of the parts it sent to the service."""
            of_service = [url for method, url in self.asked if method == "PUT" and url.startswith(s3_server.ENDPOINT)]
            return sorted(int(found[1]) for url in of_service if (found := re.search(r"partNumber=(\d+)", url)))

        def throttle(self, upload: int) -> None:
            facts = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": upload}
            session = self.page.context.new_cdp_session(self.page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", facts)

    network = Network(visitors.page_for(people.AUTHOR))
    yield network
    network.page.context.close()


def test_parts_go_to_the_service_survive_a_reload_and_play_through_our_door(
    network: Any, films: Path, site: Site
) -> None:
    page = network.page
    page.goto("/upload/")
    network.throttle(MOST)
    page.route(LAST_PART, lambda route: None)  # on its way until the page is left
    page.set_input_files("[data-upload-file]", films / "thread.mp4")
    sheet = page.locator("[data-upload-list] article")
    expect(sheet).to_contain_text(re.compile("3段收到[12]段"))
    sheet.get_by_role("button", name="先停一停").click()
    expect(sheet).to_contain_text("停住了")
    page.reload()
    page.unroute(LAST_PART)
    expect(sheet).to_contain_text("没传完")
    here = {part["number"] for part in received(page)}
    assert 0 < len(here) < 3

    network.asked.clear()
    network.throttle(-1)
    sheet.locator("input[type=file]").set_input_files(films / "thread.mp4")
    expect(sheet.locator(".state")).to_have_text("好了", timeout=150_000)
    assert network.parts() == sorted({1, 2, 3} - here)
    assert not [url for _method, url in network.asked if "/parts/" in url]

    network.asked.clear()
    page.goto(sheet.get_by_role("link", name="写标题和简介").get_attribute("href") or "")
    playing.play(page)
    addresses = [url for _method, url in network.asked]
    assert [url for url in addresses if url.startswith(f"{site.url}/media/") and url.endswith(".m4s")]
    assert not [url for url in addresses if url.startswith(s3_server.ENDPOINT)]


def test_a_part_damaged_on_its_way_is_refused_by_the_service_and_sent_again(
    network: Any, films: Path, visitors: Visitors, site: Site, tmp_path: Path
) -> None:
    page, answers = network.page, []
    page.on("response", lambda answer: note(answers, answer))

    def damage(route: Route) -> None:
        body = route.request.post_data_buffer
        if route.request.method != "PUT" or any(status == 400 for status, _ in answers) or not body:
            route.continue_()
        else:
            route.continue_(post_data=body[:-1] + bytes([body[-1] ^ 1]))

    page.route(f"{s3_server.ENDPOINT}/**", damage)
    page.goto("/upload/")
    page.set_input_files("[data-upload-file]", films / "draft.mp4")
    sheet = page.locator("[data-upload-list] article").first
    expect(sheet.locator(".steps")).to_be_visible(timeout=SENT_AGAIN_WITHIN * 1000)

    assert [status for status, _ in answers] == [400, 200]
    expect(sheet.locator(".state")).to_have_text("好了", timeout=150_000)
    sent = (films / "draft.mp4").read_bytes()
    storage = s3_server.storage_at(site.environ["STORAGE_URL"], tmp_path)
    kept = [key for key, size in storage.list("sources") if size == len(sent)]
    with storage.open(kept[0]) as file:
        assert file.read() == sent
    visitors.forget_troubles()  # the console tells of the 400


def note(answers: list[tuple[int, str]], answer: Response) -> None:
    if answer.request.method == "PUT" and answer.url.startswith(s3_server.ENDPOINT):
        answers.append((answer.status, answer.url))


def received(page: Page) -> list[dict[str, Any]]:
    upload = page.request.get("/api/v1/uploads").json()["uploads"][0]["id"]
    return list(page.request.get(f"/api/v1/uploads/{upload}/parts").json()["parts"])
