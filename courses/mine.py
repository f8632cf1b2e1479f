"""A member's own lectures as the member sees them: where each is, what is in its way, what can be done next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from courses import history, posters
from courses.models import Lecture
from media_pipeline import asset_progress, assets, paths
from media_pipeline.asset_progress import UnderWay
from media_pipeline.models import Asset
from ui import sentences

IN_PREPARATION = (Asset.State.RECEIVED, Asset.State.PREPARING)
MINUTE_MS = 60_000
# Classes of `.state` in the look: waiting for someone is ochre, out is pine.
NOT_BEGUN = UnderWay(0, None)
INK = {Lecture.State.SUBMITTED: "wait", Lecture.State.APPROVED: "wait", Lecture.State.PUBLISHED: "done"}


@dataclass(frozen=True)
class Row:
    lecture: Lecture
    poster: str
    ink: str
    is_preparing: bool
    percent: int  # of the preparation
    ms_left: int  # of it, as the pace lets expect; 0 if that cannot be told
    is_playable: bool
    refusal: str  # why the file was not accepted or could not be prepared, as a sentence
    is_refused: bool
    remarks: list[str]  # what is to be known of a recording that was taken all the same
    returned: str  # why the editors returned it

    @property
    def is_draft(self) -> bool:
        return self.lecture.state == Lecture.State.DRAFT

    @property
    def news(self) -> str:
        """Names under which events tell of it (frontend/site/live.js)."""
        asset = self.lecture.asset
        return f"{self.lecture.public_id} {asset.public_id} {asset_progress.subject(asset)}"

    @property
    def segments(self) -> list[tuple[float, float]]:
        return [(0, self.percent)]


def rows(owned: Sequence[Lecture], now: datetime) -> list[Row]:
    """What the list shows, in three queries however long it is. Lectures come `with_card()`."""
    preparing = [one.asset for one in owned if one.asset.state in IN_PREPARATION]
    under_way = asset_progress.under_way(preparing, now=now) if preparing else {}
    returned = history.returns(owned)
    remarks = assets.remarks([one.asset for one in owned]) if owned else {}
    return [
        _row(
            one, now, under_way.get(one.asset_id, NOT_BEGUN), returned=returned.get(one.pk, ""),
            remarks=[sentences.say(remark.code, remark.params) for remark in remarks.get(one.asset_id, [])],
        )
        for one in owned
    ]  # fmt: skip


def row(lecture: Lecture, now: datetime) -> Row:
    return rows([lecture], now)[0]


def may_be_deleted(lecture: Lecture) -> bool:
    return lecture.state == Lecture.State.DRAFT and lecture.published_at is None


def may_be_withdrawn(lecture: Lecture) -> bool:
    return Lecture.State.WITHDRAWN in Lecture.NEXT[lecture.state]


def _row(lecture: Lecture, now: datetime, under_way: UnderWay, *, returned: str, remarks: list[str]) -> Row:
    asset = lecture.asset
    return Row(
        lecture=lecture,
        poster=posters.url(lecture, now=now),
        ink=INK.get(Lecture.State(lecture.state), "none"),
        is_preparing=asset.state in IN_PREPARATION,
        percent=under_way.progress // 10,
        ms_left=_spoken_up((under_way.seconds_left or 0) * 1000),
        is_playable=paths.is_playable(asset),
        refusal=refusal(asset),
        is_refused=asset.state == Asset.State.REFUSED,
        remarks=remarks,
        returned=returned,
    )


def refusal(asset: Asset) -> str:
    """Why the file was not accepted or could not be prepared; empty if neither is so."""
    if asset.state not in {Asset.State.REFUSED, Asset.State.FAILED}:
        return ""
    if asset.refusal in sentences.codes():
        return sentences.say(asset.refusal, asset.refusal_params)
    return sentences.say(f"lecture_asset_{asset.state}")


def _spoken_up(ms: int) -> int:
    """Time left is rounded up: to the second below a minute, to the minute above."""
    unit = 1000 if ms < MINUTE_MS else MINUTE_MS
    return -(-ms // unit) * unit
