"""A storage on a real S3 server (versitygw, started by script/services), each test below a prefix of its own."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from media_pipeline.storage import s3_address
from media_pipeline.storage.copies import Copies
from media_pipeline.storage.s3 import S3Storage
from media_pipeline.storage.s3_clients import Clients, Keys

ENDPOINT = os.environ.get("TEST_S3_ENDPOINT", "")
BUCKET = "lectures-test"
KEYS = Keys("lectures", "lectures-secret")  # script/services gives the server these
COPIES = 64 * 1024 * 1024


def needed() -> None:
    if not ENDPOINT:
        pytest.skip("no S3 server on this machine: script/services install brings versitygw where there is Go")


def url(prefix: str, **words: str) -> str:
    more = "".join(f"&{name}={value}" for name, value in words.items())
    return f"s3://{BUCKET}/{prefix}?endpoint={ENDPOINT}&region=us-east-1{more}"


def storage_at(address: str, folder: Path, keys: Keys = KEYS) -> S3Storage:
    parsed = s3_address.parse(address)
    return S3Storage(parsed, Clients(parsed, keys), Copies(folder / "copies", COPIES))


@contextmanager
def fresh(folder: Path) -> Iterator[tuple[str, S3Storage]]:
    """An empty storage and its address; what a test leaves in it is removed."""
    needed()
    address = url(f"test-{secrets.token_hex(6)}")
    engine = storage_at(address, folder)
    engine.bucket.make()
    yield address, engine
    for name in {key.partition("/")[0] for key, _size, _stamp in engine.stamps()}:
        engine.delete_prefix(name)
    for left in engine.list_multiparts():
        engine.abort_multipart(left.storage_id, left.key)
