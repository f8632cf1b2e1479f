"""A real site with a few rows in it, a Chromium to visit it, and a look at what its pages complain of.

Of the package, not of the session: a site that polls must not run beside the other tests, and Playwright's event loop
must have ended before the next test asks the database.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.browser.site import ROOT, Site

# What these tests need besides Python is looked for, and missed by name. The headless shell is the same engine without
# the browser's own windows: a new visitor costs a tenth of a CPU second instead of a whole one.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
NODE = os.environ.get("NODE") or shutil.which("node")
MODULES = Path(os.environ.get("NODE_MODULES", ROOT / "frontend" / "node_modules"))
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small films in one folder: the ones the site begins with, and what the tests upload."""
    from tests.media_pipeline.footage import film

    folder = tmp_path_factory.mktemp("films")
    for name, seconds in (("featured", 7), ("long", 24), ("draft", 3), ("recording", 5)):
        film(folder / f"{name}.mp4", picture="testsrc2=size=320x180:rate=10", seconds=seconds)
    thread = film(folder / "thread.mp4", picture="testsrc2=size=640x360:rate=15", seconds=12)
    pad(thread, 20 * 1024 * 1024)
    return folder


def pad(film: Path, size: int) -> None:
    """A box that players skip, so that a small film takes several parts to send."""
    with film.open("ab") as file:
        file.write(size.to_bytes(4, "big") + b"free" + os.urandom(size - 8))


@pytest.fixture(scope="package")
def site(films: Path, django_db_setup: Any) -> Iterator[Site]:
    # One thread, so that a film long enough to be watched while it is made need not be longer on a larger machine.
    with standing("browser", films, django_db_setup, ENCODE_THREADS="1") as site:
        yield site


@contextmanager
def standing(name: str, films: Path | None, databases: Any, **environ: str) -> Iterator[Site]:
    """A site in its own processes, with a database of its own copied from the tests' template; empty without films."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: script/services install brings one")
    if NODE is None or not (MODULES / "esbuild").is_dir():
        pytest.skip("no Node modules: NODE_MODULES does not lead to them (script/setup --dev brings them)")
    from django.conf import settings

    site = Site(settings.DATA_DIR / name)
    site.environ |= environ
    site.clear()
    if isinstance(template := getattr(databases, "template", None), Path):
        shutil.copy(template, site.data / "db.sqlite3")
    site.run(NODE, ROOT / "frontend" / "build.mjs", "--out", site.data / "dist", NODE_PATH=str(MODULES))
    site.manage("set_up", "--static")
    site.run(sys.executable, "-m", "tests.browser.rows", *([films] if films else []))
    site.start()
    yield site
    left = site.stop()
    assert not left, f"outlived the site: {left}"


@pytest.fixture(scope="package")
def browser(site: Site) -> Iterator[Any]:
    sync = pytest.importorskip("playwright.sync_api", reason="no Playwright in this Python: script/setup --dev")
    with sync.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def visitors(browser: Any, site: Site) -> Iterator[Any]:
    from tests.browser.visitors import Visitors

    visitors = Visitors(browser, site.url)
    yield visitors
    visitors.close()


@pytest.fixture
def page_for(visitors: Any) -> Callable[..., Any]:
    return visitors.page_for


@pytest.fixture(autouse=True)
def no_page_complains(visitors: Any, site: Site) -> Iterator[None]:
    """Errors in the console or of scripts, violated policies, answers of 500 and above: none, in any test."""
    visitors.forget_troubles()
    yield
    troubles = visitors.forget_troubles()
    assert not troubles, "\n".join([*troubles, site.logs()])
