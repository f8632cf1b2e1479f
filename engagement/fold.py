"""Beats become viewings: one member at a time, in the order received, all in one transaction.

A failed fold changes nothing; the sweep tries again. The time of everything is when the beat was received.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from courses import versions
from courses.models import Lecture
from engagement import bucket, coverage, events, judging, ledger
from engagement.bucket import Bucket
from engagement.judging import Judged, Known, Said, Session, Timeline, Watching
from engagement.lease import Lease
from engagement.models import Beat, Coverage, PlaySession, PointEvent, Verdict, Viewing, WatchState
from push import channels

logger = logging.getLogger(__name__)

AT_ONCE = 500
SWEPT_AT_ONCE = 200
NOT_FRESH = timedelta(seconds=2)  # younger beats are in the hands of the process that received them


def fold_member(member_id: int, now: datetime | None = None) -> int:
    """Judge all beats of a member that wait, and draw what follows; says how many there were."""
    done = 0
    while count := _fold_some(member_id, now or timezone.now()):
        done += count
    return done


def sweep(now: datetime) -> int:
    """Fold what was left behind, by a process that died or a fold that failed. One bad member holds up no other."""
    waiting = Beat.objects.filter(judged_at__isnull=True, received_at__lt=now - NOT_FRESH)
    members = list(waiting.order_by().values_list("member", flat=True).distinct()[:SWEPT_AT_ONCE])
    return sum(fold_or_log(member, now) for member in members)


def fold_or_log(member_id: int, now: datetime | None = None) -> int:
    """Fold; a failure is logged and left to the sweep."""
    try:
        return fold_member(member_id, now)
    except Exception:  # whatever it is, the other members' beats must be folded
        logger.exception("fold failed", extra={"member": member_id})
        return 0


@transaction.atomic
def _fold_some(member_id: int, now: datetime) -> int:
    first = Beat.objects.filter(member=member_id, judged_at__isnull=True).order_by("pk").first()
    if first is None:
        return 0
    row = _locked_state(member_id, first.received_at)
    # Read again behind the lock: another fold may have judged them meanwhile.
    beats = list(Beat.objects.filter(member=member_id, judged_at__isnull=True).order_by("pk")[:AT_ONCE])
    if not beats:
        return 0
    watched = {beat.lecture_id for beat in beats}
    versions.hold(watched)  # or a new cut might carry viewings over while we draw in the old one
    lectures = Lecture.objects.select_related("asset__cut").in_bulk(watched)
    verdicts, state = judging.judge([_said(beat) for beat in beats], _watching(row), _known(beats, lectures))
    _keep_verdicts(beats, verdicts, now)
    earned: list[PointEvent] = []
    for lecture in lectures.values():
        pairs = [pair for pair in zip(beats, verdicts, strict=True) if pair[0].lecture_id == lecture.pk]
        if completed_at := _draw(member_id, lecture, pairs):
            earned += events.of_completion(lecture, member_id, completed_at)
    ledger.award(earned, now=now)
    _keep_state(row, state)
    return len(beats)


def _locked_state(member_id: int, since: datetime) -> WatchState:
    start = bucket.fresh(since)
    row, _ = WatchState.objects.select_for_update().get_or_create(
        member_id=member_id, defaults={"tokens_ms": start.tokens_ms, "tokens_at": start.at}
    )
    return row


def _watching(row: WatchState) -> Watching:
    return Watching(Bucket(row.tokens_ms, row.tokens_at), Lease(row.lease_session, row.lease_until), row.hidden_ms)


def _said(beat: Beat) -> Said:
    return Said(
        member=beat.member_id,
        lecture=beat.lecture_id,
        session=beat.session,
        start_ms=beat.start_ms,
        end_ms=beat.end_ms,
        received_at=beat.received_at,
        is_play=beat.kind == Beat.Kind.PLAY,
        is_hidden=beat.is_hidden,
        rate=beat.rate,
    )


def _known(beats: Sequence[Beat], lectures: dict[int, Lecture]) -> Known:
    sessions = PlaySession.objects.filter(public_id__in={beat.session for beat in beats})
    return Known(
        sessions={one.public_id: Session(one.member_id, one.lecture_id, one.cut_id) for one in sessions},
        timelines={
            lecture.pk: Timeline(cut.pk, cut.duration_ms)
            for lecture in lectures.values()
            if (cut := lecture.asset.cut) is not None
        },
    )


def _keep_verdicts(beats: Sequence[Beat], verdicts: Sequence[Judged], now: datetime) -> None:
    Verdict.objects.bulk_create(
        Verdict(
            beat=beat,
            credited_start_ms=verdict.credited[0] if verdict.credited else None,
            credited_end_ms=verdict.credited[1] if verdict.credited else None,
            reason=verdict.reason,
        )
        for beat, verdict in zip(beats, verdicts, strict=True)
    )
    Beat.objects.filter(pk__in=[beat.pk for beat in beats]).update(judged_at=now)


def _draw(member_id: int, lecture: Lecture, pairs: Iterable[tuple[Beat, Judged]]) -> datetime | None:
    """Add what was credited to the coverage of this lecture; says when it became complete, if it just did.

    A viewing begins with the first interval that counts, not before: `sharing.visit` and the lists rely on it.
    """
    believed = [(beat, verdict) for beat, verdict in pairs if verdict.is_believable]
    cut = lecture.asset.cut
    if cut is None or not believed:
        return None
    viewing = Viewing.objects.filter(member=member_id, lecture=lecture).first()
    if viewing is None and not any(verdict.credited for _, verdict in believed):
        return None
    viewing = viewing or Viewing.objects.create(
        member_id=member_id,
        lecture=lecture,
        duration_ms=cut.duration_ms,
        first_at=believed[0][0].received_at,
        last_at=believed[0][0].received_at,
    )
    drawn, _ = Coverage.objects.get_or_create(viewing=viewing, cut=cut)
    completed_at = None
    for beat, verdict in believed:
        if verdict.credited:
            drawn.intervals = coverage.add(drawn.intervals, *verdict.credited, cut.duration_ms)
        seen_ms = coverage.covered_ms(drawn.intervals)
        if viewing.completed_at is None and coverage.is_complete(seen_ms, cut.duration_ms):
            viewing.completed_at = completed_at = beat.received_at
        viewing.covered_ms, viewing.duration_ms = seen_ms, cut.duration_ms
        viewing.position_ms = min(max(beat.end_ms, 0), cut.duration_ms)
        viewing.last_at = max(viewing.last_at, beat.received_at)
    drawn.save(update_fields=["intervals"])
    viewing.save()
    return completed_at


def _keep_state(row: WatchState, state: Watching) -> None:
    """Keep the bucket and the lease. Who held it until now hears that another play took over, and pauses."""
    taken_over = row.lease_session and row.lease_session != state.lease.session
    row.tokens_ms, row.tokens_at = state.bucket.tokens_ms, state.bucket.at
    row.lease_session, row.lease_until = state.lease.session, state.lease.until
    row.hidden_ms = state.hidden_ms
    row.save()
    if taken_over:
        channels.publish(channels.for_member(row.member_id), "playback", {"session": state.lease.session})
