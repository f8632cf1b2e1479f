"""A site like that of the browser tests, with its files on a real S3 server and nothing in it but people."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import browser, films, no_page_complains, standing, visitors
from tests.browser.site import Site
from tests.media_pipeline import s3_server

__all__ = ["browser", "films", "no_page_complains", "visitors"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def site(django_db_setup: Any) -> Iterator[Site]:
    s3_server.needed()
    engines = {
        "STORAGE_URL": s3_server.url(f"browser-{secrets.token_hex(4)}"),
        "STORAGE_ACCESS_KEY": s3_server.KEYS.access, "STORAGE_SECRET_KEY": s3_server.KEYS.secret,
    }  # fmt: skip
    with standing("browser-s3", None, django_db_setup, **engines) as site:
        yield site
