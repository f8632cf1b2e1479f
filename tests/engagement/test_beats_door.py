"""The door for beats, driven as ASGI: what it takes, what it refuses, and that its answer means written."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from courses.models import Lecture
from engagement import beats, gathering, viewings
from engagement.models import Beat, PointEntry, Verdict, Viewing
from members.models import Member
from tests import cast


@pytest.fixture
def door(committed_db: None) -> Iterator[None]:
    """Commits are real, and the writing thread is gone afterwards."""
    yield
    beats._gatherer.close()


@pytest.fixture
def viewer(door: None) -> Member:
    return cast.member()


@pytest.fixture
def lecture(door: None) -> Lecture:
    return cast.lecture(cast.member())


async def post(body: bytes, method: str = "POST", chunk: int = 1 << 20) -> tuple[int, dict[str, Any]]:
    pieces = [body[at : at + chunk] for at in range(0, len(body), chunk)] or [b""]
    messages = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces) - 1}
        for number, piece in enumerate(pieces)
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await beats.app({"type": "http", "method": method, "path": "/api/v1/beats"}, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


def call(said: object, **how: Any) -> tuple[int, dict[str, Any]]:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return asyncio.run(post(body, **how))


def interval(play: viewings.Play, start: int = 0, end: int = 4_000, **facts: Any) -> dict[str, Any]:
    return {
        "uuid": str(uuid.uuid4()), "session": play.session, "seq": 1, "start_ms": start, "end_ms": end, "rate": 1,
        "hidden": False, "muted": False, **facts,
    }  # fmt: skip


def test_the_answer_means_written_and_the_fold_follows(viewer: Member, lecture: Lecture) -> None:
    play = viewings.open_play(viewer, lecture, timezone.now())
    one = interval(play)

    status, answer = call({"token": play.token, "intervals": [one]}, chunk=40)

    assert (status, answer) == (200, {"received": [one["uuid"]]})
    assert Beat.objects.filter(uuid=one["uuid"]).exists()
    asyncio.run(beats.shutdown())
    assert Verdict.objects.get(beat__uuid=one["uuid"]).reason == ""
    assert Viewing.objects.get().covered_ms == 4_000


def test_sending_it_twice_is_received_twice_and_kept_once(viewer: Member, lecture: Lecture) -> None:
    play = viewings.open_play(viewer, lecture, timezone.now())
    said = {"token": play.token, "intervals": [interval(play)]}

    answers = [call(said), call(said)]
    asyncio.run(beats.shutdown())

    assert answers[0] == answers[1]
    assert Beat.objects.filter(kind="interval").count() == 1
    assert Viewing.objects.get().covered_ms == 4_000


def test_many_players_are_written_together(viewer: Member, lecture: Lecture, monkeypatch: pytest.MonkeyPatch) -> None:
    plays = [viewings.open_play(cast.member(), lecture, timezone.now()) for _ in range(12)]
    written: list[int] = []
    record = gathering.record
    monkeypatch.setattr(gathering, "record", lambda rows: (written.append(len(rows)), record(rows)))

    async def all_at_once() -> list[tuple[int, dict[str, Any]]]:
        bodies = [json.dumps({"token": play.token, "intervals": [interval(play)]}).encode() for play in plays]
        return await asyncio.gather(*[post(body) for body in bodies])

    answers = asyncio.run(all_at_once())

    assert {status for status, _ in answers} == {200}
    assert sum(written) == 12
    assert len(written) < 12


def test_a_client_going_away_cancels_nobody(viewer: Member, lecture: Lecture) -> None:
    """Neither its own rows nor those that wait in the same batch."""
    gone, stays = (viewings.open_play(one, lecture, timezone.now()) for one in (viewer, cast.member()))

    async def go_away() -> tuple[int, dict[str, Any]]:
        def said(play: viewings.Play) -> bytes:
            return json.dumps({"token": play.token, "intervals": [interval(play)]}).encode()

        leaving, staying = asyncio.create_task(post(said(gone))), asyncio.create_task(post(said(stays)))
        await asyncio.sleep(0.02)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        return await staying

    status, _ = asyncio.run(go_away())

    assert status == 200
    assert set(Beat.objects.filter(kind="interval").values_list("session", flat=True)) == {gone.session, stays.session}


def test_one_request_that_cannot_be_written_costs_no_other_its_beats(viewer: Member, lecture: Lecture) -> None:
    """A lecture deleted since: its beats have nowhere to go."""
    lost, kept = (viewings.open_play(one, lecture, timezone.now()) for one in (viewer, cast.member()))
    forged = beats.tokens.issue(
        lost.session, member=viewer.pk, lecture=999_999, cut=999_999, duration_ms=60_000, now=timezone.now()
    )

    async def both() -> list[tuple[int, dict[str, Any]]]:
        said = [{"token": forged, "intervals": [interval(lost)]}, {"token": kept.token, "intervals": [interval(kept)]}]
        return await asyncio.gather(*[post(json.dumps(one).encode()) for one in said])

    (lost_status, lost_answer), (kept_status, _) = asyncio.run(both())

    assert (lost_status, lost_answer["code"]) == (410, "beats_lecture_gone")
    assert kept_status == 200
    assert Beat.objects.get(kind="interval").session == kept.session


def test_when_the_database_fails_the_player_is_told_to_send_it_again(
    viewer: Member, lecture: Lecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = viewings.open_play(viewer, lecture, timezone.now())
    said = {"token": play.token, "intervals": [interval(play)]}

    def broken(rows: object) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(gathering, "record", broken)
        status, answer = call(said)
    assert (status, answer["code"]) == (503, "beats_not_now")

    assert call(said)[0] == 200
    assert Beat.objects.filter(kind="interval").count() == 1


def test_closing_writes_and_folds_what_is_gathered(viewer: Member, lecture: Lecture) -> None:
    play = viewings.open_play(viewer, lecture, timezone.now())
    rows = beats.read(json.dumps({"token": play.token, "intervals": [interval(play)]}).encode(), timezone.now())
    gatherer = gathering.Gatherer()

    written = gatherer.submit(rows)
    gatherer.close()

    assert written.done()
    assert Viewing.objects.get().covered_ms == 4_000
    gatherer.close()  # harmless when nothing is gathered


@pytest.mark.parametrize(
    ("forged", "reason"),
    [
        ({"start_ms": 0, "end_ms": 3_000_000_000}, "beyond_end"),
        ({"start_ms": 5, "end_ms": -(10**400)}, "bad_interval"),
        ({"session": "nobodyhere"}, "foreign_session"),
        ({"session": "much-longer-than-any-session"}, "foreign_session"),
        ({"session": "党课\0"}, "foreign_session"),
        ({"rate": float("nan")}, "bad_interval"),
        ({"rate": float("inf")}, "bad_interval"),
    ],
)
def test_nonsense_is_received_kept_and_earns_nothing(
    viewer: Member, lecture: Lecture, forged: dict[str, Any], reason: str
) -> None:
    play = viewings.open_play(viewer, lecture, timezone.now())

    status, _ = call({"token": play.token, "intervals": [interval(play) | forged]})
    asyncio.run(beats.shutdown())

    assert status == 200
    assert Verdict.objects.get(beat__kind="interval").reason == reason
    assert not PointEntry.objects.exists()


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        (b"", 400, "beats_unreadable"),
        (b"{", 400, "beats_unreadable"),
        (b"\xff\xfe", 400, "beats_unreadable"),
        (b"[" * 5_000, 400, "beats_unreadable"),
        ([], 400, "beats_unreadable"),
        ({"intervals": []}, 400, "beats_unreadable"),
        ({"token": 5, "intervals": []}, 400, "beats_unreadable"),
        ({"token": "x", "intervals": []}, 401, "play_token_unknown"),
        (b" " * (64 * 1024 + 1), 413, "beats_too_large"),
    ],
)
def test_what_is_no_request_is_refused_in_both_languages(door: None, said: object, status: int, code: str) -> None:
    got, answer = call(said, chunk=10_000)

    assert (got, answer["code"]) == (status, code)
    assert set(answer) == {"code", "message", "field"}
    assert set(answer["message"]) == {"zh-hans", "en"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"uuid": "no"}, "uuid"),
        ({"uuid": 5}, "uuid"),
        ({"start_ms": "0"}, "start_ms"),
        ({"start_ms": None}, "start_ms"),
        ({"end_ms": True}, "end_ms"),
        ({"rate": []}, "rate"),
        ({"session": 7}, "session"),
        ({"kind": "cheat"}, "kind"),
    ],
)
def test_an_interval_that_cannot_be_read_names_its_field(
    viewer: Member, lecture: Lecture, change: dict[str, Any], field: str
) -> None:
    play = viewings.open_play(viewer, lecture, timezone.now())

    status, answer = call({"token": play.token, "intervals": [interval(play), interval(play) | change]})

    assert (status, answer["code"], answer["field"]) == (422, "beats_unreadable", field)
    assert not Beat.objects.filter(kind="interval").exists()


@pytest.mark.parametrize("intervals", [None, {}, [5], [{}] * 201])
def test_intervals_are_a_list_of_at_most_two_hundred_objects(
    viewer: Member, lecture: Lecture, intervals: object
) -> None:
    play = viewings.open_play(viewer, lecture, timezone.now())

    status, _ = call({"token": play.token, "intervals": intervals})

    assert status == 422


def test_no_intervals_are_nothing_to_write(viewer: Member, lecture: Lecture) -> None:
    play = viewings.open_play(viewer, lecture, timezone.now())

    assert call({"token": play.token, "intervals": []}) == (200, {"received": []})


def test_a_play_needs_no_end(viewer: Member, lecture: Lecture) -> None:
    play = viewings.open_play(viewer, lecture, timezone.now())
    said = {"uuid": str(uuid.uuid4()), "kind": "play", "start_ms": 1200.4}

    assert call({"token": play.token, "intervals": [said]})[0] == 200
    kept = Beat.objects.get(uuid=said["uuid"])
    assert (kept.session, kept.start_ms, kept.end_ms) == (play.session, 1200, 1200)


def test_a_token_holds_six_hours_and_cannot_be_altered(viewer: Member, lecture: Lecture) -> None:
    early = viewings.open_play(viewer, lecture, timezone.now() - timedelta(hours=6))
    altered = early.token[:-2] + ("AA" if early.token[-2:] != "AA" else "BB")

    assert call({"token": early.token, "intervals": []})[1]["code"] == "play_token_expired"
    assert call({"token": altered, "intervals": []})[1]["code"] == "play_token_unknown"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_only_post_is_answered(door: None, method: str) -> None:
    assert call(b"", method=method)[0] == 405


def test_who_breaks_off_while_sending_is_not_answered(door: None) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(beats.app({"type": "http", "method": "POST", "path": "/api/v1/beats"}, receive, send))

    assert sent == []
