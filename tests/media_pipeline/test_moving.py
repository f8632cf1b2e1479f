"""An installation moves from disk to S3 and back: whole, compared, taken up where it broke, the source untouched."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from jobs.models import Worker
from media_pipeline import moving, storage
from media_pipeline.storage import LocalStorage
from media_pipeline.storage.base import StorageUnavailable
from tests.media_pipeline import s3_server
from tests.media_pipeline.sending import begun

fork = multiprocessing.get_context("fork")
KEYS = ["sources/Asset12345", *(f"packages/Asset12345/Pack123456/720/{number:05}.m4s" for number in range(6))]

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(tmp_path: Path, settings: Any) -> LocalStorage:
    settings.STORAGE_URL = f"file://{tmp_path / 'media'}"
    settings.DATA_DIR, settings.SCRATCH_DIR = tmp_path, tmp_path / "scratch"
    engine = storage.local_engine()
    assert engine
    for key in KEYS:
        put(engine, key, tmp_path)
    return engine


@pytest.fixture(params=["disk", "s3"])
def to(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> Iterator[str]:
    if request.param == "disk":
        yield f"file://{tmp_path / 'elsewhere'}"
        return
    with s3_server.fresh(tmp_path) as (url, _engine):
        settings.STORAGE_ACCESS_KEY, settings.STORAGE_SECRET_KEY = s3_server.KEYS.access, s3_server.KEYS.secret
        yield url


def put(engine: storage.Storage, key: str, tmp_path: Path, content: bytes | None = None) -> None:
    (tmp_path / "file").write_bytes(os.urandom(20_000) if content is None else content)
    engine.put_file(key, tmp_path / "file")


def move(to: str, *words: str) -> tuple[int, str]:
    """What it ends with, and what it said."""
    said = StringIO()
    try:
        call_command("move_storage", "--to", to, *words, stdout=said, stderr=said)
    except CommandError as error:
        return error.returncode, f"{said.getvalue()}{error}"
    return 0, said.getvalue()


def contents(engine: storage.Storage) -> dict[str, str]:
    found = {}
    for key, _size, _stamp in engine.stamps():
        with engine.open(key) as file:
            found[key] = hashlib.sha256(file.read()).hexdigest()
    return found


def test_everything_is_copied_compared_and_counted(source: LocalStorage, to: str) -> None:
    before = contents(source)

    code, said = move(to)

    assert code == 0
    assert "7 objects" in said
    assert "7 copied and compared" in said
    assert contents(storage.engine_for(to)) == before == contents(source)
    assert f"STORAGE_URL='{to}'" in said


def test_and_back_again(source: LocalStorage, to: str, tmp_path: Path, settings: Any) -> None:
    move(to)
    settings.STORAGE_URL = to

    code, said = move(f"file://{tmp_path / 'third'}")

    assert code == 0, said
    assert contents(storage.engine_for(f"file://{tmp_path / 'third'}")) == contents(source)
    assert list((tmp_path / "scratch").glob("move-*")) == []


def test_a_second_run_takes_only_what_is_new(source: LocalStorage, to: str, tmp_path: Path) -> None:
    move(to)
    put(source, "packages/Asset12345/Pack123456/master.m3u8", tmp_path)
    put(source, KEYS[1], tmp_path)

    code, said = move(to)

    assert code == 0
    assert "2 copied and compared, 0 found there and compared, 6 known from before" in said
    assert contents(storage.engine_for(to)) == contents(source)


def test_what_the_site_puts_and_removes_meanwhile_is_said(
    source: LocalStorage, to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = storage.engine_for(to)
    real = target.put_file

    def put_and_more(key: str, path: Path) -> None:
        real(key, path)
        if key == KEYS[0]:
            put(source, "sources/New1234567", tmp_path)
            source.delete(KEYS[-1])

    monkeypatch.setattr(target, "put_file", put_and_more)
    monkeypatch.setattr("media_pipeline.moving.AT_ONCE", 1)

    put(source, "sources/Asset00000", tmp_path)  # after KEYS[0] by name come none: the removed one goes first
    code, said = move(to)

    assert code == 3
    assert "1 came or changed since" in said
    assert move(to)[0] == 0
    assert contents(target).items() >= contents(source).items()


def test_a_run_that_was_killed_is_gone_on_with(
    source: LocalStorage, to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By kill −9, in the middle, again and again; each object takes its time, so that there is a middle."""
    for number in range(60):
        put(source, f"packages/Asset12345/Pack123456/480/{number:05}.m4s", tmp_path, os.urandom(300_000))
    bring = moving.Move._bring
    with monkeypatch.context() as patch:
        patch.setattr(moving.Move, "_bring", lambda *args: (time.sleep(0.05), bring(*args)))
        for _ in range(3):
            known = noted(tmp_path / "moving")
            process = fork.Process(target=move, args=(to,))
            process.start()
            while noted(tmp_path / "moving") < known + 10 and process.is_alive():
                time.sleep(0.01)
            assert process.is_alive()
            process.kill()
            process.join()

    known = noted(tmp_path / "moving")
    code, said = move(to)

    assert code == 0, said
    assert 30 <= known <= int(said.split(" known from before")[0].rpartition(" ")[2]) < 67
    assert contents(storage.engine_for(to)) == contents(source)


