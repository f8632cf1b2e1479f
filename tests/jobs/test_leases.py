"""What can go wrong between a claim and its end, beyond the plain story in test_jobs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.utils import timezone

from audit import request_id
from jobs import handle, heartbeat, kinds, nudges, outcomes, queue, runner, scratch, sweeping, workers
from jobs.errors import JobError, LeaseLost
from jobs.handle import JobHandle
from jobs.models import Job
from push.models import Event

Handler = Callable[[JobHandle], None]


@pytest.fixture
def work() -> Callable[..., Job]:
    """Enqueues a job of kind "test.lease" that does `handler`."""

    def enqueue(
        handler: Handler = lambda job: None, subject: str = "thing:1", on_failed: Any = None, **facts: Any
    ) -> Job:
        kinds.register("test.lease", handler, queue=Job.Queue.FAST, on_failed=on_failed)
        return queue.enqueue("test.lease", subject=subject, **facts)

    return enqueue


def claimed(job: Job, worker: str = "one", now: datetime | None = None) -> Job:
    taken = runner.claim(job.pk, worker=worker, now=now or timezone.now())
    assert taken
    return taken


def lose(job: Job) -> None:
    """Its lease runs out, the sweep finds it, and its back-off passes."""
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweeping.sweep(timezone.now())
    Job.objects.filter(pk=job.pk, state="queued").update(not_before=timezone.now())


@pytest.mark.django_db
def test_a_job_that_always_kills_its_worker_at_the_same_place_is_given_up(work: Any) -> None:
    job = work()
    for _ in range(handle.STRIDE):
        if Job.objects.get(pk=job.pk).state == "failed":
            break
        JobHandle(claimed(job)).progress(600, "encode")
        lose(job)

    job.refresh_from_db()
    # The first time it got somewhere; the losses since then count.
    assert (job.state, job.losses, job.attempt) == ("failed", outcomes.MAX_LOSSES, outcomes.MAX_LOSSES)


@pytest.mark.django_db
def test_a_job_that_gets_further_each_time_is_not_given_up(work: Any) -> None:
    job = work()
    for attempt in range(1, 16):
        JobHandle(claimed(job)).progress(attempt * 60, "encode")
        lose(job)

    job.refresh_from_db()
    assert (job.state, job.losses, job.furthest) == ("queued", 1, 900)


@pytest.mark.django_db
def test_an_attempt_begins_at_nothing_whatever_the_one_before_reached(work: Any) -> None:
    job = work()
    JobHandle(claimed(job)).progress(600, "encode")
    lose(job)

    again = claimed(job)
    assert (again.progress, again.stage, again.furthest) == (0, "", 600)


def test_losses_are_waited_out_longer_each_time() -> None:
    pauses = [outcomes.back_off(losses) for losses in range(1, outcomes.MAX_LOSSES)]

    assert pauses[0] == timedelta(0)
    assert all(longer >= 2 * shorter for shorter, longer in pairwise(pauses))


@pytest.mark.django_db
def test_the_late_end_of_one_attempt_leaves_the_folder_of_the_next_alone(work: Any) -> None:
    job = work()
    folders = []
    for name in ("slow", "quick"):
        folder = scratch.folder_of(claimed(job, name))
        folder.mkdir(parents=True)
        folders.append(folder)
        if name == "slow":
            Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
            sweeping._take_back(timezone.now())

    scratch.remove(folders[0])

    assert [folder.exists() for folder in folders] == [False, True]


@pytest.mark.django_db
def test_the_sweep_removes_folders_of_dead_attempts_only(work: Any) -> None:
    living = scratch.folder_of(claimed(work()))
    dead = [living.parent / "7", scratch.root() / "job-999999" / "1"]
    for folder in (living, *dead):
        folder.mkdir(parents=True)

    sweeping.sweep(timezone.now())

    assert [folder.exists() for folder in (living, *dead)] == [True, False, False]
    scratch.remove(living)


@pytest.mark.django_db
def test_whoever_lost_the_job_cannot_make_its_work_visible(work: Any) -> None:
    mine = JobHandle(claimed(work()))
    mine.insist()
    assert mine.still_mine()

    queue.cancel("thing:1")

    with pytest.raises(LeaseLost):
        mine.still_mine()
    with pytest.raises(LeaseLost):
        mine.insist()


@pytest.mark.django_db
def test_progress_notices_a_cancellation_even_when_it_was_just_saved(work: Any) -> None:
    mine = JobHandle(claimed(work()))
    mine.progress(10, "encode")
    queue.cancel("thing:1")

    with pytest.raises(LeaseLost):
        mine.progress(11, "encode")


@pytest.mark.django_db
def test_progress_is_told_once_a_second_and_at_each_new_stage(work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(handle.time, "monotonic", lambda: clock[0])
    mine = JobHandle(claimed(work(channel="member:1")))
    Event.objects.all().delete()
    for tick in range(40):
        clock[0] = 100.0 + tick / 10
        mine.progress(tick, "encode" if tick < 35 else "store")

    told = [(event.payload["stage"], event.payload["progress"]) for event in Event.objects.order_by("id")]
    assert told == [("encode", 0), ("encode", 10), ("encode", 20), ("encode", 30), ("store", 35)]


@pytest.mark.django_db
def test_what_a_kind_cannot_undo_keeps_no_other_job_lost(work: Any) -> None:
    def breaks(job: Job) -> None:
        raise RuntimeError("no")

    long_ago = timezone.now() - timedelta(hours=1)
    bad = work(on_failed=breaks, now=long_ago)
    good = work(on_failed=breaks, subject="thing:2", now=long_ago)
    Job.objects.filter(pk=bad.pk).update(losses=outcomes.MAX_LOSSES - 1)
    claimed(bad, now=long_ago)
    claimed(good, now=long_ago)

    sweeping.sweep(timezone.now())

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("running", "queued")  # undone together, so that it is tried again


@pytest.mark.django_db
def test_what_follows_a_failure_is_written_with_it_or_not_at_all(work: Any) -> None:
    def fails(job: JobHandle) -> None:
        raise JobError("job_broke", permanent=True, kind="Bad")

    def breaks(job: Job) -> None:
        Event.objects.create(channel="half", kind="done")
        raise RuntimeError("no")

    job = work(fails, on_failed=breaks)
    with pytest.raises(RuntimeError):
        runner.run(job.pk)

    job.refresh_from_db()
    assert job.state == "running"
    assert not Event.objects.filter(channel="half").exists()


@pytest.mark.django_db
def test_an_older_job_is_not_tried_again_beside_a_newer_one(work: Any) -> None:
    def fails(job: JobHandle) -> None:
        raise JobError("job_broke", permanent=True, kind="Bad")

    old = work(fails)
    runner.run(old.pk)
    old.refresh_from_db()
    work()

    assert not queue.retry(old, by=None)
    old.refresh_from_db()
    assert old.state == "failed"


@pytest.mark.django_db
def test_a_row_that_breaks_another_rule_is_not_taken_for_a_double(work: Any) -> None:
    kinds.register("test.lease", lambda job: None, queue=Job.Queue.FAST)
    with pytest.raises(IntegrityError):
        queue.enqueue("test.lease", subject=None)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_the_request_is_known_while_its_job_runs(work: Any) -> None:
    seen = []
    token = request_id.current.set("asked-for-it")
    job = work(lambda job: seen.append(request_id.current.get()))
    request_id.current.reset(token)

    runner.run(job.pk)

    assert seen == ["asked-for-it"]
    assert request_id.current.get() == ""


@pytest.mark.django_db
def test_a_process_told_to_stop_claims_nothing(work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    job = work()
    told = threading.Event()
    told.set()
    monkeypatch.setattr(handle, "stopping", told)

    assert not runner.run(job.pk)
    assert runner.run_due() == 0


def test_a_database_that_is_busy_costs_a_beat_not_the_heartbeat(
    committed_db: None, work: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    held, tries = heartbeat.held, iter(range(1000))

    def busy_at_first(job: Job) -> Any:
        if next(tries) < 2:
            raise OperationalError("database is locked")
        return held(job)

    monkeypatch.setattr(heartbeat, "EVERY", 0.03)
    monkeypatch.setattr(heartbeat, "held", busy_at_first)
    renewed = threading.Event()

    def waits(job: JobHandle) -> None:
        first = job.job.lease_until
        for _ in range(300):
            if Job.objects.get(pk=job.job.pk).lease_until != first:
                renewed.set()
                return
            threading.Event().wait(0.02)

    with caplog.at_level(logging.WARNING):
        runner.run(work(waits).pk)

    assert renewed.is_set()
    assert [record.message for record in caplog.records].count("heartbeat missed") == 2


def test_the_heartbeat_tells_the_handler_that_its_job_is_gone(
    committed_db: None, work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "EVERY", 0.03)
    noticed = []

    def waits(job: JobHandle) -> None:
        queue.cancel("thing:1")
        noticed.append(job._lost.wait(10))

    runner.run(work(waits).pk)

    assert noticed == [True]
    assert Job.objects.get().state == "cancelled"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The jobs that were asked for, as the sweep asks."""
    found: list[int] = []
    monkeypatch.setattr(sweeping, "nudge", lambda job: found.append(job.pk))
    return found


