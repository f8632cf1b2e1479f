"""What every storage engine must do, whatever lies behind it. An engine's tests inherit this and bring an `engine`."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from media_pipeline.storage.base import BadKey, MultipartGone, Part, PartsChanged

SOON = timedelta(minutes=5)
SIZE, PART = 2500, 1000  # three parts, the last one short


def body(number: int, size: int = SIZE, part: int = PART) -> bytes:
    return bytes([number]) * min(part, size - (number - 1) * part)


class StorageContract:
    """`engine` is a fixture; `put_part` sends a part the way a client of that engine does."""

    size, part = SIZE, PART

    def body(self, number: int) -> bytes:
        return body(number, self.size, self.part)

    def put_part(self, engine: Any, storage_id: str, key: str, number: int, content: bytes) -> None:
        raise NotImplementedError

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "file.bin"
        path.write_bytes(b"one")
        return path

    # ---- objects ----

    def test_what_was_put_is_read_back(self, engine: Any, file: Path) -> None:
        engine.put_file("packages/a/b/master.m3u8", file)

        with engine.open("packages/a/b/master.m3u8") as stored, engine.local_copy("packages/a/b/master.m3u8") as copy:
            assert (stored.read(), copy.read_bytes()) == (b"one", b"one")
        assert engine.exists("packages/a/b/master.m3u8")
        assert engine.size("packages/a/b/master.m3u8") == 3
        assert file.read_bytes() == b"one"

    def test_putting_again_replaces(self, engine: Any, file: Path) -> None:
        engine.put_file("sources/a", file)
        file.write_bytes(b"longer")

        engine.put_file("sources/a", file)

        assert engine.size("sources/a") == 6

    def test_what_is_missing_raises(self, engine: Any) -> None:
        assert not engine.exists("sources/none")
        for ask in (engine.open, engine.size, engine.stamp, lambda key: engine.local_copy(key).__enter__()):
            with pytest.raises(FileNotFoundError):
                ask("sources/none")

    def test_a_copy_is_the_same_and_lives_on_alone(self, engine: Any, file: Path) -> None:
        engine.put_file("packages/a/1/audio/00001.m4s", file)

        engine.copy("packages/a/1/audio/00001.m4s", "packages/a/2/audio/00001.m4s")
        file.write_bytes(b"other")
        engine.put_file("packages/a/1/audio/00001.m4s", file)
        with engine.open("packages/a/2/audio/00001.m4s") as copy:
            assert copy.read() == b"one"
        engine.delete_prefix("packages/a/1")
        assert engine.size("packages/a/2/audio/00001.m4s") == 3

    def test_copying_again_replaces(self, engine: Any, file: Path) -> None:
        for key, content in (("sources/a", b"one"), ("sources/b", b"other")):
            file.write_bytes(content)
            engine.put_file(key, file)

        for _ in range(2):
            engine.copy("sources/a", "sources/b")
        engine.copy("sources/a", "sources/a")

        assert list(engine.list("sources")) == [("sources/a", 3), ("sources/b", 3)]

    def test_what_is_missing_cannot_be_copied(self, engine: Any) -> None:
        with pytest.raises(FileNotFoundError):
            engine.copy("sources/none", "sources/a")

        assert not engine.exists("sources/a")

    def test_a_prefix_is_a_folder_and_no_beginning_of_a_name(self, engine: Any, file: Path) -> None:
        for key in ("packages/ab/1/x.mp4", "packages/ab/1/720/00001.m4s", "packages/abc/1/x.mp4", "sources/ab"):
            engine.put_file(key, file)

        assert list(engine.list("packages/ab")) == [("packages/ab/1/720/00001.m4s", 3), ("packages/ab/1/x.mp4", 3)]
        assert list(engine.folders("packages")) == ["ab", "abc"]
        engine.delete_prefix("packages/ab")
        assert list(engine.folders("packages")) == ["abc"]
        assert list(engine.list("packages/ab")) == []
        assert engine.exists("packages/abc/1/x.mp4")

    def test_deleting_leaves_no_empty_folder_and_may_be_repeated(self, engine: Any, file: Path) -> None:
        engine.put_file("packages/a/b/x.mp4", file)

        for _ in range(2):
            engine.delete("packages/a/b/x.mp4")
            engine.delete_prefix("packages/a")

        assert list(engine.folders("packages")) == []

    def test_it_knows_when_something_changed_last(self, engine: Any, file: Path) -> None:
        assert engine.changed_at("packages/a") is None

        engine.put_file("packages/a/b/x.mp4", file)

        changed_at = engine.changed_at("packages/a")
        assert changed_at is not None
        assert abs(changed_at - datetime.now(UTC)) < SOON

    def test_a_file_is_read_from_anywhere(self, engine: Any, file: Path) -> None:
        content = os.urandom(3_000_000)
        file.write_bytes(content)
        engine.put_file("sources/a", file)

        with engine.open("sources/a") as stored:
            for start, length in ((0, 10), (2_000_000, 5), (5, 1_500_000), (2_999_990, 100), (3_000_000, 1)):
                stored.seek(start)
                assert stored.read(length) == content[start : start + length]
            assert stored.seek(-7, os.SEEK_END) == 2_999_993
            assert stored.read() == content[-7:]

    def test_an_empty_file_is_a_file(self, engine: Any, file: Path) -> None:
        file.write_bytes(b"")
        engine.put_file("packages/a/b/empty.vtt", file)

        with engine.open("packages/a/b/empty.vtt") as stored, engine.local_copy("packages/a/b/empty.vtt") as copy:
            assert (stored.read(), copy.read_bytes()) == (b"", b"")

    def test_its_stamp_tells_one_version_from_the_next(self, engine: Any, file: Path) -> None:
        engine.put_file("packages/a/b/master.m3u8", file)
        first = list(engine.stamps("packages"))
        assert first[0][2] == engine.stamp("packages/a/b/master.m3u8")
        file.write_bytes(b"two")
        engine.put_file("packages/a/b/master.m3u8", file)

        assert [entry[:2] for entry in first] == [("packages/a/b/master.m3u8", 3)]
        assert list(engine.stamps("packages")) != first
        assert list(engine.stamps("packages")) == list(engine.stamps("packages"))

    def test_all_there_is_can_be_seen_without_uploads_on_their_way(self, engine: Any, file: Path) -> None:
        for key in ("sources/a", "packages/a/1/x.mp4", "another/b"):
            engine.put_file(key, file)
        self.sent(engine, self.begun(engine), 1)

        assert [key for key, _size, _stamp in engine.stamps()] == ["another/b", "packages/a/1/x.mp4", "sources/a"]

    def test_a_thousand_and_more_are_listed_and_removed(self, engine: Any, file: Path) -> None:
        keys = [f"packages/a/b/{number:05}.m4s" for number in range(1_010)]
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda key: engine.put_file(key, file), keys))

        assert [key for key, _size in engine.list("packages/a")] == keys
        engine.delete_prefix("packages/a")
        assert list(engine.list("packages")) == []

    @pytest.mark.parametrize(
        "key",
        ["", "/etc/passwd", "../x", "a/../b", "a//b", ".hidden", "a/.b", "a/b\n", "a\\b", "a b", "党课", "a" * 201],
    )
    def test_what_is_no_key_is_refused_everywhere(self, engine: Any, file: Path, key: str) -> None:
        engine.put_file("sources/kept", file)
        for ask in (
            engine.open, engine.size, engine.exists, engine.delete, engine.delete_prefix, engine.path, engine.read_link,
            engine.changed_at, lambda key: list(engine.list(key)), lambda key: engine.local_copy(key).__enter__(),
        ):  # fmt: skip
            with pytest.raises(BadKey):
                ask(key)
        for ask in (lambda: engine.put_file(key, file), lambda: engine.copy(key, "a"), lambda: engine.copy("a", key)):
            with pytest.raises(BadKey):
                ask()
        with pytest.raises(BadKey):
            engine.create_multipart(key, size=1, part_size=1)
        assert [kept for kept, _size, _stamp in engine.stamps()] == ["sources/kept"]

    def test_it_says_that_it_can_be_written(self, engine: Any) -> None:
        assert engine.is_writable()
        assert engine.free_bytes() is None or engine.free_bytes() > 0

    # ---- parts ----

    def begun(self, engine: Any, key: str = "sources/up") -> str:
        return str(engine.create_multipart(key, size=self.size, part_size=self.part))

    def sent(self, engine: Any, storage_id: str, *numbers: int) -> list[Part]:
        for number in numbers:
            self.put_part(engine, storage_id, "sources/up", number, self.body(number))
        return list(engine.list_parts(storage_id, "sources/up"))

    def test_parts_in_any_order_become_the_file(self, engine: Any) -> None:
        storage_id = self.begun(engine)
        parts = self.sent(engine, storage_id, 3, 1, 2)

        engine.complete_multipart(storage_id, "sources/up", parts, size=self.size)

        assert [(part.number, part.size) for part in parts] == [
            (number, len(self.body(number))) for number in (1, 2, 3)
        ]
        with engine.open("sources/up") as file:
            assert file.read() == self.body(1) + self.body(2) + self.body(3)
        assert list(engine.list_parts(storage_id, "sources/up")) == []
        assert list(engine.list_multiparts()) == []

    def test_nothing_is_there_before_it_is_complete(self, engine: Any) -> None:
        storage_id = self.begun(engine)

        self.sent(engine, storage_id, 1, 2)

        assert not engine.exists("sources/up")
        assert [found.key for found in engine.list_multiparts()] == ["sources/up"]

    def test_completing_again_is_harmless(self, engine: Any) -> None:
        storage_id = self.begun(engine)
        parts = self.sent(engine, storage_id, 1, 2, 3)

        for _ in range(2):
            engine.complete_multipart(storage_id, "sources/up", parts, size=self.size)

        assert engine.size("sources/up") == self.size

    def test_a_part_sent_again_replaces_and_changes_its_etag(self, engine: Any) -> None:
        storage_id = self.begun(engine)
        listed = self.sent(engine, storage_id, 1, 2, 3)
        self.put_part(engine, storage_id, "sources/up", 2, b"x" * self.part)

        with pytest.raises(PartsChanged):
            engine.complete_multipart(storage_id, "sources/up", listed, size=self.size)
        engine.complete_multipart(storage_id, "sources/up", engine.list_parts(storage_id, "sources/up"), size=self.size)

        with engine.open("sources/up") as file:
            assert file.read() == self.body(1) + b"x" * self.part + self.body(3)

    def test_missing_parts_cannot_be_completed(self, engine: Any) -> None:
        storage_id = self.begun(engine)
        listed = self.sent(engine, storage_id, 1, 3)

        with pytest.raises(PartsChanged):
            engine.complete_multipart(storage_id, "sources/up", listed, size=self.size)

        assert not engine.exists("sources/up")

    def test_what_was_aborted_is_gone(self, engine: Any) -> None:
        storage_id = self.begun(engine)
        listed = self.sent(engine, storage_id, 1, 2, 3)

        for _ in range(2):
            engine.abort_multipart(storage_id, "sources/up")

        assert list(engine.list_multiparts()) == []
        with pytest.raises(MultipartGone):
            engine.complete_multipart(storage_id, "sources/up", listed, size=self.size)

    def test_parts_of_another_total_are_not_completed(self, engine: Any) -> None:
        storage_id = self.begun(engine)
        two = self.sent(engine, storage_id, 1, 2)

        with pytest.raises(PartsChanged):
            engine.complete_multipart(storage_id, "sources/up", two, size=self.size)

        assert not engine.exists("sources/up")

    def test_two_who_complete_at_once_both_find_it_done(self, engine: Any) -> None:
        storage_id = self.begun(engine)
        parts = self.sent(engine, storage_id, 1, 2, 3)

        with ThreadPoolExecutor(2) as threads:
            ends = [
                threads.submit(engine.complete_multipart, storage_id, "sources/up", parts, size=self.size)
                for _ in range(2)
            ]
            assert [end.exception() for end in ends] == [None, None]

        with engine.open("sources/up") as file:
            assert file.read() == self.body(1) + self.body(2) + self.body(3)

    def test_after_a_crash_that_lost_the_list_completing_finds_the_object(self, engine: Any) -> None:
        storage_id = self.begun(engine)
        engine.complete_multipart(storage_id, "sources/up", self.sent(engine, storage_id, 1, 2, 3), size=self.size)

        engine.complete_multipart(storage_id, "sources/up", [], size=self.size)

        assert engine.size("sources/up") == self.size

    def test_of_a_multipart_that_never_was_nothing_is_known(self, engine: Any) -> None:
        assert list(engine.list_parts("never", "sources/never")) == []
        engine.abort_multipart("never", "sources/never")
        with pytest.raises(MultipartGone):
            engine.complete_multipart("never", "sources/never", [], size=self.size)

    def test_signed_addresses_name_the_part(self, engine: Any) -> None:
        storage_id = self.begun(engine)
        until = datetime.now(UTC) + SOON

        links = {engine.sign_part(storage_id, "sources/up", n, size=self.part, expires_at=until) for n in (1, 2)}

        assert len(links) == 2
