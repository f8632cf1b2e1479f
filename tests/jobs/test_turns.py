"""Which job is next: the best placed of what is due, whatever message woke the worker, where there is room for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from jobs import kinds, queue, ranks, room, runner, scratch, sweeping, tasks
from jobs.models import Job, JobEvent

MINUTE = timedelta(minutes=1)
done: list[str] = []


@pytest.fixture(autouse=True)
def kind() -> Iterator[None]:
    done.clear()
    kinds.register("test.turn", lambda job: done.append(job.job.subject), queue=Job.Queue.ENCODE)
    kinds.register("test.quick", lambda job: done.append(job.job.subject), queue=Job.Queue.FAST)
    yield
    for name in ("test.turn", "test.quick"):
        kinds._kinds.pop(name)


def work(subject: str, *, ago: timedelta = timedelta(), kind: str = "test.turn", **facts: Any) -> Job:
    return queue.enqueue(kind, subject=subject, now=timezone.now() - ago, **facts)


def test_a_short_job_passes_a_long_one_and_a_long_one_passes_what_comes_much_later() -> None:
    noon = timezone.now()
    long, short = ranks.rank(noon, 3600), ranks.rank(noon + 10 * MINUTE, 60)

    assert short < long
    assert long < ranks.rank(noon + ranks.MOST + MINUTE, 0)


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.integers(0, 100_000))
def test_nothing_that_comes_an_hour_later_passes(cost: float, other: float, later: int) -> None:
    asked = datetime(2026, 11, 24, tzinfo=timezone.get_current_timezone())
    after = asked + ranks.MOST + timedelta(seconds=later)

    assert asked <= ranks.rank(asked, cost) <= ranks.rank(after, other)


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_of_two_asked_for_together_the_shorter_is_never_behind(cost: float, other: float) -> None:
    asked = datetime(2026, 11, 24, tzinfo=timezone.get_current_timezone())

    assert (cost <= other) <= (ranks.rank(asked, cost) <= ranks.rank(asked, other))


@pytest.mark.django_db
def test_a_message_wakes_a_worker_and_the_worker_takes_the_best_of_that_queue() -> None:
    long = work("long", ago=2 * MINUTE, cost=1000)
    work("short", ago=MINUTE, cost=30)
    work("other queue", ago=9 * MINUTE, kind="test.quick")

    tasks.run_job(long.pk)
    assert done == ["short"]
    tasks.run_job(long.pk)
    tasks.run_job(long.pk)
    tasks.run_job(10**9)
    assert done == ["short", "long"]


@pytest.mark.django_db
def test_a_job_that_pauses_or_that_nobody_here_knows_is_stepped_over() -> None:
    pausing, unknown = work("pausing", ago=3 * MINUTE), work("unknown", ago=2 * MINUTE)
    Job.objects.filter(pk=pausing.pk).update(not_before=timezone.now() + MINUTE)
    Job.objects.filter(pk=unknown.pk).update(kind="test.of_tomorrow")
    work("plain")

    assert runner.run_next("encode")
    assert not runner.run_next("encode")
    assert done == ["plain"]
    assert Job.objects.get(pk=unknown.pk).state == "queued"


@pytest.mark.django_db
def test_work_that_an_older_version_called_otherwise_is_taken_over() -> None:
    old = work("thing:1")
    Job.objects.filter(pk=old.pk).update(kind="test.of_yesterday")
    assert not runner.run_next("encode")

    kinds.take_over("test.of_yesterday", "test.turn")

    assert runner.run_next("encode")
    assert done == ["thing:1"]
    kinds._former.pop("test.of_yesterday")


def test_many_workers_take_many_jobs_each_once_and_the_best_first(committed_db: None) -> None:
    for number in range(12):
        work(f"thing:{number:02}", cost=100 * (12 - number))
    barrier = threading.Barrier(4)

    def take(name: str) -> None:
        barrier.wait()
        try:
            while runner.run_next("encode", worker=name):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[f"host:{number}"]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == sorted({f"thing:{number:02}" for number in range(12)})
    assert set(Job.objects.values_list("state", "attempt")) == {("done", 1)}
    begun = JobEvent.objects.filter(to_state="running").order_by("pk")
    assert begun.first().job.subject == "thing:11"  # type: ignore[union-attr]


@pytest.mark.django_db
def test_who_stands_before_a_job_follows_the_rank_and_parts_of_one_thing_count_once() -> None:
    mine = work("mine", cost=500)
    for number in range(1, 4):
        work(f"long/{number}", cost=60)
        work(f"mine/{number}", cost=60)
    work("later but short", cost=10)
    work("longer", cost=900)

    assert queue.ahead_of(mine) == 2
    runner.claim_next(["encode"], worker="here:1", now=timezone.now())
    assert queue.ahead_of(Job.objects.get(pk=mine.pk)) == 2
    assert queue.ahead_of(Job.objects.get(subject="later but short")) == 0


@pytest.mark.django_db
def test_cancelling_a_thing_cancels_its_parts_and_nothing_else() -> None:
    for subject in ("asset:1", "asset:1/1", "asset:1/12", "asset:12", "asset:12/1"):
        work(subject)

    assert queue.cancel("asset:1") == 3
    assert sorted(Job.objects.active().values_list("subject", flat=True)) == ["asset:12", "asset:12/1"]


# ---- room ----


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Any:
    """What the disk has free, in bytes beyond what is spared: `disk(100)`."""
    settings.SCRATCH_DIR = tmp_path / "scratch"

    def has(free: int) -> None:
        monkeypatch.setattr(room.shutil, "disk_usage", lambda path: SimpleNamespace(free=free + room.SPARE))

    has(10**12)
    return has


@pytest.mark.django_db
def test_work_that_does_not_fit_on_the_disk_waits_and_says_why_while_smaller_work_goes_on(disk: Any) -> None:
    big = work("big", ago=2 * MINUTE, room=1000)
    work("small", ago=MINUTE, room=100)
    disk(500)

    assert runner.run_next("encode")
    assert not runner.run_next("encode")
    assert done == ["small"]
    big.refresh_from_db()
    assert (big.state, big.waits, big.failures) == ("queued", "job_waits_for_room", 0)
    assert sweeping.sweep(timezone.now()) == 1  # and it is asked for again soon

    disk(1000)
    assert runner.run_next("encode")
    big.refresh_from_db()
    assert (big.state, big.waits) == ("done", "")


@pytest.mark.django_db
def test_what_runs_on_this_machine_counts_against_the_limit_before_it_is_written(disk: Any, settings: Any) -> None:
    settings.SCRATCH_BYTES = 1000
    for number in range(3):
        work(f"thing:{number}", room=400)

    now = timezone.now()
    taken = [runner.claim_next(["encode"], worker="here:1", now=now) for _ in range(3)]
    assert [bool(job) for job in taken] == [True, True, False]
    assert runner.claim_next(["encode"], worker="elsewhere:1", now=now)


@pytest.mark.django_db
def test_big_work_that_is_overdue_is_not_passed_any_more(disk: Any, settings: Any) -> None:
    settings.SCRATCH_BYTES = 1000
    work("running", room=600)
    assert runner.claim_next(["encode"], worker="here:1", now=timezone.now())
    work("big", ago=room.OVERDUE + 2 * MINUTE, room=900)
    work("small", room=100)

    assert runner.claim_next(["encode"], worker="here:2", now=timezone.now()) is None
    Job.objects.filter(subject="running").update(state="done", lease_until=None)
    next_one = runner.claim_next(["encode"], worker="here:2", now=timezone.now())
    assert next_one
    assert next_one.subject == "big"


@pytest.mark.django_db
def test_work_that_fits_nowhere_holds_up_nothing(disk: Any, settings: Any) -> None:
    settings.SCRATCH_BYTES = 1000
    work("too big", ago=timedelta(hours=2), room=5000)
    work("small", room=100)

    assert runner.run_next("encode")
    assert done == ["small"]


@pytest.mark.django_db
def test_scratch_that_is_used_is_counted(disk: Any) -> None:
    folder = scratch.root() / "job-1" / "1" / "out"
    folder.mkdir(parents=True)
    (folder / "piece").write_bytes(b"x" * 123)

    assert scratch.used() == 123
