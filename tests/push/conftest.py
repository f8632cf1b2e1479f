"""A hub of the test's own that polls quickly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture
def rows(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Real commits; afterwards the hub's thread lets go of the database, as every thread must for itself."""
    from push import hub, stream

    monkeypatch.setattr(stream, "hub", hub.Hub())
    monkeypatch.setattr(hub, "POLL", 0.02)
    yield
    hub._asker.submit(hub._let_go).result()
