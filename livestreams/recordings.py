"""Attaching a recording to a livestream's page: it becomes a lecture of kind replay, credited to the presenter."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from audit import trail
from courses import lectures
from courses.models import Lecture, Version
from livestreams.models import LivestreamPage
from media_pipeline.models import Asset
from members.models import Member
from ui.sentences import Refused

State = Lecture.State
TITLE_MOST, SUMMARY_MOST = 80, 500


def unattached() -> QuerySet[Asset]:
    """Recordings that were uploaded and belong to no page yet, newest first."""
    taken = Lecture.objects.filter(asset=OuterRef("pk"))
    replaced = Version.objects.filter(replaced=OuterRef("pk"))
    return Asset.objects.filter(~Exists(taken), ~Exists(replaced), purpose="replay").order_by("-created_at", "-pk")


@transaction.atomic
def attach(page: LivestreamPage, asset: Asset, *, by: Member, now: datetime) -> Lecture:
    """Make `asset` the page's replay; it comes out as soon as it is ready. Asking twice changes nothing.

    Takes the place of a recording that has not come out yet, or is withdrawn. Refuses `recording_*`.
    """
    page = LivestreamPage.objects.select_for_update(of=("self",)).get(pk=page.pk)
    known = Lecture.objects.filter(asset=asset).first()
    if known and known.pk == page.replay_id:
        return known
    if known or asset.purpose != "replay":
        raise Refused("recording_taken", status=409, field="asset")
    if asset.state in {Asset.State.REFUSED, Asset.State.FAILED}:
        raise Refused("recording_unusable", status=409, field="asset")
    detach(page, by=by, now=now)
    replay = lectures.replay_for(
        asset,
        title=page.title.strip()[:TITLE_MOST],
        summary=page.intro[:SUMMARY_MOST],
        topic=page.topic,
        author=page.presenter,
        by=by,
        now=now,
    )
    _point(page, replay)
    trail.record("livestream.recording_attached", page, by=by, now=now, lecture=replay.public_id)
    return replay


@transaction.atomic
def detach(page: LivestreamPage, *, by: Member, now: datetime) -> None:
    """Take the recording off the page before it has come out; refuses `recording_published` afterwards."""
    replay = page.replay
    if replay is None:
        return
    if replay.state == State.PUBLISHED:
        raise Refused("recording_published", status=409, field="asset")
    _point(page, None)
    if replay.state == State.APPROVED:
        # The reason stands in a row for good, so it is the page's own name and no sentence of ours.
        lectures.withdraw(replay, by=by, reason=page.title, now=now)
    trail.record("livestream.recording_detached", page, by=by, now=now, lecture=replay.public_id)


def _point(page: LivestreamPage, replay: Lecture | None) -> None:
    """Only the pointer, and only if nobody moved it meanwhile; the page's own revisions know nothing of it."""
    if not LivestreamPage.objects.filter(pk=page.pk, replay=page.replay_id).update(replay=replay):
        raise Refused("recording_moved_on", status=409)
    page.replay = replay
