"""How soon a lecture can be seen: from the last byte received to a picture that moves in Chromium, on a real site.

The site is what `manage.py serve` keeps (web, workers, schedule), the upload the API's, the page the author's own.
`seen`: seconds until the picture moves. `hls`: until the master names a rung of 480 or more. `ready`: until everything
is made and verified. `cpu_s`: of all the site's processes meanwhile. Judge seconds on an idle machine only.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import httpx  # noqa: E402 - Django must be set up before what follows is read
from django.conf import settings  # noqa: E402

from bench import sources  # noqa: E402
from media_pipeline import tools  # noqa: E402
from tests.browser import people  # noqa: E402
from tests.browser.conftest import CHROMIUM, FLAGS, MODULES, NODE  # noqa: E402
from tests.browser.site import ROOT, Site  # noqa: E402

PATIENCE = 180.0
RESTS = 0.1  # CPU seconds a second that all processes of a site take when nothing is asked of them
# source: (seen within, what for)
LIMITS = {"clip": 3.0, "phone": 3.0, "portrait": 10.0}
CLIP_READY, CLIP_CPU = 12.0, 15.0
TICKS = os.sysconf("SC_CLK_TCK")


def clip(folder: Path) -> Path:
    """The clip MediaCMS was measured with: 20 s of 720p as browsers play it."""
    target = folder / "clip-20.mp4"
    if not target.exists():
        phone = sources.make("phone", 20, folder)
        made = [
            "-vf",
            "scale=1280:720",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-b:v",
            "3M",
            "-g",
            "60",
            "-c:a",
            "copy",
        ]
        subprocess.run([tools.ffmpeg(), "-v", "error", "-y", "-i", str(phone), *made, str(target)], check=True)
    return target


def film(name: str, folder: Path) -> Path:
    return clip(folder) if name == "clip" else sources.make(name, 20, folder)


def open_site(data: Path) -> Site:
    site = Site(data)
    site.clear()
    assert NODE
    site.run(NODE, ROOT / "frontend" / "build.mjs", "--out", site.data / "dist", NODE_PATH=str(MODULES))
    site.manage("set_up", "--static")
    site.run(sys.executable, "-m", "bench.first_play", "--make-people")
    site.start()
    return site


def upload(client: httpx.Client, path: Path) -> str:
    """All parts, but not yet *complete*; answers the upload."""
    told = client.post("uploads", json={"name": path.name, "size": path.stat().st_size}).json()
    data, size = path.read_bytes(), told["part_size"]
    for number in range(1, told["part_count"] + 1):
        signed = client.post(f"uploads/{told['id']}/sign", json={"numbers": [number]}).json()["parts"][0]
        client.put(there(client, signed["url"]), content=data[(number - 1) * size : number * size]).raise_for_status()
    return str(told["id"])


def there(client: httpx.Client, path: str) -> str:
    """A path of the site, not of its API."""
    return str(client.base_url.join(path))


def one(site: Site, page: Any, client: httpx.Client, path: Path) -> dict[str, float]:
    rest(site, page)
    known = upload(client, path)
    spent, began = cpu_of(site), time.monotonic()
    asset = client.post(f"uploads/{known}/complete").json()["id"]
    found: dict[str, float] = {}
    while "ready" not in found:
        if time.monotonic() - began > PATIENCE:
            raise SystemExit(f"{path.name}: {found} after {PATIENCE:.0f} s")
        told = client.get(f"assets/{asset}").json()
        if told["playable"] and "hls" not in found and tallest(client, told["master_url"]) >= 480:
            found["hls"] = time.monotonic() - began
        if told["playable"] and "seen" not in found:
            watch(page, client, asset)
            found["seen"] = time.monotonic() - began
        if told["state"] == "ready":
            found["ready"] = time.monotonic() - began
        time.sleep(0.05)
    found["cpu_s"] = cpu_of(site) - spent
    return found


def rest(site: Site, page: Any) -> None:
    """Until what the one before left is over: its slides are read when it is ready, and its picture moves on."""
    page.goto("about:blank")
    before = -1.0
    while (now := cpu_of(site)) - before > RESTS:
        before = now
        time.sleep(1)


def tallest(client: httpx.Client, master: str) -> int:
    """The short side of the best rung that the master names."""
    text = client.get(there(client, master)).text
    sizes = [line.split("RESOLUTION=")[1].split(",")[0] for line in text.splitlines() if "RESOLUTION=" in line]
    return max((min(map(int, size.split("x"))) for size in sizes), default=0)


def watch(page: Any, client: httpx.Client, asset: str) -> None:
    """The author opens the lecture's page and plays; back when the picture moves."""
    lecture = client.post("lectures", json={"asset": asset}).json()["id"]
    page.goto(f"/mine/{lecture}/")
    page.wait_for_selector("media-play-button")
    page.evaluate("document.querySelector('hls-video').play()")
    until = time.monotonic() + PATIENCE
    while page.evaluate("document.querySelector('hls-video').currentTime") < 0.1:
        if time.monotonic() > until:
            raise SystemExit("The picture does not move.")
        time.sleep(0.02)


