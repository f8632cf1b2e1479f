"""The local storage: the contract of all engines, and what only a disk can get wrong."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import registry

from media_pipeline import storage
from media_pipeline.checks import check_storage
from media_pipeline.storage.base import MultipartGone, MultipartSealed
from media_pipeline.storage.incoming import PartIncomplete, PartOvertaken
from tests.media_pipeline.storage_contract import PART, SIZE, StorageContract, body

LATER = datetime.now(UTC) + timedelta(days=1)


class TestLocal(StorageContract):
    def put_part(self, engine: Any, storage_id: str, key: str, number: int, content: bytes) -> None:
        put(engine, storage_id, number, content)


def put(engine: storage.LocalStorage, storage_id: str, number: int, content: bytes) -> None:
    with engine.part_writer(storage_id, number, len(content)) as writer:
        writer.write(content)
        writer.finish()


@pytest.fixture
def begun(engine: storage.LocalStorage) -> str:
    return engine.create_multipart("sources/up", size=SIZE, part_size=PART)


def numbers(engine: storage.LocalStorage, storage_id: str) -> list[int]:
    return [part.number for part in engine.list_parts(storage_id, "sources/up")]


def test_a_broken_off_put_shows_nothing_and_is_cleaned_up(
    engine: storage.LocalStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(source: Path, target: Path) -> None:
        Path(target).write_bytes(b"half")
        raise SystemExit

    (tmp_path / "file").write_bytes(b"whole")
    monkeypatch.setattr(shutil, "copyfile", dies)
    monkeypatch.setattr(Path, "unlink", lambda self, missing_ok=False: None)  # a killed process cleans nothing up
    with pytest.raises(SystemExit):
        engine.put_file("sources/a", tmp_path / "file")
    monkeypatch.undo()

    assert not engine.exists("sources/a")
    assert list(engine.list("sources")) == []
    assert len(list((engine.root / ".drafts").iterdir())) == 1
    engine.discard_leftovers(LATER)
    assert list((engine.root / ".drafts").iterdir()) == []


@pytest.mark.parametrize("fault", [errno.EPERM, errno.EXDEV, errno.EMLINK])
def test_a_copy_is_made_where_a_file_cannot_have_two_names(
    engine: storage.LocalStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    def refuses(self: Path, target: Path) -> None:
        raise OSError(fault, "no second name")

    (tmp_path / "file").write_bytes(b"whole")
    engine.put_file("sources/a", tmp_path / "file")
    monkeypatch.setattr(Path, "hardlink_to", refuses)

    engine.copy("sources/a", "sources/b")

    assert (engine.root / "sources" / "b").read_bytes() == b"whole"
    assert list((engine.root / ".drafts").iterdir()) == []


def test_a_copy_takes_no_room(engine: storage.LocalStorage, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"whole")
    engine.put_file("sources/a", tmp_path / "file")

    for _ in range(2):
        engine.copy("sources/a", "sources/b")

    assert (engine.root / "sources" / "a").stat().st_nlink == 2
    assert list((engine.root / ".drafts").iterdir()) == []


def test_a_part_counts_only_when_it_is_all_there(engine: storage.LocalStorage, begun: str) -> None:
    with engine.part_writer(begun, 1, PART) as writer:
        writer.write(b"x" * (PART - 1))

        with pytest.raises(PartIncomplete):
            writer.finish()
        with pytest.raises(PartIncomplete):
            writer.write(b"xx")

    assert numbers(engine, begun) == []


def test_a_repetition_that_breaks_off_leaves_the_part_unreceived(engine: storage.LocalStorage, begun: str) -> None:
    put(engine, begun, 1, body(1))

    with engine.part_writer(begun, 1, PART) as writer:
        writer.write(b"other")

    assert numbers(engine, begun) == []


def test_the_newer_of_two_writers_wins_and_their_bytes_never_mix(engine: storage.LocalStorage, begun: str) -> None:
    with engine.part_writer(begun, 1, PART) as older:
        older.write(b"o" * 400)
        with engine.part_writer(begun, 1, PART) as newer:
            newer.write(b"n" * PART)

            with pytest.raises(PartOvertaken):
                older.write(b"o" * 600)
            newer.finish()
        with pytest.raises(PartOvertaken):
            older.write(b"o" * 600)

    assert numbers(engine, begun) == [1]
    assert (engine.root / "uploads" / begun / "data").read_bytes()[:PART] == b"n" * PART


def test_only_the_size_the_layout_gives_is_taken(engine: storage.LocalStorage, begun: str) -> None:
    for number, size in ((1, PART - 1), (3, PART), (4, PART), (0, PART), (4, 0)):
        with pytest.raises(PartIncomplete):
            engine.part_writer(begun, number, size)


def test_who_writes_while_the_upload_ends_writes_nowhere(engine: storage.LocalStorage) -> None:
    for end in ("complete", "abort"):
        storage_id = engine.create_multipart(f"sources/{end}", size=SIZE, part_size=PART)
        for number in (1, 2, 3):
            put(engine, storage_id, number, body(number))
        parts = engine.list_parts(storage_id, f"sources/{end}")
        marker = engine.root / "uploads" / storage_id / "parts" / "00001.json"
        received = marker.read_bytes()
        with engine.part_writer(storage_id, 1, PART) as writer:
            marker.write_bytes(received)  # as if the upload had been ended just before the writer forgot the part
            if end == "complete":
                engine.complete_multipart(storage_id, "sources/complete", parts, size=SIZE)
            else:
                engine.abort_multipart(storage_id, "sources/abort")

            with pytest.raises(MultipartGone):
                writer.write(b"late")

    assert (engine.root / "sources" / "complete").read_bytes() == body(1) + body(2) + body(3)


@pytest.mark.parametrize("breaks", ["rename", "sync_folder"])
def test_a_crash_inside_completing_is_continued_by_the_next_call(
    engine: storage.LocalStorage, begun: str, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    for number in (1, 2, 3):
        put(engine, begun, number, body(number))
    parts = engine.list_parts(begun, "sources/up")

    def dies(*args: Any) -> None:
        if breaks == "rename" and args[0].name != "data":
            return real(*args)
        raise SystemExit

    if breaks == "rename":  # sealed, not moved
        real = Path.rename
        monkeypatch.setattr(Path, "rename", dies)
    else:  # moved, not cleaned up
        monkeypatch.setattr(storage.LocalStorage, "_discard", dies)
    with pytest.raises(SystemExit):
        engine.complete_multipart(begun, "sources/up", parts, size=SIZE)
    monkeypatch.undo()

    if breaks == "rename":
        with pytest.raises(MultipartSealed):
            engine.part_writer(begun, 1, PART)
    engine.complete_multipart(begun, "sources/up", [], size=SIZE)
    assert (engine.root / "sources" / "up").read_bytes() == body(1) + body(2) + body(3)
    assert list(engine.folders("uploads")) == []


def test_a_marker_a_power_cut_left_empty_means_not_received(engine: storage.LocalStorage, begun: str) -> None:
    put(engine, begun, 1, body(1))
    (engine.root / "uploads" / begun / "parts" / "00001.json").write_bytes(b"")

    assert numbers(engine, begun) == []


def test_room_is_taken_only_by_what_has_arrived(engine: storage.LocalStorage) -> None:
    storage_id = engine.create_multipart("sources/big", size=10**11, part_size=10**9)

    data = engine.root / "uploads" / storage_id / "data"

    assert data.stat().st_size == 10**11
    assert data.stat().st_blocks == 0


def test_one_upload_is_not_laid_out_twice(engine: storage.LocalStorage, begun: str) -> None:
    with pytest.raises(OSError, match="not empty"):
        engine.create_multipart("sources/up", size=SIZE, part_size=PART)

    assert list((engine.root / ".drafts").iterdir()) == []


def test_parts_from_many_threads_arrive_whole(engine: storage.LocalStorage) -> None:
    storage_id = engine.create_multipart("sources/many", size=40 * PART, part_size=PART)

    def send(first: int) -> None:
        for number in range(first, 41, 4):
            put(engine, storage_id, number, bytes([number]) * PART)

    threads = [threading.Thread(target=send, args=(first,)) for first in (1, 2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.complete_multipart(storage_id, "sources/many", engine.list_parts(storage_id, "sources/many"), size=40 * PART)

    expected = b"".join(bytes([number]) * PART for number in range(1, 41))
    assert (engine.root / "sources" / "many").read_bytes() == expected


@pytest.mark.parametrize(
    "url", ["s3://", "s3://bucket?endpont=http://s3", "file://host/folder", "file:folder", "", "media"]
)
def test_a_storage_nobody_knows_is_named_at_start(settings: Any, url: str) -> None:
    settings.STORAGE_URL = url

    assert check_storage in registry.registry.get_checks()
    assert [found.id for found in check_storage(None)] == ["media.E001"]


def test_a_storage_that_cannot_be_written_is_named_at_start(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.STORAGE_URL = f"file://{tmp_path / 'file' / 'media'}"

    assert not storage.default().is_writable()
    assert [found.id for found in check_storage(None)] == ["media.E002"]


def test_files_and_folders_can_be_read_by_the_web_server(engine: storage.LocalStorage, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    engine.put_file("packages/a/b/master.m3u8", tmp_path / "file")

    mask = os.umask(0)
    os.umask(mask)
    assert (engine.root / "packages/a/b/master.m3u8").stat().st_mode & 0o777 == 0o666 & ~mask
