"""Versions of a lecture's recording: proposed, prepared beside the one that is shown, taken over or not.

A draft, and one that the editors have not decided on, takes a new version as soon as it is ready. One that is approved
or out keeps what it shows until an editor has looked at the new one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max

from audit import trail
from courses import access, editing, signals
from courses.models import Lecture, LectureEvent, Version
from media_pipeline import asset_progress, assets, cuts, downloads, generations
from media_pipeline.models import Asset, Cut
from members.models import Member
from push import channels
from ui.sentences import Refused

State = Version.State
UNREVIEWED = frozenset({Lecture.State.DRAFT, Lecture.State.SUBMITTED})


@transaction.atomic
def cut(lecture: Lecture, ranges: Iterable[Any], *, by: Member, now: datetime) -> Version:
    """Propose to keep these ranges of the recording's source. Refuses what `kept_ranges.chosen` refuses."""
    check_may(lecture, by, now)
    if lecture.asset.state == Asset.State.REFUSED:
        raise Refused("lecture_asset_refused", status=409, field="asset")
    made = cuts.keeping(lecture.asset, ranges, by=by, now=now)
    if made.pk == lecture.asset.cut_id:
        raise Refused("version_same", field="kept", status=409)
    return propose(lecture, lecture.asset, made, by=by, now=now)


@transaction.atomic
def recording(lecture: Lecture, asset: Asset, *, by: Member, now: datetime) -> Version:
    """Propose another recording, uploaded for that. Asking again for the same one answers its version."""
    if known := Version.objects.filter(lecture=lecture, asset=asset).order_by("-number").first():
        return known
    check_may(lecture, by, now)
    if asset.purpose != "replacement" or Version.objects.filter(asset=asset).exists():
        raise Refused("version_asset_taken", field="asset", status=409)
    return propose(lecture, asset, asset.cut, by=by, now=now)


def check_may(lecture: Lecture, by: Member, now: datetime) -> None:
    """A draft is its author's; what lies with the editors is theirs; afterwards both may propose."""
    if lecture.state == Lecture.State.WITHDRAWN:
        raise Refused("lecture_locked_withdrawn", status=409)
    editing.check_may(lecture, "recording", by, now)


def may(lecture: Lecture, by: Member, now: datetime) -> bool:
    try:
        check_may(lecture, by, now)
    except Refused:
        return False
    return True


def open_of(lecture: Lecture) -> Version | None:
    return lecture.versions.open().select_related("asset", "cut__asset", "cut__package", "proposed_by").first()


@dataclass(frozen=True)
class Progress:
    """`percent` of what is being made for it; `has_stopped`: nothing is, and it is not there."""

    percent: int
    has_stopped: bool