def cpu_of(site: Site) -> float:
    """Of the supervisor and all below it, with those that have ended, in seconds."""
    assert site.process
    return sum(sum(map(int, stat[11:15])) for stat in _tree(site.process.pid)) / TICKS


def _tree(pid: int) -> list[list[str]]:
    stats = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        stats[int(path.parent.name)] = words
    below = {pid}
    for _ in range(6):  # web and workers, their launchers, ffmpeg
        below |= {child for child, words in stats.items() if int(words[1]) in below}
    return [stats[one] for one in below if one in stats]


def main() -> None:
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(prog="script/bench first_play", description=__doc__, formatter_class=raw)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--source", choices=list(LIMITS), action="append", help="only this one (may be repeated)")
    parser.add_argument("--runs", type=int, default=3, help="of each source; the median counts (default: 3)")
    parser.add_argument("--make-people", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make_people:
        from tests.browser import rows

        rows.make_people()
        return
    if CHROMIUM is None or NODE is None:
        raise SystemExit("There is no Chromium or no Node here: script/services install, script/setup --dev.")
    figures = measure(options.source or list(LIMITS), options.runs, Path(settings.DATA_DIR))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


def measure(names: list[str], runs: int, data: Path) -> dict[str, dict[str, float]]:
    from playwright.sync_api import sync_playwright

    from tests.browser.visitors import Visitors

    films = {name: film(name, data / "sources") for name in names}
    figures: dict[str, dict[str, float]] = {}
    site = open_site(data / "first-play")
    try:
        with sync_playwright() as playwright:
            visitors = Visitors(playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS), site.url)
            page = visitors.page_for(people.AUTHOR)
            client = signed_in(site)
            for name, path in films.items():
                found = [one(site, page, client, path) for _ in range(runs)]
                figures[name] = {what: round(median(run[what] for run in found), 2) for what in found[0]}
                show(name, figures[name])
    finally:
        site.stop()
        shutil.rmtree(site.data, ignore_errors=True)
    return figures


def signed_in(site: Site) -> httpx.Client:
    person = people.AUTHOR
    sign_in = {"identifier": person.phone, "password": people.PASSWORD}
    key = httpx.post(f"{site.url}/api/v1/tokens", json=sign_in).json()["token"]
    return httpx.Client(base_url=f"{site.url}/api/v1/", headers={"Authorization": f"Bearer {key}"}, timeout=60)


def show(name: str, found: dict[str, float]) -> None:
    within = "✓" if found["seen"] <= LIMITS[name] else "✗"
    seen = f"seen after {found['seen']} s (at most {LIMITS[name]}), 480 lines or more {found['hls']} s"
    print(f"{within} {name}: {seen}, all ready {found['ready']} s, {found['cpu_s']} CPU s", flush=True)
    if name == "clip":
        print(f"  of the clip: ready at most {CLIP_READY} s, CPU at most {CLIP_CPU} s; MediaCMS: 22 s and 37 CPU s")


if __name__ == "__main__":
    main()
