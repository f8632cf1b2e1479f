"""The storage on a local disk. Objects are files below `root`; parts of uploads are in `incoming`."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from media_pipeline.storage import part_links
from media_pipeline.storage.base import BadKey, Multipart, MultipartGone, MultipartSealed, Part, checked
from media_pipeline.storage.durable import sync_folder
from media_pipeline.storage.incoming import Incoming, PartWriter

_DRAFTS = ".drafts"  # no key can name it
_UPLOADS = "uploads"
# File systems that know one name a file only, or have given it as many as they can.
_NO_SECOND_NAME = {errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS}


class LocalStorage:
    part_check = "X-Part-SHA256"
    parts_origin = ""

    def __init__(self, root: Path) -> None:
        self.root = root

    def is_writable(self) -> bool:
        try:
            draft = self._draft()
            draft.touch()
            draft.unlink()
        except OSError:
            return False
        return True

    def free_bytes(self) -> int | None:
        self.root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free

    # ---- objects ----

    def put_file(self, key: str, path: Path) -> None:
        target = self._file(key)
        draft = self._draft()
        try:
            shutil.copyfile(path, draft)
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            _move(draft, target)
        finally:
            draft.unlink(missing_ok=True)

    def copy(self, key: str, to: str) -> None:
        """A second name of the same bytes: nobody writes into an object, so neither feels what befalls the other."""
        source, target = self._file(key), self._file(to)
        draft = self._draft()
        try:
            draft.hardlink_to(source)
            _move(draft, target)
        except OSError as error:
            if error.errno not in _NO_SECOND_NAME:
                raise
            self.put_file(to, source)
        finally:
            draft.unlink(missing_ok=True)  # it stays if `to` was the same bytes already

    def open(self, key: str) -> BinaryIO:
        return self._file(key).open("rb")

    def path(self, key: str) -> Path | None:
        return self._file(key)

    @contextmanager
    def local_copy(self, key: str) -> Iterator[Path]:
        path = self._file(key)
        path.stat()  # raises now what reading would raise later
        yield path

    def size(self, key: str) -> int:
        return self._file(key).stat().st_size

    def exists(self, key: str) -> bool:
        return self._file(key).is_file()

    def read_link(self, key: str, method: str = "GET") -> str | None:
        checked(key)
        return None

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        return ((key, facts.st_size) for key, facts in self._files(prefix))

    def stamps(self, prefix: str = "") -> Iterator[tuple[str, int, str]]:
        prefixes = [prefix] if prefix else sorted(_shown(self.root))
        for key, facts in (found for one in prefixes for found in self._files(one)):
            yield key, facts.st_size, _stamp(facts)

    def stamp(self, key: str) -> str:
        return _stamp(self._file(key).stat())

    def folders(self, prefix: str) -> Iterator[str]:
        folder = self._file(prefix)
        names = os.listdir(folder) if folder.is_dir() else []  # noqa: PTH208 - names only, one call
        yield from sorted(names)

    def changed_at(self, prefix: str) -> datetime | None:
        top = self._file(prefix)
        newest = 0.0
        for path in (top, *top.rglob("*")):
            with suppress(FileNotFoundError):
                newest = max(newest, path.stat().st_mtime)
        return datetime.fromtimestamp(newest, UTC) if newest else None

    def delete(self, key: str) -> None:
        self._file(key).unlink(missing_ok=True)
        self._prune(self._file(key).parent)

    def delete_prefix(self, prefix: str) -> None:
        self._discard(self._file(prefix))
        self._prune(self._file(prefix).parent)

    def discard_leftovers(self, before: datetime) -> None:
        drafts = self.root / _DRAFTS
        for path in drafts.iterdir() if drafts.is_dir() else ():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()

    # ---- parts ----

    def create_multipart(self, key: str, *, size: int, part_size: int) -> str:
        """The id is the key's last word, so that it is the upload's own id in addresses and folders."""
        storage_id = checked(key).rpartition("/")[2]
        draft = self._draft()
        Incoming(draft).lay_out(key, size=size, part_size=part_size)
        try:
            _move(draft, self._incoming(storage_id).folder)
        except OSError:
            self._discard(draft)
            raise
        return storage_id

    def sign_part(self, storage_id: str, key: str, number: int, *, size: int, expires_at: datetime) -> str:
        return part_links.link(storage_id, number, size=size, expires_at=expires_at)

    def part_writer(self, storage_id: str, number: int, size: int) -> PartWriter:
        """Take part `number` over from whoever is still writing it. For the parts door only."""
        return self._incoming(storage_id).writer(number, size)

    def holds_multipart(self, storage_id: str, key: str) -> bool:
        with suppress(BadKey, MultipartGone, MultipartSealed), self._incoming(storage_id).changing() as layout:
            return layout.key == key
        return False

    def list_parts(self, storage_id: str, key: str) -> Sequence[Part]:
        return self._incoming(storage_id).parts()

    def complete_multipart(self, storage_id: str, key: str, parts: Sequence[Part], *, size: int) -> None:
        incoming, target = self._incoming(storage_id), self._file(key)
        if not target.exists():
            try:
                incoming.hand_over(target, parts)
            except MultipartGone:
                if not target.exists():  # else another call was faster
                    raise
        self._discard(incoming.folder)

    def abort_multipart(self, storage_id: str, key: str) -> None:
        self._discard(self._incoming(storage_id).folder)

    def list_multiparts(self) -> Iterator[Multipart]:
        for storage_id in self.folders(_UPLOADS):
            incoming = self._incoming(storage_id)
            with suppress(MultipartGone):
                at = self.changed_at(f"{_UPLOADS}/{storage_id}")
                yield Multipart(storage_id, incoming.layout().key, at or datetime.fromtimestamp(0, UTC))

    # ---- inside ----

    def _files(self, prefix: str) -> Iterator[tuple[str, os.stat_result]]:
        files = (path for path in self._file(prefix).rglob("*") if path.is_file())
        for path in sorted(files, key=lambda path: path.as_posix()):
            with suppress(FileNotFoundError):  # removed by another while we were listing
                yield path.relative_to(self.root).as_posix(), path.stat()

    def _file(self, key: str) -> Path:
        return self.root / checked(key.removesuffix("/"))

    def _incoming(self, storage_id: str) -> Incoming:
        if "/" in storage_id:
            raise BadKey(storage_id)
        return Incoming(self._file(f"{_UPLOADS}/{storage_id}"))

    def _draft(self) -> Path:
        drafts = self.root / _DRAFTS
        drafts.mkdir(parents=True, exist_ok=True)
        return drafts / secrets.token_hex(8)

    def _discard(self, folder: Path) -> None:
        """Remove a folder: first its name, at once, so that nobody meets half of it; then what is in it."""
        draft = self._draft()
        try:
            folder.rename(draft)
        except FileNotFoundError:
            return
        shutil.rmtree(draft, ignore_errors=True)  # what stays is removed by discard_leftovers

    def _prune(self, folder: Path) -> None:
        """Empty folders are no keys: remove them upwards, as an object store would show none."""
        while folder != self.root:
            try:
                folder.rmdir()
            except OSError:  # not empty, or gone
                return
            folder = folder.parent


def _stamp(facts: os.stat_result) -> str:
    return f"{facts.st_mtime_ns:x}-{facts.st_ino:x}"


def _shown(root: Path) -> list[str]:
    """The folders that hold objects: not those of drafts and of uploads on their way."""
    return [path.name for path in root.iterdir() if path.is_dir() and path.name not in {_DRAFTS, _UPLOADS}]


def _move(draft: Path, target: Path, tries: int = 3) -> None:
    """Rename, making the folder; again if a clean-up removed the still empty folder in between."""
    for left in reversed(range(tries)):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft.rename(target)
            break
        except FileNotFoundError:
            if not left:
                raise
    sync_folder(target.parent)
