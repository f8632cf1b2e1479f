"""Many at once: one entry for each event, caps that hold, nothing judged twice. Commits are real."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections, transaction

from courses import versions as rules_of_versions
from engagement import account, events, featured, fold, gathering, ledger, rules, sharing, viewings
from engagement.models import FeaturedDecision, FeaturedMark, PointEntry, PointEvent, ShareVisit, Verdict, Viewing
from members.models import Member
from tests import cast
from tests.courses import versions
from tests.engagement.watching import NOW, SECOND, beat, event, open_session
from ui.sentences import Refused

pytestmark = pytest.mark.postgres


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run in threads that start together; answers results, or the exception, in order."""
    results: list[Any] = [None] * len(calls)
    ready = threading.Barrier(len(calls))

    def run(number: int) -> None:
        ready.wait()
        try:
            results[number] = calls[number]()
        except Exception as error:  # noqa: BLE001 - handed to the test
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_folds_of_one_member_at_once_judge_each_beat_once(committed_db: None) -> None:
    viewer, lecture = cast.member(), cast.lecture()
    session = open_session(viewer, lecture)
    gathering.record([beat(viewer, lecture, session, n * 10_000, (n + 1) * 10_000) for n in range(6)])

    done = at_once(*[lambda: fold.fold_member(viewer.pk, NOW)] * 5)

    assert sorted(done) == [0, 0, 0, 0, 6]
    assert Verdict.objects.count() == 7
    assert Viewing.objects.get().completed_at is not None
    assert PointEntry.objects.get().amount == 1


def test_the_same_completion_at_once_is_one_event_and_one_entry(committed_db: None) -> None:
    viewer, lecture = cast.member(), cast.lecture()

    def complete() -> list[PointEntry]:
        return ledger.award(events.of_completion(lecture, viewer.pk, NOW), now=NOW)

    results = at_once(*[complete] * 6)

    assert not [one for one in results if isinstance(one, Exception)]
    assert PointEvent.objects.count() == 1
    assert PointEntry.objects.count() == 1


def test_the_last_place_under_a_cap_is_given_once(committed_db: None) -> None:
    """Five shares count a day; eight viewers finish in the same instant."""
    sharer, lecture = cast.member(), cast.lecture()
    shares = [event(sharer, cast.member(), lecture, kind="share") for _ in range(8)]

    results = at_once(*[lambda one=one: ledger.award([one], now=NOW) for one in shares])

    assert not [one for one in results if isinstance(one, Exception)]
    assert account.balance(sharer) == 5
    assert PointEntry.objects.filter(reason="share_cap_a_day").count() == 3


def test_replays_at_once_correct_once(committed_db: None) -> None:
    rules.change(None, NOW, view_cap_a_day=1)
    author, viewer = cast.member(), cast.member()
    first, second = (event(author, viewer, cast.lecture(author), NOW) for _ in range(2))
    ledger.award([second], now=NOW)
    ledger.award([first], now=NOW)

    results = at_once(*[lambda: ledger.replay(now=NOW)] * 4)

    assert not [one for one in results if isinstance(one, Exception)]
    assert sorted(one.corrections for one in results) == [0, 0, 0, 2]
    assert account.balance(author) == 1


def test_replay_beside_new_awards_pays_nobody_twice(committed_db: None) -> None:
    author = cast.member()
    some = [event(author, cast.member(), cast.lecture(author)) for _ in range(6)]

    at_once(*[lambda one=one: ledger.award([one], now=NOW) for one in some], lambda: ledger.replay(now=NOW))

    assert account.balance(author) == 6
    assert PointEntry.objects.count() == 6


def test_the_first_touch_is_one_touch(committed_db: None) -> None:
    viewer, lecture = cast.member(), cast.lecture()
    links = [sharing.link_for(cast.member(), lecture, NOW).code for _ in range(5)]

    results = at_once(*[lambda code=code: sharing.visit(code, viewer, NOW) for code in links])

    assert len({one.pk for one in results}) == 1
    assert ShareVisit.objects.count() == 1


def test_a_link_asked_for_twice_at_once_is_one_link(committed_db: None) -> None:
    member, lecture = cast.member(), cast.lecture()

    assert len({one.code for one in at_once(*[lambda: sharing.link_for(member, lecture, NOW)] * 5)}) == 1


def test_beats_folded_while_another_cut_is_taken_leave_the_place_in_the_new_cut(committed_db: None) -> None:
    lecture, viewer = versions.lecture("published"), cast.member()
    viewings.watch(viewer, lecture, [(0, 30_000)], now=NOW - 60 * SECOND)
    version = versions.make(versions.proposed_cut(lecture, [10_000, 60_000]))
    gathering.record([beat(viewer, lecture, open_session(viewer, lecture), 30_000, 40_000)])
    folding = threading.Thread(target=lambda: at_once(lambda: fold.fold_member(viewer.pk, NOW)))

    with transaction.atomic():
        rules_of_versions.approve(version, by=cast.editor(), now=NOW)
        folding.start()
        folding.join(0.5)  # it waits for us
    folding.join()

    seen = Viewing.objects.get()
    assert (seen.position_ms, seen.duration_ms, seen.covered_ms) == (20_000, 50_000, 20_000)
    assert Verdict.objects.filter(beat__end_ms=40_000).count() == 1


@pytest.fixture
def candidate(committed_db: None) -> FeaturedMark:
    off = {f"{name}_on": False for name in ("score", "viewers", "organisations", "share_of_one", "captions", "cooling")}
    rules.change(None, NOW, **off)
    lecture = cast.lecture()
    ledger.award([event(lecture.author, cast.member(), lecture)], now=NOW)
    at_once(*[lambda: featured.run(NOW)] * 3)
    return FeaturedMark.objects.get()


def test_of_two_editors_one_decides(candidate: FeaturedMark) -> None:
    editors: list[Member] = [cast.editor(), cast.editor()]

    def decide(editor: Member) -> None:
        featured.decline(FeaturedMark.objects.get(), editor, "再等等", now=NOW)

    results = at_once(*[lambda one=one: decide(one) for one in editors])

    assert sorted(type(one) for one in results if one is not None) == [Refused]
    assert FeaturedDecision.objects.filter(to_state="declined").count() == 1


def test_the_rule_running_in_several_places_finds_once(candidate: FeaturedMark) -> None:
    assert FeaturedDecision.objects.filter(to_state="candidate").count() == 1