def progress(version: Version, now: datetime) -> Progress:
    """Of one that is open. Wants `asset` and `cut__asset` joined."""
    asset, cut = version.asset, version.cut
    if version.state == State.WAITING or asset is None:
        return Progress(100, has_stopped=False)
    if asset.state == Asset.State.READY and cut is not None:
        found = asset_progress.cuts_under_way([cut], now=now).get(cut.pk)
    else:
        found = asset_progress.under_way([asset], now=now).get(asset.pk)
    return Progress(found.progress // 10 if found else 0, has_stopped=found is None)


def is_made(version: Version) -> bool:
    cut = version.cut
    return cut is not None and cut.asset.state == Asset.State.READY and generations.is_made(cut)


@transaction.atomic
def settle(version: Version, *, now: datetime) -> None:
    """If it is prepared: show it, or let the editors look at it first."""
    version = _fresh(version)
    if version.state not in Version.OPEN:
        return
    if version.cut is None and version.asset is not None and version.asset.cut_id is not None:
        Version.objects.filter(pk=version.pk).update(cut=version.asset.cut_id)
        version = _fresh(version)
    if version.cut is None or not generations.is_made(version.cut):
        return
    if version.lecture.state in UNREVIEWED:
        _take(version, by=version.proposed_by, now=now)
    elif is_made(version) and version.state == State.PREPARING and Version.objects.advance(version, State.WAITING):
        _note(version, "offered", by=None, now=now)


def settle_all(now: datetime, **about: Any) -> None:
    """Open versions of an asset or a cut that has become ready, or of a lecture that is a draft again."""
    for version in Version.objects.open().filter(**about):
        settle(version, now=now)


@transaction.atomic
def approve(version: Version, *, by: Member, now: datetime) -> None:
    """Show it from now on. For editors."""
    _must_be_editor(by, now)
    version = _fresh(version)
    if version.state != State.WAITING or not is_made(version):
        raise Refused("version_moved_on", status=409)
    _take(version, by=by, now=now)


@transaction.atomic
def decline(version: Version, *, by: Member, reason: str, now: datetime) -> None:
    """What is shown stays; who proposed it reads why. For editors."""
    _must_be_editor(by, now)
    if not reason.strip():
        raise Refused("lecture_reason_missing", field="reason")
    version = _fresh(version)
    if version.state != State.WAITING:
        raise Refused("version_moved_on", status=409)
    _close(version, State.DECLINED, by=by, now=now, reason=reason.strip())


@transaction.atomic
def drop(version: Version, *, by: Member, now: datetime) -> None:
    """Take a proposal back: the author's, or an editor's business."""
    version = _fresh(version)
    if by.pk != version.lecture.author_id and not access.is_editor(by, now):
        raise Refused("lecture_not_yours", status=403)
    if version.state not in Version.OPEN:
        raise Refused("version_moved_on", status=409)
    _close(version, State.DROPPED, by=by, now=now)


def assets_of(lecture: Lecture) -> list[Asset]:
    """All recordings it has, had or may get, the shown one first."""
    pairs = lecture.versions.values_list("asset", "replaced")
    others = {key for pair in pairs for key in pair if key and key != lecture.asset_id}
    return [lecture.asset, *Asset.objects.filter(pk__in=others)]


def _must_be_editor(by: Member, now: datetime) -> None:
    if not access.is_editor(by, now):
        raise Refused("lecture_only_editors", status=403)


def propose(lecture: Lecture, asset: Asset, cut: Cut | None, *, by: Member, now: datetime) -> Version:
    """An open proposal gives way to a newer one. Whether `by` may, and may with this asset, was asked before."""
    Lecture.objects.select_for_update(of=("self",)).get(pk=lecture.pk)
    if before := open_of(lecture):
        _close(before, State.DROPPED, by=by, now=now, but_for=cut)
    number = (lecture.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version = Version.objects.create(
        lecture=lecture, number=number, name=asset.name, asset=asset, cut=cut, proposed_by=by, proposed_at=now
    )
    _note(version, "proposed", by=by, now=now)
    settle(version, now=now)
    version.refresh_from_db()
    return version


def _close(
    version: Version, to: str, *, by: Member, now: datetime, reason: str = "", but_for: Cut | None = None
) -> None:
    """What was made only for it goes; that it was proposed stays on record, and so does what was shown before."""
    asset, cut = version.asset, version.cut
    if not Version.objects.advance(version, to, decided_by=by, decided_at=now, reason=reason):
        raise Refused("version_moved_on", status=409)
    _note(version, to, by=by, now=now, reason=reason)
    if asset and asset.pk != version.lecture.asset_id:
        if not Version.objects.filter(replaced=asset).exists():
            Version.objects.filter(pk=version.pk).update(asset=None)
            assets.delete(asset)
    elif cut and cut.kept and cut != but_for and not Version.objects.filter(cut=cut, state=State.TAKEN).exists():
        cuts.give_up(cut)


def _take(version: Version, *, by: Member, now: datetime) -> None:
    lecture, cut = Lecture.objects.select_for_update(of=("self",)).get(pk=version.lecture_id), version.cut
    if cut is None or version.asset_id is None:
        raise Refused("version_moved_on", status=409)
    before, shown = lecture.asset, lecture.asset.cut
    facts = {} if before.pk == version.asset_id else {"replaced": before}
    if not Version.objects.advance(version, State.TAKEN, decided_by=by, decided_at=now, **facts):
        raise Refused("version_moved_on", status=409)
    moved: dict[str, Any] = {"row_version": F("row_version") + 1, "asset": version.asset_id}
    Lecture.objects.filter(pk=lecture.pk).update(**moved)
    if cut.asset.cut_id != cut.pk or cut.asset.state != Asset.State.READY:
        cuts.take(cut, now=now)
    if lecture.is_downloadable:
        downloads.want(Asset.objects.select_related("cut").get(pk=version.asset_id))
    _note(version, "taken", by=by, now=now)
    lecture.refresh_from_db()
    signals.lecture_recorded.send(Lecture, lecture=lecture, before=shown, cut=cut)


def hold(lecture_ids: Collection[int]) -> None:
    """Until this transaction ends, none of these shows another recording: `_take` waits. Many may hold one at once.

    SQLite needs nothing, as it lets one write at a time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            held = f"SELECT FROM {Lecture._meta.db_table} WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"
            cursor.execute(held, [list(lecture_ids)])


def _note(version: Version, verb: str, *, by: Member | None, now: datetime, reason: str = "") -> None:
    lecture = Lecture.objects.get(pk=version.lecture_id)
    LectureEvent.objects.create(
        lecture=lecture, at=now, by=by, verb=f"version_{verb}", from_state=lecture.state, to_state=lecture.state,
        reason=reason, changes={"version": version.number},
    )  # fmt: skip
    trail.record(f"lecture.version_{verb}", lecture, by=by, now=now, number=version.number)
    signals.lecture_changed.send(Lecture, lecture=lecture)
    payload = {"lecture": lecture.public_id, "verb": f"version_{verb}", "state": lecture.state}
    for member in {lecture.author_id, version.proposed_by_id}:
        channels.publish(channels.for_member(member), "lecture", payload)


def _fresh(version: Version) -> Version:
    joined = Version.objects.select_related("lecture", "asset", "cut__asset", "proposed_by")
    return joined.get(pk=version.pk)
