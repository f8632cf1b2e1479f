"""From beats to viewings and points: what the server believes of what players say."""

from __future__ import annotations

import pytest

from engagement import fold, gathering, viewings
from engagement.models import Beat, Coverage, PlaySession, PointEntry, PointEvent, Verdict, Viewing, WatchState
from media_pipeline.models import Cut
from push.models import Event
from tests import cast
from tests.engagement.watching import DAY, NOW, SECOND, beat, finish, open_session, send, share_and_finish

pytestmark = pytest.mark.django_db


def test_watching_to_the_end_completes_and_gives_the_author_a_point() -> None:
    branch = cast.organisation()
    author, viewer = cast.member(), cast.member(organisation=branch)
    lecture = cast.lecture(author)

    finish(viewer, lecture)

    viewing = Viewing.objects.get(member=viewer, lecture=lecture)
    assert viewing.covered_ms == 60_000
    assert viewing.completed_at == NOW + 60 * SECOND  # 54 s of it were complete with the beat of the 60th second
    event = PointEvent.objects.get()
    assert (event.key, event.member, event.viewer, event.viewer_organisation) == (
        f"view:{lecture.pk}:{viewer.pk}", author, viewer, branch,
    )  # fmt: skip
    entry = PointEntry.objects.get()
    assert (entry.member, entry.amount, entry.reason, entry.period) == (author, 1, "", "2026-Q4")


def test_watching_it_again_pays_nothing_again() -> None:
    viewer, lecture = cast.member(), cast.lecture()

    finish(viewer, lecture)
    finish(viewer, lecture, NOW + DAY)

    assert PointEntry.objects.count() == 1
    assert Viewing.objects.get().completed_at == NOW + 60 * SECOND


def test_authors_earn_nothing_by_their_own_work_or_a_dub_of_it() -> None:
    author = cast.member()
    lecture = cast.lecture(author)
    dub = cast.lecture(kind="dub", derived_from=lecture)

    finish(author, lecture)
    finish(author, dub, NOW + DAY)

    assert Viewing.objects.filter(completed_at__isnull=False).count() == 2
    assert not PointEvent.objects.exists()


def test_a_dub_is_its_own_work_and_pays_its_dubber() -> None:
    dubber, viewer = cast.member(), cast.member()
    lecture = cast.lecture()
    dub = cast.lecture(dubber, kind="dub", derived_from=lecture)

    finish(viewer, dub)

    assert [entry.member for entry in PointEntry.objects.all()] == [dubber]


def test_skipping_to_the_end_completes_nothing() -> None:
    viewer, lecture = cast.member(), cast.lecture()

    viewings.watch(viewer, lecture, [(50_000, 60_000)], NOW)

    viewing = Viewing.objects.get()
    assert (viewing.covered_ms, viewing.completed_at) == (10_000, None)
    assert viewings.progress_of(viewer, [lecture])[lecture.pk].missing_ms == 44_000


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [(0, 400_000, "beyond_end"), (70_000, 71_000, "beyond_end"), (9_000, 1_000, "bad_interval")],
)
def test_nonsense_earns_nothing_and_is_kept_with_its_reason(start: int, end: int, reason: str) -> None:
    viewer, lecture = cast.member(), cast.lecture()
    session = open_session(viewer, lecture)

    assert send([beat(viewer, lecture, session, start, end)]) == [reason]

    assert not Viewing.objects.exists()
    kept = Beat.objects.get(kind="interval")
    assert (kept.start_ms, kept.end_ms) == (start, end)
    assert kept.judged_at is not None


def test_faster_than_time_earns_the_head_only() -> None:
    viewer, lecture = cast.member(), cast.lecture(duration_ms=600_000)
    session = open_session(viewer, lecture)

    reasons = send([beat(viewer, lecture, session, n * 10_000, (n + 1) * 10_000, received_at=NOW) for n in range(60)])

    assert set(reasons) == {"too_fast"}
    assert Viewing.objects.get().covered_ms == 5_000
    assert Verdict.objects.filter(reason="too_fast", credited_end_ms__isnull=True).count() == 59
    assert not PointEvent.objects.exists()


