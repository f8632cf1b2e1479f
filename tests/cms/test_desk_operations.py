"""The operators' page: who gets in, what it says, what its buttons do; and the same buttons at an editor's item."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs import code, workers
from jobs.models import Job
from media_pipeline.models import Asset
from search import outbox
from search.models import OutboxEntry
from tests import cast
from tests.livestreams.builders import recording

pytestmark = pytest.mark.django_db
NOW = timezone.now()
PAGE = "/admin/operations/"


def job(asset: Asset, kind: str = "media.texts", **facts: Any) -> Job:
    known = {"rank": NOW, "not_before": NOW, "created_at": NOW, "queue": "fast", "state": "queued"} | facts
    if known["state"] == "running":
        known |= {"lease_until": NOW + timedelta(minutes=1), "started_at": NOW, "worker": "here:7"}
    if known["state"] == "failed":
        known = {"ended_at": NOW, "error": "job_broke", "error_params": {"kind": "OSError"}} | known
    return Job.objects.create(kind=kind, subject=f"asset:{asset.pk}", **known)


def see(client: Client, **query: Any) -> str:
    answer = client.get(PAGE, query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def operator(client: Client) -> Client:
    return cast.signed_in(client, cast.operator())


@pytest.mark.parametrize(("role", "status"), [(None, 302), ("member", 302), ("secretary", 302), ("editor", 404)])
def test_nobody_but_operators_gets_in(client: Client, role: str | None, status: int) -> None:
    left = job(recording(cast.member()), state="failed")
    if role:
        cast.signed_in(client, getattr(cast, role)())
    retry = reverse("desk:operations-retry", args=[left.pk])
    assert [client.get(PAGE).status_code, client.post(retry).status_code] == [status, status]
    left.refresh_from_db()
    assert left.state == "failed"


def test_an_idle_site_says_so(operator: Client) -> None:
    text = see(operator)
    for words in (
        "这一天没有要做的事。",
        "现在没有在做的事。",
        "没有留下没做成的事。",
        "索引里什么都不缺。",
        "有一阵子没有见到工作进程了",
    ):
        assert words in text


def test_it_says_what_runs_where_and_how_far(operator: Client) -> None:
    lecture = cast.lecture(state="submitted", topic=cast.topic())
    job(lecture.asset, "media.encode", queue="encode", state="running", progress=420, attempt=2)
    job(recording(cast.member()), "media.encode", queue="encode")

    text = see(operator)

    (pile,) = [pile for _, _, pile in operator.get(PAGE).context["piles"]]
    assert (pile.queue, pile.kind, pile.queued, pile.running, pile.done) == ("encode", "media.encode", 1, 1, 0)
    for words in (lecture.title, "42%", "here:7", "第 2 次", "转码"):
        assert words in text


def test_workers_say_what_they_are_and_why_extras_are_off(operator: Client) -> None:
    workers.say_alive("dreimal:1", "encode", timezone.now())
    text = see(operator)
    assert "dreimal:1" in text
    assert code.version() in text
    assert "SPEECH_MODEL_DIR" in text
    assert "运行的程序和本页不同" not in text
    workers.Worker.objects.update(facts={"code": "0ld0ld0ld0"})
    assert "运行的程序和本页不同（0ld0ld0ld0）" in see(operator)


def test_how_far_the_index_is_behind_stands_there(operator: Client) -> None:
    OutboxEntry.objects.all().delete()
    (engine,) = outbox.lag(NOW)
    facts = {"engine": engine.engine, "not_before": NOW, "created_at": NOW}
    for number in range(3):
        OutboxEntry.objects.create(lecture_id=number, stamp=f"x{number}", attempts=number, **facts)
    text = see(operator)
    assert "还有3节课没有进索引" in text
    assert "其中2节试过没成" in text


def test_what_failed_is_said_and_can_be_tried_again(operator: Client) -> None:
    left = job(recording(cast.member()), state="failed")
    text = see(operator)
    assert "处理到一半出了故障（OSError）" in text

    answer = operator.post(reverse("desk:operations-retry", args=[left.pk]), follow=True)

    left.refresh_from_db()
    assert left.state == "queued"
    assert "已经重新开始。" in answer.content.decode()
    assert "没有留下没做成的事。" in answer.content.decode()
    assert operator.post(reverse("desk:operations-retry", args=[left.pk])).status_code == 404


def test_what_was_done_since_is_not_called_failed(operator: Client) -> None:
    asset = recording(cast.member())
    job(asset, state="failed")
    job(asset, state="done", ended_at=NOW)
    assert "没有留下没做成的事。" in see(operator)


def test_a_stage_that_others_stood_in_for_is_not_called_failed(operator: Client) -> None:
    asset = recording(cast.member())
    left = job(asset, "media.first_play", state="failed")
    assert "没有留下没做成的事。" in see(operator)
    Asset.objects.filter(pk=asset.pk).update(state="failed", refusal="job_broke")
    assert reverse("desk:operations-retry", args=[left.pk]) in see(operator)


def test_failures_come_in_pages_and_cost_the_same_with_two_and_thirty(operator: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            see(operator)
        return len(queries)

    def fill(until: int) -> None:
        for number in range(Job.objects.filter(state="failed").count(), until):
            asset = recording(cast.member())
            job(asset, state="failed", ended_at=NOW - timedelta(minutes=number))
            job(asset, "media.encode", state="running")
            workers.say_alive(f"here:{number}", "fast", NOW)

    fill(2)
    see(operator)
    few = cost()
    fill(30)
    assert cost() == few
    shown = operator.get(PAGE, {"page": 2}).context["failed"]
    assert len(shown) == 10


def test_an_operator_finds_it_in_the_menu_and_an_editor_does_not(client: Client) -> None:
    assert PAGE in cast.signed_in(client, cast.operator()).get("/admin/").content.decode()
    assert PAGE not in cast.signed_in(client, cast.editor()).get("/admin/").content.decode()


def test_an_editor_tries_a_stage_again_at_the_lecture(client: Client) -> None:
    lecture = cast.lecture(state="submitted", topic=cast.topic())
    left = job(lecture.asset, state="failed")
    other = job(recording(cast.member()), state="failed")
    cast.signed_in(client, cast.editor())
    text = client.get(reverse("desk:review-item", args=[lecture.public_id])).content.decode()
    assert "再试一次：存放字幕" in text

    assert client.post(reverse("desk:review-retry", args=[lecture.public_id, other.pk])).status_code == 404
    client.post(reverse("desk:review-retry", args=[lecture.public_id, left.pk]))

    left.refresh_from_db()
    other.refresh_from_db()
    assert (left.state, other.state) == ("queued", "failed")
