"""One multipart upload on a local disk: `data`, as long as the file will be, takes each part at its offset, so that
completing is one rename. A marker per part says that it is all there; who lists parts reads the markers, no rows.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from media_pipeline.storage.base import MultipartGone, MultipartSealed, Part, PartsChanged
from media_pipeline.storage.durable import sync_folder, write_whole


class PartOvertaken(Exception):
    """A newer PUT of the same part took over; what this one brings is no longer wanted."""


class PartIncomplete(Exception):
    """The body ended early, or went on too long."""


@dataclass(frozen=True)
class Layout:
    key: str
    size: int
    part_size: int

    def size_of(self, number: int) -> int:
        """How long part `number` must be; 0 if there is no such part."""
        return max(0, min(self.part_size, self.size - (number - 1) * self.part_size)) if number > 0 else 0


class Incoming:
    """The folder of one upload. Every change happens under its lock, against threads and processes alike."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._layout = folder / "layout.json"
        self._lock = folder / "lock"
        self._sealed = folder / "sealed"

    def lay_out(self, key: str, *, size: int, part_size: int) -> None:
        (self.folder / "parts").mkdir(parents=True)
        self._lock.touch()
        with self.data.open("wb") as file:
            file.truncate(size)  # sparse: takes no room until the parts come
        write_whole(self._layout, json.dumps(asdict(Layout(key, size, part_size))).encode())

    def layout(self) -> Layout:
        try:
            return Layout(**json.loads(self._layout.read_bytes()))
        except FileNotFoundError as error:
            raise MultipartGone(self.folder.name) from error

    def parts(self) -> list[Part]:
        markers = sorted((self.folder / "parts").glob("*.json"))
        found = [part for marker in markers if (part := _read(marker))]
        return found if self.folder.is_dir() else []  # discarded while we read: gone as a whole, not in part

    def writer(self, number: int, size: int) -> PartWriter:
        return PartWriter(self, number, size)

    def marker(self, number: int) -> Path:
        return self.folder / "parts" / f"{number:05}.json"

    @contextmanager
    def changing(self) -> Iterator[Layout]:
        """Hold the upload still; raises MultipartGone or MultipartSealed if no part of it may change."""
        with self._held():
            if self._sealed.exists():
                raise MultipartSealed(self.folder.name)
            yield self.layout()

    def hand_over(self, target: Path, parts: Sequence[Part]) -> None:
        """Seal the upload if its parts are those listed, and move the data to `target`. Repeatable after a crash."""
        with self._held():
            if not self._sealed.exists():
                self._compare(parts)
                write_whole(self._sealed, b"")  # from here no part changes any more, so a repetition need not compare
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                self.data.rename(target)
            except FileNotFoundError as error:
                raise MultipartGone(self.folder.name) from error
            sync_folder(target.parent)

    def _compare(self, parts: Sequence[Part]) -> None:
        layout = self.layout()
        listed = [(part.number, part.size, part.etag) for part in parts]
        stored = [(part.number, part.size, part.etag) for part in self.parts()]
        if listed != stored or sum(part.size for part in parts) != layout.size:
            raise PartsChanged(self.folder.name)

    @contextmanager
    def _held(self) -> Iterator[None]:
        try:
            lock = self._lock.open("rb")
        except FileNotFoundError as error:
            raise MultipartGone(self.folder.name) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # freed by closing
            yield


class PartWriter:
    """Takes the body of one part straight to its place. The newest writer of a part wins: a client whose network
    changed sends again while its old connection still hangs, and bytes of the two must never mix.
    """

    def __init__(self, incoming: Incoming, number: int, size: int) -> None:
        self._incoming, self.number, self.size = incoming, number, size
        self._token = secrets.token_hex(8)
        self._turn = incoming.folder / "parts" / f"{number:05}.writer"
        self._hash = hashlib.sha256()
        self._written = 0
        # A caller that was cancelled may close while its last write still runs: the file's number must not be reused.
        self._busy = threading.Lock()
        with incoming.changing() as layout:
            if not size or layout.size_of(number) != size:
                raise PartIncomplete(number)
            self._offset = (number - 1) * layout.part_size
            self._turn.write_text(self._token)
            self._forget()
            self._file = incoming.data.open("r+b", buffering=0)

    def write(self, block: bytes) -> None:
        if self._written + len(block) > self.size:
            raise PartIncomplete(self.number)
        with self._busy, self._incoming.changing():
            self._check_turn()
            self._hash.update(block)
            view = memoryview(block)
            while view:  # a disk that fills up takes the beginning first and refuses the rest
                took = os.pwrite(self._file.fileno(), view, self._offset + self._written)
                self._written += took
                view = view[took:]

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def finish(self) -> Part:
        """The part is received: its bytes first, then its marker, each to the disk."""
        if self._written != self.size:
            raise PartIncomplete(self.number)
        with self._busy:
            os.fdatasync(self._file.fileno())
        marker = self._incoming.marker(self.number)
        with self._incoming.changing():
            self._check_turn()
            write_whole(marker, json.dumps({"size": self.size, "sha256": self.digest}).encode())
            self._turn.unlink()
        return Part(self.number, self.size, self.digest, _at(marker))

    def close(self) -> None:
        with self._busy:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _check_turn(self) -> None:
        if not self._turn.exists() or self._turn.read_text() != self._token:
            raise PartOvertaken(self.number)

    def _forget(self) -> None:
        """A part that is being written anew is not received until it is."""
        marker = self._incoming.marker(self.number)
        if marker.exists():
            marker.unlink()
            sync_folder(marker.parent)


def _at(marker: Path) -> datetime:
    return datetime.fromtimestamp(marker.stat().st_mtime, UTC)


def _read(marker: Path) -> Part | None:
    """The part a marker speaks of; None if it vanished meanwhile or a power cut left it empty: then send it again."""
    try:
        facts = json.loads(marker.read_bytes())
        return Part(int(marker.stem), facts["size"], facts["sha256"], _at(marker))
    except (FileNotFoundError, ValueError):
        return None
