"""From one storage to another: each object copied, read back and compared. The source is read, and nothing else.

What was compared is written down, so that a run that broke off, or a second one, goes on where the first was: an object
is done when its stamps on both sides are those of the comparison.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from media_pipeline.storage import Storage
from media_pipeline.storage.base import StorageDenied

AT_ONCE = 4
TRIES = 3
NAMED_AT_MOST = 20  # failures that are told one by one
_BLOCK = 1024 * 1024

Stamps = dict[str, tuple[int, str]]
OnProgress = Callable[["Counts"], None]


class Differs(Exception):
    """What was read back is not what was sent."""


@dataclass
class Counts:
    """Of objects, and of their bytes. `known`: compared by an earlier run and the same since."""

    objects: int = 0
    bytes: int = 0
    known: int = 0
    copied: int = 0
    compared: int = 0  # it was there already, and was read on both sides
    done_bytes: int = 0
    gone: int = 0  # removed at the source while we were at it
    changed: int = 0  # put at the source since, or new there: for the next run
    extra: int = 0  # at the target only
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def done(self) -> int:
        return self.known + self.copied + self.compared + self.gone


class Journal:
    """A line for each comparison that held: key, both stamps. A torn last line is no comparison."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)

    def read(self) -> dict[str, tuple[str, str]]:
        return dict(self._lines()) if self._path.exists() else {}

    def _lines(self) -> Iterator[tuple[str, tuple[str, str]]]:
        with self._path.open() as file:
            for line in file:
                try:
                    key, here, there = json.loads(line)
                except ValueError:
                    continue
                yield key, (here, there)

    def note(self, key: str, here: str, there: str) -> None:
        with self._lock, self._path.open("a") as file:
            file.write(f"\n{json.dumps([key, here, there])}\n")  # its own line, also after a torn one


@dataclass(frozen=True)
class Move:
    source: Storage
    target: Storage
    journal: Journal

    def run(self, on_progress: OnProgress, *, anew: bool = False) -> Counts:
        """`anew`: compare everything once more, whatever earlier runs said. Raises StorageDenied; KeyboardInterrupt."""
        here, there, counts = _stamps(self.source), _stamps(self.target), Counts()
        compared = {} if anew else self.journal.read()
        counts.objects, counts.bytes = len(here), sum(size for size, _ in here.values())
        known = {key for key in here if key in there and compared.get(key) == (here[key][1], there[key][1])}
        counts.known, counts.done_bytes = len(known), sum(here[key][0] for key in known)
        self._work([key for key in here if key not in known], here, there, counts, on_progress)
        self._look_again(here, counts)
        return counts

    def _work(self, keys: Sequence[str], here: Stamps, there: Stamps, counts: Counts, on_progress: OnProgress) -> None:
        crew = _Crew(keys, lambda key: self._bring(key, here[key][0], key in there, counts))
        crew.start()
        try:
            while not crew.wait(1.0):
                on_progress(counts)
        finally:
            crew.stop()
        on_progress(counts)
        if crew.trouble:
            raise crew.trouble

    def _bring(self, key: str, size: int, is_there: bool, counts: Counts) -> None:
        try:
            if is_there and self._compare(key):
                counts.compared += 1
            else:
                self._copy(key)
                counts.copied += 1
            counts.done_bytes += size
        except FileNotFoundError:
            if self.source.exists(key):
                raise
            counts.gone += 1
        except StorageDenied:
            raise
        except (OSError, Differs) as error:
            counts.failed[key] = str(error) or type(error).__name__

    def _compare(self, key: str) -> bool:
        """Whether both are the same already: copied by a run that died before it could note that."""
        if self.source.size(key) != self.target.size(key):
            return False
        before = self.source.stamp(key)
        same = _digest(self.source, key) == _digest(self.target, key)
        return same and self._note(key, before)

    def _copy(self, key: str) -> None:
        for left in reversed(range(TRIES)):
            try:
                before = self.source.stamp(key)
                with _file(self.source, key) as (path, digest):
                    self.target.put_file(key, path)
                if _digest(self.target, key) == digest and self._note(key, before):
                    return
                raise Differs("what was read back is not what was sent")
            except (FileNotFoundError, StorageDenied):
                raise
            except (OSError, Differs):
                if not left:
                    raise
                time.sleep(0.2 * (TRIES - left) ** 2)

    def _note(self, key: str, before: str) -> bool:
        """False if the source was put anew while we read it."""
        if self.source.stamp(key) != before:
            return False
        self.journal.note(key, before, self.target.stamp(key))
        return True

    def _look_again(self, then: Stamps, counts: Counts) -> None:
        now, there = _stamps(self.source), _stamps(self.target)
        counts.changed = sum(then.get(key) != found for key, found in now.items())
        counts.extra = sum(key not in now for key in there)


class _Crew:
    """A few threads that take one key after another. A refusal by the service ends it: the next would be refused."""

    def __init__(self, keys: Iterable[str], work: Callable[[str], None]) -> None:
        self._keys, self._work, self._lock = iter(keys), work, threading.Lock()
        self._stopped = False
        self.trouble: Exception | None = None
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(AT_ONCE)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wait(self, seconds: float) -> bool:
        """Whether all have ended, after that time at the latest."""
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        self._stopped = True

    def _run(self) -> None:
        while not self._stopped:
            with self._lock:
                key = next(self._keys, None)
            if key is None:
                return
            try:
                self._work(key)
            except Exception as error:  # noqa: BLE001 - told to whoever waits
                self.trouble, self._stopped = error, True


def _stamps(engine: Storage) -> Stamps:
    return {key: (size, stamp) for key, size, stamp in engine.stamps()}


@contextmanager
def _file(engine: Storage, key: str) -> Iterator[tuple[Path, str]]:
    """The bytes on this machine, with their hash. Not by `local_copy`: what is read once needs no place there."""
    if path := engine.path(key):
        yield path, _digest(engine, key)
        return
    Path(settings.SCRATCH_DIR).mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=settings.SCRATCH_DIR, prefix="move-") as file, engine.open(key) as source:
        digest = _hash(source, file.write)
        file.flush()
        yield Path(file.name), digest


def _digest(engine: Storage, key: str) -> str:
    with engine.open(key) as file:
        return _hash(file)


def _hash(file: BinaryIO, also: Callable[[bytes], object] = lambda block: None) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
        also(block)
    return digest.hexdigest()