@pytest.mark.django_db
def test_a_long_queue_is_not_asked_for_again_and_again_while_its_worker_is_busy(work: Any, sent: list[int]) -> None:
    now = timezone.now()
    start = now - timedelta(hours=1)
    workers.say_alive("busy", "fast", now)
    first = work(now=start)
    claimed(first, "busy", now)
    waiting = [work(subject=f"thing:{number}", now=start) for number in range(2, 5)]
    Job.objects.filter(state="queued").update(nudged_at=now - timedelta(seconds=40))

    sweeping.sweep(now)
    assert sent == []  # an hour old, asked for forty seconds ago, and its worker is at work

    Job.objects.filter(pk=first.pk).update(state="done", lease_until=None)
    sweeping.sweep(now)
    assert sent == [job.pk for job in waiting]


@pytest.mark.django_db
def test_a_job_with_a_pause_is_asked_for_when_the_pause_is_over(work: Any, sent: list[int]) -> None:
    def fails(job: JobHandle) -> None:
        raise JobError("job_broke", kind="Bad")

    job = work(fails)
    runner.run(job.pk)
    job.refresh_from_db()

    sweeping.sweep(timezone.now())
    assert sent == []
    sweeping.sweep(job.not_before)
    assert sent == [job.pk]


def test_messages_go_to_the_broker_of_the_settings(settings: Any) -> None:
    """Also from a process that has loaded no worker, as the web server is."""
    assert nudges.sender.conf.broker_url == settings.CELERY_BROKER_URL


def test_a_broker_that_is_away_stops_nobody(committed_db: None, work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*words: Any, **more: Any) -> None:
        raise OSError("away")

    monkeypatch.setattr(nudges.sender, "send_task", away)

    assert work().state == "queued"