def test_a_second_tab_without_the_lease_earns_nothing() -> None:
    viewer, lecture = cast.member(), cast.lecture()
    first = open_session(viewer, lecture)
    second = open_session(viewer, lecture, NOW + SECOND)  # the newest play wins

    reasons = send(
        [
            beat(viewer, lecture, first, 0, 10_000, received_at=NOW + 11 * SECOND),
            beat(viewer, lecture, second, 30_000, 40_000, received_at=NOW + 12 * SECOND),
        ]
    )

    assert reasons == ["no_lease", ""]
    assert Coverage.objects.get().intervals == [[30_000, 40_000]]


def test_another_members_play_session_earns_nothing() -> None:
    viewer, forger, lecture = cast.member(), cast.member(), cast.lecture()
    session = open_session(viewer, lecture)
    mine = open_session(forger, lecture)

    reasons = send([beat(forger, lecture, session, 0, 10_000), beat(forger, lecture, mine, 0, 10_000)])

    assert reasons == ["foreign_session", ""]
    assert not Viewing.objects.filter(member=viewer).exists()


def test_a_new_cut_starts_its_own_coverage_and_old_sessions_count_no_more() -> None:
    viewer, lecture = cast.member(), cast.lecture()
    session = open_session(viewer, lecture)
    send([beat(viewer, lecture, session, 0, 10_000)])
    old = lecture.asset.cut
    assert old is not None
    lecture.asset.cut = Cut.objects.create(asset=lecture.asset, number=2, duration_ms=50_000, package=old.package)
    lecture.asset.save()

    assert send([beat(viewer, lecture, session, 10_000, 20_000, received_at=NOW + 70 * SECOND)]) == ["stale_cut"]
    viewings.watch(viewer, lecture, [(0, 5_000)], NOW + 100 * SECOND)

    progress = viewings.progress_of(viewer, [lecture])[lecture.pk]
    assert (progress.covered_ms, progress.duration_ms) == (5_000, 50_000)
    assert Coverage.objects.get(cut=old).intervals == [[0, 10_000]]


def test_the_position_is_the_newest_and_proves_nothing() -> None:
    viewer, lecture = cast.member(), cast.lecture()
    session = open_session(viewer, lecture)

    send([beat(viewer, lecture, session, 40_000, 50_000), beat(viewer, lecture, session, 5_000, 9_000)])
    opened = viewings.open_play(viewer, lecture, NOW + DAY)

    assert opened.progress.position_ms == 9_000
    assert opened.progress.covered_ms == 14_000


def test_who_stopped_at_the_end_goes_on_from_the_start() -> None:
    viewer, lecture = cast.member(), cast.lecture()

    finish(viewer, lecture)

    assert viewings.open_play(viewer, lecture, NOW + DAY).progress.position_ms == 0


def test_the_device_that_loses_the_playback_is_told() -> None:
    viewer, lecture = cast.member(), cast.lecture()
    open_session(viewer, lecture)
    assert not Event.objects.filter(kind="playback").exists()

    second = open_session(viewer, lecture, NOW + SECOND)

    told = Event.objects.get(kind="playback")
    assert (told.channel, told.payload) == (f"member:{viewer.pk}", {"session": second})


def test_a_token_is_renewed_without_taking_anything_over() -> None:
    viewer, lecture = cast.member(), cast.lecture()
    first = open_session(viewer, lecture)
    second = open_session(viewer, lecture, NOW + SECOND)

    renewed = viewings.open_play(viewer, lecture, NOW + 2 * SECOND, session=first)

    assert renewed.session == first
    assert WatchState.objects.get(member=viewer).lease_session == second
    assert PlaySession.objects.count() == 2


def test_somebody_elses_session_is_not_renewed() -> None:
    viewer, other, lecture = cast.member(), cast.member(), cast.lecture()
    first = open_session(viewer, lecture)

    assert viewings.open_play(other, lecture, NOW, session=first).session != first


