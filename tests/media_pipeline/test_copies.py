"""What workers of one machine keep of a remote storage: fetched once, bounded, never taken from under somebody."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from media_pipeline.storage.copies import Copies, Download

MIB = 1024 * 1024
fork = multiprocessing.get_context("fork")


@pytest.fixture
def copies(tmp_path: Path) -> Copies:
    return Copies(tmp_path / "copies", 10 * MIB)


def bringing(content: bytes, asked: list[str] | None = None) -> Download:
    def download(file: BinaryIO) -> None:
        if asked is not None:
            asked.append("asked")
        file.write(content)

    return download


def never(file: BinaryIO) -> None:
    raise AssertionError("it was there already")


def use(copies: Copies, name: str, size: int = MIB) -> None:
    with copies.hold(name, size, bringing(name[:1].encode() * size)) as path:
        assert path.read_bytes() == name[:1].encode() * size


def kept(copies: Copies) -> int:
    return sum(path.stat().st_size for path in copies.folder.glob("*.data"))


def test_what_is_there_is_not_fetched_again(copies: Copies) -> None:
    use(copies, "a")

    with copies.hold("a", MIB, never) as path:
        assert path.stat().st_size == MIB


def test_another_version_is_another_copy(copies: Copies) -> None:
    use(copies, "key etag1")

    with copies.hold("key etag2", 3, bringing(b"new")) as path:
        assert path.read_bytes() == b"new"


def test_what_was_used_longest_ago_goes_first(copies: Copies) -> None:
    for name in "abcdefghij":
        use(copies, name)
        time.sleep(0.01)
    with copies.hold("a", MIB, never):
        pass
    time.sleep(0.01)

    use(copies, "new", 2 * MIB)

    with copies.hold("a", MIB, never):  # used since: still there
        pass
    asked: list[str] = []
    for name in "bc":
        with copies.hold(name, MIB, bringing(name.encode() * MIB, asked)):
            pass
    assert asked == ["asked"] * 2
    assert kept(copies) <= copies.most


def test_what_is_in_use_stays_even_beyond_the_limit(copies: Copies) -> None:
    with ExitStack() as held:
        paths = [
            held.enter_context(copies.hold(name, 4 * MIB, bringing(name.encode() * 4 * MIB)))
            for name in ("a", "b", "c")
        ]
        assert [path.read_bytes()[:1] for path in paths] == [b"a", b"b", b"c"]

    assert kept(copies) <= copies.most


def test_a_file_larger_than_all_that_may_be_kept_is_used_and_then_removed(copies: Copies) -> None:
    use(copies, "huge", 11 * MIB)

    assert kept(copies) == 0


def test_a_fetch_that_fails_leaves_nothing(copies: Copies) -> None:
    def breaks(file: BinaryIO) -> None:
        file.write(b"half")
        raise OSError(errno.EIO, "gone")

    for download in (breaks, bringing(b"too short"), bringing(b"x" * (MIB + 1))):
        with pytest.raises(OSError, match=r"gone|instead of"), copies.hold("a", MIB, download):
            pass

    assert list(copies.folder.glob("*.data")) + list(copies.folder.glob("*.draft")) == []
    use(copies, "a")


def test_a_disk_without_room_is_said_before_anything_is_fetched(
    copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)

    with pytest.raises(OSError, match="No space left") as error, copies.hold("a", MIB, never):
        pass

    assert error.value.errno == errno.ENOSPC


def test_workers_that_want_the_same_fetch_it_once(copies: Copies, tmp_path: Path) -> None:
    log = tmp_path / "log"

    def work() -> None:
        def download(file: BinaryIO) -> None:
            with log.open("a") as told:
                told.write("fetched\n")
            time.sleep(0.3)
            file.write(b"s" * MIB)

        with copies.hold("source", MIB, download) as path:
            assert path.read_bytes() == b"s" * MIB
            time.sleep(0.05)

    workers = [fork.Process(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert [worker.exitcode for worker in workers] == [0] * 6
    assert log.read_text() == "fetched\n"


def test_a_worker_killed_while_fetching_blocks_nobody(copies: Copies, tmp_path: Path) -> None:
    def dies() -> None:
        def download(file: BinaryIO) -> None:
            file.write(b"half")
            file.flush()
            (tmp_path / "at it").touch()
            time.sleep(60)

        with copies.hold("a", MIB, download):
            pass

    worker = fork.Process(target=dies)
    worker.start()
    while not (tmp_path / "at it").exists():
        time.sleep(0.01)
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    worker.join(60)

    use(copies, "a")


def test_many_workers_in_little_room_never_lose_what_they_hold(tmp_path: Path) -> None:
    """Five copies where three fit, removed and fetched all the time: whoever holds one reads all of it, and only it."""
    copies = Copies(tmp_path / "copies", 3 * MIB)

    def work(seed: int) -> None:
        for step in range(40):
            name = "abcde"[(seed * 7 + step * (seed + 1)) % 5]
            use(copies, name)

    workers = [fork.Process(target=work, args=(seed,)) for seed in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert [worker.exitcode for worker in workers] == [0] * 4
    assert kept(copies) <= copies.most
    assert list(copies.folder.glob("*.draft")) == []


def test_what_nobody_used_for_long_is_forgotten_but_not_what_is_in_use(copies: Copies) -> None:
    use(copies, "old")
    later = datetime.now(UTC) + timedelta(hours=1)

    with copies.hold("held", MIB, bringing(b"h" * MIB)) as path:
        copies.forget_before(later)
        assert path.read_bytes() == b"h" * MIB

    copies.forget_before(later)
    assert list(copies.folder.iterdir()) == [copies.folder / "room.turn"]
