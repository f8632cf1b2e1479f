"""The door to bytes: uploads, sources and packages lie behind it. `default()` is the engine of STORAGE_URL."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from django.conf import settings

from media_pipeline.storage.base import BadStorageUrl, Storage
from media_pipeline.storage.local import LocalStorage

if TYPE_CHECKING:
    from media_pipeline.storage.s3 import S3Storage

__all__ = ["BadStorageUrl", "LocalStorage", "Storage", "default", "engine_for", "local_engine", "remote_engine"]


def default() -> Storage:
    return engine_for(settings.STORAGE_URL)


def local_engine() -> LocalStorage | None:
    """The engine, if it is the local one: only then do our own doors take parts."""
    engine = default()
    return engine if isinstance(engine, LocalStorage) else None


def remote_engine() -> S3Storage | None:
    """The engine, if it is the one on S3: only then is there a bucket to look after."""
    engine = default()
    return None if isinstance(engine, LocalStorage) else engine  # type: ignore[return-value] # there are two


@lru_cache(maxsize=8)
def engine_for(url: str) -> Storage:
    """The engine that `url` means: `file:///folder`, or `s3://bucket/prefix?endpoint=…&region=…`."""
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return LocalStorage(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        return _s3(url)
    raise BadStorageUrl(url)


def _s3(url: str) -> S3Storage:
    from media_pipeline.storage import s3, s3_address, s3_clients  # boto3 only where it is used
    from media_pipeline.storage.copies import Copies

    address = s3_address.parse(url)
    keys = s3_clients.Keys(settings.STORAGE_ACCESS_KEY, settings.STORAGE_SECRET_KEY)
    copies = Copies(Path(settings.SCRATCH_DIR) / "copies", settings.STORAGE_COPIES_BYTES)
    return s3.S3Storage(address, s3_clients.Clients(address, keys), copies)
