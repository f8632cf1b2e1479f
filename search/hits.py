"""Found lectures as rows, once more only what may be seen, with why they were found."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from courses.models import Lecture
from courses.visibility import places_of
from engagement import marks, viewings
from media_pipeline import paths, sprites
from media_pipeline.sprites import Tile
from members.models import Member
from search import analysis, windows
from search.analysis import Parts
from search.query_language import Query
from search.windows import Window
from ui.cards import Label
from ui.prepared import prepared

logger = logging.getLogger(__name__)
MOMENTS = 3  # shown of one lecture
# What hits and the API say; a third of the columns, and a search costs that much less.
_SHOWN = (
    *("public_id", "kind", "title", "summary", "state", "visibility", "speaker_name", "is_pick", "published_at"),
    *("author", "author__name", "topic", "topic__name", "topic__slug"),
    *("organisation", "organisation__short_name", "organisation__name"),
    *("asset", "asset__public_id", "asset__duration_ms", "asset__picture", "asset__cut", "asset__cut__package"),
    *("asset__cut__duration_ms", "asset__cut__package__public_id", "asset__cut__package__sprite"),
    "asset__cut__package__poster",
)


@dataclass(frozen=True)
class HitMoment:
    """What is said or shown at one place. `tile`: the picture of that second, a part of the sprite at `sheet`."""

    url: str
    start_ms: int
    source: str
    parts: Parts
    sheet: str = ""
    tile: Tile | None = None

    @property
    def second(self) -> int:
        return self.start_ms // 1000


@dataclass(frozen=True)
class Hit:
    lecture: Lecture
    label: Label
    poster: str
    is_done: bool
    title: Parts
    summary: Parts
    speaker: Parts
    topic: Parts
    organisation: Parts
    moments: list[HitMoment] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.lecture.get_absolute_url()


def load(
    ids: Sequence[int],
    moments: Mapping[int, Sequence[Window]],
    query: Query,
    member: Member | AnonymousUser,
    now: datetime,
) -> list[Hit]:
    """In the engine's order, without what may not be seen (any more). One query."""
    if not ids:
        return []
    rows = {one.pk: one for one in _visible(places_of(member, now), now, member.pk, list(ids))}
    if dropped := [pk for pk in ids if pk not in rows]:
        logger.info("hits that may not be seen (any more) were left out", extra={"lectures": dropped})
    return [hit(rows[pk], moments.get(pk, ()), query, now) for pk in ids if pk in rows]


@prepared
def _visible(places: list[int] | None, now: datetime, member: int | None, ids: list[int]) -> QuerySet[Lecture, Lecture]:
    visible = Lecture.objects.seen_from(places, now).filter(pk__in=ids).with_card().only(*_SHOWN)
    return viewings.with_done(marks.with_seals(visible), member)


def hit(lecture: Lecture, found: Sequence[Window], query: Query, now: datetime) -> Hit:
    """Of a lecture loaded as in `load`."""
    is_featured: bool = lecture.is_featured  # type: ignore[attr-defined]  # annotated
    is_done: bool = lecture.is_done  # type: ignore[attr-defined]
    return Hit(
        lecture,
        label="seal" if is_featured else "pick" if lecture.is_pick else "",
        poster=paths.poster(lecture.asset, small=True, now=now),
        is_done=is_done,
        title=analysis.highlight(lecture.title, query),
        summary=analysis.snippet(lecture.summary, query),
        speaker=analysis.highlight(lecture.speaker, query),
        topic=analysis.highlight(lecture.topic.name if lecture.topic else "", query),
        organisation=analysis.highlight(lecture.organisation.short_name if lecture.organisation else "", query),
        moments=moments_of(lecture, found, query, now)[:MOMENTS],
    )


def moments_of(lecture: Lecture, found: Iterable[Window], query: Query, now: datetime) -> list[HitMoment]:
    """Best first; windows overlap, so that two may mean the same place."""
    cut = lecture.asset.cut
    layout = cut.package.sprite if cut and cut.package else None
    sheet = paths.sprite_sheet(lecture.asset, now=now)
    made: dict[tuple[int, str], HitMoment] = {}
    for window in found:
        one = windows.moment(window, query)
        tile = sprites.tile_at(layout, one.start_ms, cut.duration_ms) if cut and sheet and layout else None
        url = f"{lecture.get_absolute_url()}?t={one.second}"
        made.setdefault((one.start_ms, one.source), HitMoment(url, one.start_ms, one.source, one.parts, sheet, tile))
    return list(made.values())
