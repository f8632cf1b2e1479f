"""Pictures of pages for a person to look at, where SHOTS names a folder."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page


def photograph_here(page: Page, name: str) -> None:
    """As it stands there now."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def photograph(page: Page, name: str) -> None:
    """On a phone and on a desk."""
    for width in (390, 1440) if os.environ.get("SHOTS") else ():
        page.set_viewport_size({"width": width, "height": 844 if width == 390 else 900})
        photograph_here(page, f"{name}-{width}")
