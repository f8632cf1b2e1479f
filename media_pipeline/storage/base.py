"""What every storage engine can do, whatever lies behind it. Proved by one contract suite for all engines.

Keys are plain ASCII words joined by slashes: `uploads/<upload>`, `sources/<asset>`, `packages/<asset>/<package>/…`.
A *prefix* names a folder: `packages/abc` covers `packages/abc/…` and never `packages/abcd/…`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

_WORD = r"[A-Za-z0-9_][A-Za-z0-9._-]*"  # no leading dot: neither `..` nor hidden files can be named
_KEY = re.compile(rf"{_WORD}(?:/{_WORD})*")
LONGEST_KEY = 200


class BadKey(ValueError):
    """A key that no part of the product makes: a wrong address or an attempt to leave the storage."""


class BadStorageUrl(ValueError):
    """STORAGE_URL names no engine."""

    def __init__(self, url: str) -> None:
        shown = f"{url.partition('://')[0]}://…@…" if "@" in url else url  # somebody may have put a key there
        super().__init__(
            f"STORAGE_URL={shown!r}: wanted file:///folder or s3://bucket/prefix?endpoint=https://…&region=…."
        )


class StorageTrouble(OSError):
    """The service behind the storage did not do what it was asked to. Nothing is wrong with what it was asked."""


class StorageUnavailable(StorageTrouble):
    """It does not answer, or says that it cannot now. The same may work later."""


class StorageDenied(StorageTrouble):
    """It does not let us: keys, rights, the clock, or no such bucket. Somebody must set it right."""


class MultipartGone(Exception):
    """The multipart upload was aborted or completed, or never was."""


class MultipartSealed(Exception):
    """The multipart upload is being completed: no part can change any more."""


class PartsChanged(Exception):
    """What is stored is no longer what the caller listed; list again."""


@dataclass(frozen=True)
class Part:
    """One part as the storage has it. `etag` is opaque: compare it, never compute it."""

    number: int
    size: int
    etag: str
    at: datetime


@dataclass(frozen=True)
class Multipart:
    """A multipart upload that is neither completed nor aborted. `at`: when something last happened to it."""

    storage_id: str
    key: str
    at: datetime


def checked(key: str) -> str:
    """`key` as it is; raises BadKey unless it is one."""
    if len(key) > LONGEST_KEY or not _KEY.fullmatch(key):
        raise BadKey(key)
    return key


def are_whole(parts: Sequence[Part], size: int) -> bool:
    """Whether they are parts 1, 2, 3 … of a file of `size`."""
    return [part.number for part in parts] == list(range(1, len(parts) + 1)) and sum(p.size for p in parts) == size


class Storage(Protocol):
    """One engine. Missing keys raise FileNotFoundError; trouble of the machine or of a service raises OSError."""

    part_check: str
    """The header in which a part may bring its digest, so that a damaged one is refused."""

    @property
    def parts_origin(self) -> str:
        """Where browsers send parts: `https://host`; empty when that is the site itself."""

    def is_writable(self) -> bool:
        """Whether something can be put now; never raises (for /readyz)."""

    def free_bytes(self) -> int | None:
        """How much still fits; None if the engine has no such limit."""

    def put_file(self, key: str, path: Path) -> None:
        """Store a copy of `path`. Nobody ever sees half of it; what was there before is replaced."""

    def copy(self, key: str, to: str) -> None:
        """Make `to` what `key` is, inside the engine: whole and replacing like `put_file`. Each then lives on alone."""

    def open(self, key: str) -> BinaryIO: ...

    def path(self, key: str) -> Path | None:
        """Where the bytes lie on this machine, if they do; for reading only."""

    def local_copy(self, key: str) -> AbstractContextManager[Path]:
        """The bytes as a file on this machine for as long as the context lasts; for reading only."""

    def size(self, key: str) -> int: ...

    def exists(self, key: str) -> bool: ...

    def read_link(self, key: str, method: str = "GET") -> str | None:
        """An address that answers `method` for some minutes without keys, where bytes are read by HTTP; else None."""

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """`(key, size)` of everything below `prefix`, ordered by key."""

    def stamp(self, key: str) -> str:
        """A word that becomes another one when other bytes are put under the key."""

    def stamps(self, prefix: str = "") -> Iterator[tuple[str, int, str]]:
        """As `list`, with the stamp of each. Without a prefix: all there is."""

    def folders(self, prefix: str) -> Iterator[str]:
        """The names one step below `prefix`: of folders, and of keys that lie there directly."""

    def changed_at(self, prefix: str) -> datetime | None:
        """When something at or below `prefix` was last put; None if nothing is there."""

    def delete(self, key: str) -> None:
        """Remove one key; nothing happens if it is not there."""

    def delete_prefix(self, prefix: str) -> None:
        """Remove everything below `prefix`; nothing happens if nothing is there."""

    def discard_leftovers(self, before: datetime) -> None:
        """Remove what broken-off puts left inside the engine before that time."""

    def create_multipart(self, key: str, *, size: int, part_size: int) -> str:
        """Begin to receive `key` in parts; answers the engine's id of it. All parts but the last are `part_size`."""

    def sign_part(self, storage_id: str, key: str, number: int, *, size: int, expires_at: datetime) -> str:
        """An address that takes exactly `size` bytes by PUT as part `number`, until `expires_at`, without a session."""

    def holds_multipart(self, storage_id: str, key: str) -> bool:
        """Whether parts of it can still arrive: it was begun here, and neither completed nor aborted."""

    def list_parts(self, storage_id: str, key: str) -> Sequence[Part]:
        """The parts received in full, by number; empty if the upload is gone."""

    def complete_multipart(self, storage_id: str, key: str, parts: Sequence[Part], *, size: int) -> None:
        """Make these parts the object `key` of `size` bytes. Harmless when repeated, also after a crash half-way.

        Raises PartsChanged if a part is not there as listed, or they are not `size` bytes without a gap;
        MultipartGone if there is neither upload nor object.
        """

    def abort_multipart(self, storage_id: str, key: str) -> None:
        """Forget the upload and its parts; nothing happens if it is gone."""

    def list_multiparts(self) -> Iterator[Multipart]: ...
