"""The media door on local storage: what it promises anywhere, and what only a disk can get wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from media_pipeline import delivery, storage
from tests.media_pipeline.asgi import GONE, call
from tests.media_pipeline.delivery_contract import DeliveryContract, address, put_package


@pytest.fixture
def package(engine: storage.LocalStorage, tmp_path: Path) -> storage.LocalStorage:
    put_package(engine, tmp_path)
    return engine


class TestFromDisk(DeliveryContract):
    pass


def test_it_stops_reading_when_nobody_listens(package: storage.LocalStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []
    real = os.pread
    monkeypatch.setattr(os, "pread", lambda *args: reads.append(args) or real(*args))

    with pytest.raises(AssertionError):  # the answer ends before its last block
        call(delivery.app, "GET", address(), [b"", GONE])

    assert len(reads) < 3
