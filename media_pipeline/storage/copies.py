"""Objects of a remote storage as files of this machine, shared by all its workers: one downloads, all read.

Below SCRATCH_DIR/copies. A copy in use is held by a shared lock, one that is being made or removed by an exclusive
one; the kernel frees both when a process dies. What was used longest ago goes first when STORAGE_CACHE_BYTES are full.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import BinaryIO

Download = Callable[[BinaryIO], None]


@dataclass(frozen=True)
class Copy:
    """The files of one copy: the bytes, what is on its way to be them, and the lock, whose time is the last use."""

    lock: Path

    @property
    def data(self) -> Path:
        return self.lock.with_suffix(".data")

    @property
    def draft(self) -> Path:
        return self.lock.with_suffix(".draft")

    def is_whole(self, size: int) -> bool:
        return self.data.exists() and _size(self.data) == size

    def bytes(self) -> int:
        """What it takes or is about to take of the disk."""
        return sum(_size(path) for path in (self.data, self.draft))


class Copies:
    def __init__(self, folder: Path, most: int) -> None:
        self.folder, self.most = folder, most

    @contextmanager
    def hold(self, name: str, size: int, download: Download) -> Iterator[Path]:
        """The bytes called `name` as a file, for as long as the context lasts. `download` writes them, if need be.

        `name` must change when the bytes do. Raises OSError: what `download` raises, and ENOSPC when they do not fit.
        """
        copy = Copy(self.folder / f"{hashlib.sha256(f'{_boot()} {name}'.encode()).hexdigest()[:40]}.lock")
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._held(copy, size, download):
            os.utime(copy.lock)
            yield copy.data
        self._make_room(0)

    def forget_before(self, before: datetime) -> None:
        """Remove what nobody used since then, and what a killed download left."""
        for copy in self._all():
            with suppress(FileNotFoundError):
                if copy.lock.stat().st_mtime < before.timestamp():
                    self._remove(copy)

    @contextmanager
    def _held(self, copy: Copy, size: int, download: Download) -> Iterator[None]:
        while True:
            with _locked(copy.lock, fcntl.LOCK_SH) as is_ours:
                if is_ours and copy.is_whole(size):
                    yield
                    return
            # The lock cannot be raised in one step, so look again under the exclusive one, and once more below it.
            with _locked(copy.lock, fcntl.LOCK_EX) as is_ours:
                if is_ours and not copy.is_whole(size):
                    self._download(copy, size, download)

    def _download(self, copy: Copy, size: int, download: Download) -> None:
        self._make_room(size)
        try:
            with copy.draft.open("wb") as file:
                if size:
                    os.posix_fallocate(file.fileno(), 0, size)  # taken now, so that all see it and none runs out later
                download(file)
                if file.tell() != size:
                    raise OSError(errno.EIO, f"{file.tell()} bytes came instead of {size}", str(copy.data))
            copy.draft.rename(copy.data)
        finally:
            copy.draft.unlink(missing_ok=True)

    def _make_room(self, size: int) -> None:
        """Remove what was used longest ago until `size` more fit. What is in use stays, even beyond the limit."""
        with _locked(self.folder / "room.turn", fcntl.LOCK_EX):
            copies = sorted(self._all(), key=lambda copy: _mtime(copy.lock))
            taken = sum(copy.bytes() for copy in copies)
            for copy in copies:
                if taken + size <= self.most and (not size or size <= shutil.disk_usage(self.folder).free):
                    return
                taken -= self._remove(copy)

    def _all(self) -> list[Copy]:
        return [Copy(lock) for lock in self.folder.glob("*.lock")]

    def _remove(self, copy: Copy) -> int:
        """Answers how many bytes that freed: none if somebody holds it."""
        with _locked(copy.lock, fcntl.LOCK_EX | fcntl.LOCK_NB) as is_ours:
            if not is_ours:
                return 0
            freed = copy.bytes()
            for path in (copy.data, copy.draft, copy.lock):
                path.unlink(missing_ok=True)
            return freed


@cache
def _boot() -> str:
    """Another word after each start of the machine: a power cut may have left copies that only look whole."""
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip() if path.exists() else ""


@contextmanager
def _locked(path: Path, how: int) -> Iterator[bool]:
    """Whether the lock is held, and held on the file that still has this name: it may have been removed meanwhile."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, how)
        except BlockingIOError:
            yield False
            return
        try:
            yield path.stat().st_ino == os.fstat(file.fileno()).st_ino
        except FileNotFoundError:
            yield False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _mtime(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