def test_opening_again_sees_what_was_just_sent() -> None:
    viewer, lecture = cast.member(), cast.lecture()
    session = open_session(viewer, lecture)
    gathering.record([beat(viewer, lecture, session, 0, 10_000)])

    assert viewings.open_play(viewer, lecture, NOW, session=session).progress.covered_ms == 10_000


def test_a_lecture_opens_though_the_fold_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(member_id: int, now: object = None) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(fold, "fold_member", failing)

    assert viewings.open_play(cast.member(), cast.lecture(), NOW).token


def test_folding_twice_does_nothing_twice() -> None:
    viewer, lecture = cast.member(), cast.lecture()
    session = open_session(viewer, lecture)
    one = beat(viewer, lecture, session, 0, 10_000)
    send([one])
    before = list(WatchState.objects.values())

    gathering.record([beat(viewer, lecture, session, 0, 10_000, uuid=one.uuid)])

    assert fold.fold_member(viewer.pk, NOW) == 0
    assert list(WatchState.objects.values()) == before
    assert Verdict.objects.count() == 2


def test_a_share_pays_the_sharer_once_and_the_author_too() -> None:
    author, sharer, viewer = cast.member(), cast.member(), cast.member()
    lecture = cast.lecture(author)

    share_and_finish(sharer, viewer, lecture)

    paid = {(entry.event.kind, entry.member): entry.amount for entry in PointEntry.objects.select_related("event")}
    assert paid == {("view", author): 1, ("share", sharer): 1}


def test_one_fold_may_finish_several_lectures() -> None:
    viewer, lectures = cast.member(), [cast.lecture(), cast.lecture()]
    beats = []
    for number, lecture in enumerate(lectures):
        at = NOW + number * 100 * SECOND
        session = open_session(viewer, lecture, at)
        beats += [beat(viewer, lecture, session, 0, 60_000, received_at=at + 60 * SECOND)]
    gathering.record([beats[1]])

    send(beats)

    assert PointEntry.objects.count() == 1  # the first came in while the second held the lease
    assert {verdict.reason for verdict in Verdict.objects.all()} == {"", "no_lease"}


def test_the_sweep_folds_what_was_left_behind_and_a_bad_member_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good, lecture = cast.member(), cast.member(), cast.lecture()
    gathering.record([beat(who, lecture, open_session(who, lecture), 0, 9_000) for who in (bad, good)])
    real = fold.fold_member

    def failing(member_id: int, now: object = None) -> int:
        if member_id == bad.pk:
            raise ZeroDivisionError
        return real(member_id, now)  # type: ignore[arg-type]

    monkeypatch.setattr(fold, "fold_member", failing)
    assert fold.sweep(NOW + DAY) == 1
    assert "fold failed" in caplog.text
    assert Beat.objects.get(judged_at__isnull=True).member == bad

    monkeypatch.undo()
    assert fold.sweep(NOW + DAY) == 1
    assert fold.sweep(NOW + DAY) == 0


def test_the_sweep_leaves_fresh_beats_to_the_door() -> None:
    viewer, lecture = cast.member(), cast.lecture()
    gathering.record([beat(viewer, lecture, open_session(viewer, lecture), 0, 9_000, received_at=NOW)])

    assert fold.sweep(NOW + SECOND) == 0
    assert fold.sweep(NOW + 3 * SECOND) == 1


def test_a_member_who_was_locked_out_gives_no_points() -> None:
    viewer, lecture = cast.member(is_active=False), cast.lecture()

    finish(viewer, lecture)

    assert not PointEvent.objects.exists()


def test_progress_of_many_costs_no_more_than_of_two(django_assert_num_queries: object) -> None:
    viewer = cast.member()
    lectures = [cast.lecture() for _ in range(12)]
    for number, lecture in enumerate(lectures):
        viewings.watch(viewer, lecture, [(0, 9_000)], NOW + number * DAY)

    for some in (lectures[:2], lectures):
        with django_assert_num_queries(1):  # type: ignore[operator]
            assert len(viewings.progress_of(viewer, some)) == len(some)