def noted(journal: Path) -> int:
    return sum(line.startswith("[") for path in journal.glob("*") for line in path.read_text().splitlines())


def test_without_its_journal_it_compares_instead_of_copying(source: LocalStorage, to: str, tmp_path: Path) -> None:
    move(to)
    for path in (tmp_path / "moving").iterdir():
        path.unlink()

    code, said = move(to)

    assert code == 0
    assert "0 copied and compared, 7 found there and compared, 0 known from before" in said


def test_a_line_torn_by_a_power_cut_is_no_comparison(source: LocalStorage, to: str, tmp_path: Path) -> None:
    move(to)
    (journal,) = (tmp_path / "moving").iterdir()
    journal.write_text(journal.read_text().rstrip()[:-10])

    code, said = move(to)

    assert code == 0
    assert "6 known from before" in said


def test_damage_at_the_target_is_put_right(source: LocalStorage, to: str, tmp_path: Path) -> None:
    move(to)
    target = storage.engine_for(to)
    put(target, KEYS[2], tmp_path, b"x" * 20_000)  # as long as it was
    put(target, KEYS[3], tmp_path, b"short")
    target.delete(KEYS[4])

    code, said = move(to)

    assert code == 0
    assert "3 copied and compared, 0 found there and compared, 4 known from before" in said
    assert contents(target) == contents(source)


def test_damage_that_shows_nowhere_is_found_by_comparing_anew(source: LocalStorage, tmp_path: Path) -> None:
    to = f"file://{tmp_path / 'elsewhere'}"
    move(to)
    rotten = tmp_path / "elsewhere" / KEYS[2]
    facts = rotten.stat()
    rotten.write_bytes(rotten.read_bytes()[:-1] + b"?")
    os.utime(rotten, ns=(facts.st_atime_ns, facts.st_mtime_ns))

    assert "7 known from before" in move(to)[1]
    code, said = move(to, "--anew")

    assert code == 0
    assert "1 copied and compared, 6 found there and compared" in said
    assert contents(storage.engine_for(to)) == contents(source)


@pytest.mark.parametrize("heals", [True, False])
def test_damage_on_the_way_is_noticed(
    source: LocalStorage, to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heals: bool
) -> None:
    target = storage.engine_for(to)
    real, puts = target.put_file, []

    def damaging(key: str, path: Path) -> None:
        if key == KEYS[0] and not (heals and puts):
            puts.append(key)
            (tmp_path / "damaged").write_bytes(path.read_bytes()[:-1] + b"?")
            path = tmp_path / "damaged"
        real(key, path)

    monkeypatch.setattr(target, "put_file", damaging)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)

    code, said = move(to)

    assert code == (0 if heals else 1), said
    if not heals:
        assert f"✗ {KEYS[0]}: what was read back is not what was sent" in said
        assert len(puts) == 3
        assert "6 copied and compared" in said
        monkeypatch.undo()
        assert storage.engine_for(to).put_file == real
    assert (contents(target) == contents(source)) is heals


def test_a_service_that_breaks_off_is_asked_again_and_named_in_the_end(
    source: LocalStorage, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = storage.engine_for(to)

    def away(key: str, path: Path) -> None:
        raise StorageUnavailable(5, "no answer", key)

    monkeypatch.setattr(target, "put_file", away)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)

    code, said = move(to)

    assert code == 1
    assert "7 failed" in said
    assert "no answer" in said


def test_a_target_that_lets_nobody_in_ends_it_before_it_begins(source: LocalStorage, tmp_path: Path) -> None:
    (tmp_path / "wall").write_text("no folder")

    code, said = move(f"file://{tmp_path / 'wall' / 'inside'}")

    assert code == 2
    assert "prepare_storage" in said


@pytest.mark.parametrize("inside", ["media", "media/sources", ""])
def test_a_storage_is_not_moved_into_itself(source: LocalStorage, tmp_path: Path, inside: str) -> None:
    code, said = move(f"file://{tmp_path / inside}")

    assert (code, "lies inside" in said) == (2, True)


def test_a_target_nobody_knows_is_named(source: LocalStorage) -> None:
    assert move("ftp://host")[0] == 2


def test_what_only_the_target_has_is_counted_and_left_alone(source: LocalStorage, to: str, tmp_path: Path) -> None:
    put(storage.engine_for(to), "sources/Theirs1234", tmp_path)

    code, said = move(to)

    assert code == 0
    assert "1 at the target only" in said
    assert storage.engine_for(to).exists("sources/Theirs1234")


def test_it_says_what_to_do_next(source: LocalStorage, to: str, idle_preparation: None) -> None:
    begun()
    Worker.objects.create(name="fast@here", queues="fast", seen_at=timezone.now())
    while_running = move(to)[1]
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    while_stopped = move(to)[1]

    assert "The site runs: stop it" in while_running
    assert "no worker runs" in while_stopped
    assert "1 uploads on their way" in while_stopped
