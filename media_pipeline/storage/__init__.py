"""The door to bytes: uploads, sources and packages lie behind it. `default()` is the engine of STORAGE_URL."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

from media_pipeline.storage.base import BadStorageUrl, Storage
from media_pipeline.storage.local import LocalStorage

__all__ = ["BadStorageUrl", "LocalStorage", "Storage", "default", "engine_for", "local_engine"]


def default() -> Storage:
    return engine_for(settings.STORAGE_URL)


def local_engine() -> LocalStorage | None:
    """The engine, if it is the local one: only then do our own doors carry bytes."""
    engine = default()
    return engine if isinstance(engine, LocalStorage) else None


@lru_cache(maxsize=8)
def engine_for(url: str) -> Storage:
    """The engine that `url` means: `file:///folder`."""
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return LocalStorage(Path(unquote(parts.path)))
    raise BadStorageUrl(url)
