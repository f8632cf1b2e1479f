"""Work as rows: claimed once, kept alive, given back, counted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from config.celery import app
from jobs import handle, heartbeat, kinds, nudges, queue, runner, sweeping
from jobs.errors import JobError, LeaseLost
from jobs.models import Job, Worker
from jobs.runner import JobHandle
from push.models import Event

done: list[str] = []


@pytest.fixture(autouse=True)
def kind() -> Callable[[Callable[[JobHandle], None]], None]:
    """Registers the handler of kind "test.work"; by default it notes its subject."""
    done.clear()

    def use(handler: Callable[[JobHandle], None], on_failed: Callable[[Job], None] | None = None) -> None:
        kinds.register("test.work", handler, queue=Job.Queue.FAST, on_failed=on_failed)

    use(lambda job: done.append(job.job.subject))
    return use


def work(subject: str = "thing:1", **facts: Any) -> Job:
    return queue.enqueue("test.work", subject=subject, **facts)


def test_workers_know_all_queues_and_leave_nothing_to_be_acknowledged() -> None:
    assert set(app.amqp.queues) == set(Job.Queue.values)
    assert all(one.no_ack for one in app.amqp.queues.values())


@pytest.mark.django_db
def test_a_job_is_done_once_and_says_so() -> None:
    job = work(channel="member:1")

    assert runner.run(job.pk)
    assert not runner.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.progress, job.attempt, done) == ("done", 1000, 1, ["thing:1"])
    assert [event.to_state for event in job.events.order_by("pk")] == ["queued", "running", "done"]
    assert [event.payload["state"] for event in Event.objects.filter(channel="member:1")] == [
        "queued",
        "running",
        "done",
    ]


@pytest.mark.django_db
def test_asking_again_for_the_same_work_answers_the_job_that_is_there() -> None:
    assert work().pk == work().pk
    assert work("thing:2").pk != work().pk


def test_many_asking_at_once_make_one_job(committed_db: None) -> None:
    barrier = threading.Barrier(6)
    made: list[int] = []

    def ask() -> None:
        barrier.wait()
        try:
            made.append(work().pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 6
    assert len(set(made)) == 1


def test_many_workers_claim_a_job_once(committed_db: None) -> None:
    job = work()
    barrier = threading.Barrier(6)
    claimed: list[bool] = []

    def take(name: str) -> None:
        barrier.wait()
        try:
            claimed.append(runner.run(job.pk, worker=name))
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[f"worker-{number}"]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed) == [False] * 5 + [True]
    assert done == ["thing:1"]


@pytest.mark.django_db
def test_three_failures_are_for_good_and_the_pauses_grow(kind: Any) -> None:
    told: list[int] = []

    def fails(job: JobHandle) -> None:
        raise JobError("job_broke", kind="TestError")

    kind(fails, lambda job: told.append(job.pk))
    job = work()
    pauses = []
    for _ in range(3):
        Job.objects.filter(pk=job.pk).update(not_before=timezone.now())
        runner.run(job.pk)
        job.refresh_from_db()
        pauses.append(job.not_before - timezone.now())

    assert (job.state, job.failures, job.losses) == ("failed", 3, 0)
    assert pauses[0] < pauses[1]
    assert told == [job.pk]


@pytest.mark.django_db
def test_a_permanent_failure_is_not_tried_again(kind: Any) -> None:
    def fails(job: JobHandle) -> None:
        raise JobError("job_broke", permanent=True, kind="Bad")

    kind(fails)
    job = work()
    runner.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.failures, job.error, job.error_params) == ("failed", 1, "job_broke", {"kind": "Bad"})


@pytest.mark.django_db
def test_an_unforeseen_error_is_a_failure_too(kind: Any) -> None:
    kind(lambda job: 1 / 0)
    job = work()
    runner.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.failures, job.error_params) == ("queued", 1, {"kind": "ZeroDivisionError"})


@pytest.mark.django_db
def test_a_lost_lease_is_taken_back_and_counted_as_a_loss_not_a_failure() -> None:
    job = work(now=timezone.now() - timedelta(hours=1))
    runner.claim(job.pk, worker="gone", now=timezone.now() - timedelta(minutes=1))

    assert sweeping.sweep(timezone.now()) == 1

    job.refresh_from_db()
    assert (job.state, job.failures, job.losses, job.lease_until) == ("queued", 0, 1, None)
    assert runner.run(job.pk)
    assert done == ["thing:1"]


@pytest.mark.django_db
def test_a_living_lease_is_left_alone() -> None:
    job = work()
    runner.claim(job.pk, worker="here", now=timezone.now())

    sweeping.sweep(timezone.now())

    job.refresh_from_db()
    assert (job.state, job.worker) == ("running", "here")


@pytest.mark.django_db
def test_eight_losses_without_progress_are_for_good() -> None:
    job = work()
    for _ in range(8):
        Job.objects.filter(pk=job.pk).update(not_before=timezone.now() - timedelta(hours=1))
        runner.claim(job.pk, worker="gone", now=timezone.now() - timedelta(minutes=1))
        sweeping.sweep(timezone.now())

    job.refresh_from_db()
    assert (job.state, job.losses, job.error) == ("failed", 8, "job_lost_too_often")


@pytest.mark.django_db
def test_progress_forgets_losses() -> None:
    job = work()
    Job.objects.filter(pk=job.pk).update(losses=5)
    job = runner.claim(job.pk, worker="here", now=timezone.now()) or job
    JobHandle(job).progress(100, "encode")

    job.refresh_from_db()
    assert (job.losses, job.progress, job.stage) == (0, 100, "encode")


@pytest.mark.django_db
def test_who_lost_the_lease_cannot_finish() -> None:
    job = work(now=timezone.now() - timedelta(hours=1))
    late = runner.claim(job.pk, worker="slow", now=timezone.now() - timedelta(minutes=1))
    assert late
    sweeping.sweep(timezone.now())
    taken = runner.claim(job.pk, worker="quick", now=timezone.now())
    assert taken

    assert not runner.finish(late, now=timezone.now())
    with pytest.raises(LeaseLost):
        JobHandle(late).progress(500, "encode")
    assert runner.finish(taken, now=timezone.now())


@pytest.mark.django_db
def test_a_cancelled_job_stops_at_its_next_sign_of_progress(kind: Any) -> None:
    def cancels_itself(job: JobHandle) -> None:
        queue.cancel("thing:1")
        job.progress(10, "encode")
        done.append("went on")

    kind(cancels_itself)
    job = work()
    runner.run(job.pk)

    job.refresh_from_db()
    assert (job.state, done) == ("cancelled", [])


@pytest.mark.django_db
def test_a_worker_told_to_stop_gives_its_job_back_uncounted(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()
    monkeypatch.setattr(handle, "stopping", told)

    def is_told(job: JobHandle) -> None:
        told.set()
        job.progress(10, "encode")

    kind(is_told)
    job = work()
    runner.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.failures, job.losses) == ("queued", 0, 0)


@pytest.mark.django_db
def test_a_failed_job_may_be_tried_again_once_at_a_time(kind: Any) -> None:
    def fails(job: JobHandle) -> None:
        raise JobError("job_broke", permanent=True, kind="Bad")

    kind(fails)
    job = work()
    runner.run(job.pk)
    job.refresh_from_db()

    assert queue.retry(job, by=None)
    assert not queue.retry(Job.objects.get(pk=job.pk), by=None)
    assert (job.state, job.failures) == ("queued", 0)


@pytest.mark.django_db
def test_the_scratch_folder_is_made_and_removed(kind: Any) -> None:
    seen = []

    def looks(job: JobHandle) -> None:
        seen.append(job.scratch)
        assert job.scratch.is_dir()

    kind(looks)
    runner.run(work().pk)

    assert seen[0].is_relative_to(settings.SCRATCH_DIR)
    assert not seen[0].exists()


def test_the_heartbeat_renews_the_lease(committed_db: None, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "EVERY", 0.05)
    renewed = threading.Event()

    def waits(job: JobHandle) -> None:
        first = Job.objects.get(pk=job.job.pk).lease_until
        for _ in range(100):
            if Job.objects.get(pk=job.job.pk).lease_until != first:
                renewed.set()
                return
            threading.Event().wait(0.05)

    kind(waits)
    runner.run(work().pk)

    assert renewed.is_set()


@pytest.mark.django_db(transaction=False)
def test_the_message_is_sent_when_the_row_is_there(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(nudges.sender, "send_task", lambda *args, **options: sent.append((args, options)))

    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        job = work()
        assert sent == []

    assert sent == [(("jobs.tasks.run_job",), {"args": [job.pk], "queue": "fast", "retry": False})]


@pytest.mark.django_db
def test_a_lost_message_is_sent_again() -> None:
    job = work(now=timezone.now() - timedelta(minutes=5))

    assert sweeping.sweep(timezone.now()) == 1
    assert sweeping.sweep(timezone.now()) == 0

    job.refresh_from_db()
    assert job.state == "queued"


@pytest.mark.django_db
def test_a_job_knows_how_many_stand_before_it() -> None:
    jobs = [work(f"thing:{number}") for number in range(3)]
    runner.claim(jobs[0].pk, worker="here", now=timezone.now())

    assert [queue.ahead_of(Job.objects.get(pk=job.pk)) for job in jobs] == [0, 1, 2]


@pytest.mark.django_db
def test_workers_are_seen_and_forgotten() -> None:
    from jobs import workers

    now = timezone.now()
    workers.say_alive("old", "fast", now - timedelta(days=2))
    workers.say_alive("here", "encode", now)

    assert [worker.name for worker in workers.alive(now)] == ["here"]
    assert Worker.objects.count() == 1
