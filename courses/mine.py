"""A member's own lectures as the member sees them: where each is, what is in its way, what can be done next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from courses import history, posters
from courses.models import Lecture
from media_pipeline import asset_progress, paths
from media_pipeline.models import Asset
from ui import sentences

IN_PREPARATION = (Asset.State.RECEIVED, Asset.State.PREPARING)
# Classes of `.state` in the look: waiting for someone is ochre, out is pine.
INK = {Lecture.State.SUBMITTED: "wait", Lecture.State.APPROVED: "wait", Lecture.State.PUBLISHED: "done"}


@dataclass(frozen=True)
class Row:
    lecture: Lecture
    poster: str
    ink: str
    is_preparing: bool
    percent: int  # of the preparation
    is_playable: bool
    refusal: str  # why the file was not accepted or could not be prepared, as a sentence
    is_refused: bool
    returned: str  # why the editors returned it

    @property
    def is_draft(self) -> bool:
        return self.lecture.state == Lecture.State.DRAFT

    @property
    def segments(self) -> list[tuple[float, float]]:
        return [(0, self.percent)]


def rows(owned: Sequence[Lecture], now: datetime) -> list[Row]:
    """What the list shows, in two queries however long it is. Lectures come `with_card()`."""
    progress = _progress([one.asset for one in owned if one.asset.state in IN_PREPARATION])
    returned = history.returns(owned)
    return [_row(one, now, progress.get(one.asset_id, 0), returned.get(one.pk, "")) for one in owned]


def row(lecture: Lecture, now: datetime) -> Row:
    return rows([lecture], now)[0]


def may_be_deleted(lecture: Lecture) -> bool:
    return lecture.state == Lecture.State.DRAFT and lecture.published_at is None


def may_be_withdrawn(lecture: Lecture) -> bool:
    return Lecture.State.WITHDRAWN in Lecture.NEXT[lecture.state]


def _row(lecture: Lecture, now: datetime, permille: int, returned: str) -> Row:
    asset = lecture.asset
    return Row(
        lecture=lecture,
        poster=posters.url(lecture, now=now),
        ink=INK.get(Lecture.State(lecture.state), "none"),
        is_preparing=asset.state in IN_PREPARATION,
        percent=permille // 10,
        is_playable=paths.is_playable(asset),
        refusal=refusal(asset),
        is_refused=asset.state == Asset.State.REFUSED,
        returned=returned,
    )


def refusal(asset: Asset) -> str:
    """Why the file was not accepted or could not be prepared; empty if neither is so."""
    if asset.state not in {Asset.State.REFUSED, Asset.State.FAILED}:
        return ""
    if asset.refusal in sentences.codes():
        return sentences.say(asset.refusal, asset.refusal_params)
    return sentences.say(f"lecture_asset_{asset.state}")


def _progress(preparing: Sequence[Asset]) -> dict[int, int]:
    """How far each is, of 1000; those whose job has not begun are left out."""
    if not preparing:
        return {}
    return asset_progress.overall_of(preparing)
