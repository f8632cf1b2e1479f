"""Found lectures as rows, once more only what may be seen, with why they were found."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from courses.models import Lecture
from courses.models.lectures import address_of
from courses.visibility import places_of
from engagement import cards, marks, viewings
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
_FACTS = (
    *("pk", "public_id", "kind", "title", "summary", "state", "visibility", "speaker_name", "published_at", "is_pick"),
    *("author__name", "topic__name", "topic__slug", "organisation__short_name", "organisation__name"),
    *("asset__public_id", "asset__duration_ms", "asset__picture", "asset__cut__duration_ms"),
    *("asset__cut__package__public_id", "asset__cut__package__poster", "asset__cut__package__sprite"),
    *("is_featured", "is_done"),
)


class Row(NamedTuple):
    """What hits and the API say of a lecture: a tenth of what making the lecture itself would take."""

    pk: int
    public_id: str
    kind: str
    title: str
    summary: str
    state: str
    visibility: str
    speaker_name: str
    published_at: datetime
    is_pick: bool
    author: str
    topic: str | None
    topic_slug: str | None
    organisation: str | None
    organisation_name: str | None
    asset: str
    duration_ms: int | None
    picture: str
    cut_ms: int | None
    package: str | None
    poster: str | None
    sprite: dict[str, Any] | None
    is_featured: bool
    is_done: bool

    @property
    def url(self) -> str:
        return address_of(self.public_id)

    @property
    def speaker(self) -> str:
        return self.speaker_name or self.author

    @property
    def package_seen(self) -> str:
        """The package, once it has pictures: they are made last."""
        return self.package or "" if self.sprite else ""


class Tiles(NamedTuple):
    """The little pictures of a cut: their sheet (empty without), how they lie on it, and the time they stand for."""

    sheet: str
    layout: Mapping[str, int] | None
    duration_ms: int


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
    lecture: Row
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
        return self.lecture.url


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
    found = _visible(places_of(member, now), now, member.pk, list(ids))
    rows = {facts[0]: Row(*facts) for facts in found}
    if dropped := [pk for pk in ids if pk not in rows]:
        logger.info("hits that may not be seen (any more) were left out", extra={"lectures": dropped})
    named = cache(partial(analysis.highlight, query=query))  # hits share topics, organisations and speakers
    return [hit(rows[pk], moments.get(pk, ()), query, named, now) for pk in ids if pk in rows]


@prepared
def _visible(
    places: list[int] | None, now: datetime, member: int | None, ids: list[int]
) -> QuerySet[Lecture, tuple[Any, ...]]:
    visible = Lecture.objects.seen_from(places, now).filter(pk__in=ids)
    return viewings.with_done(marks.with_seals(visible), member).values_list(*_FACTS)


def hit(row: Row, found: Sequence[Window], query: Query, named: Callable[[str], Parts], now: datetime) -> Hit:
    """`named`: a name with what is asked for marked."""
    sheet = paths.sprite_sheet_in(row.asset, row.package_seen, now=now) if found else ""
    return Hit(
        row,
        label=cards.label_of(is_featured=row.is_featured, is_pick=row.is_pick),
        poster=paths.poster_in(row.asset, row.picture, row.package_seen, row.poster or "", now=now),
        is_done=row.is_done,
        title=analysis.highlight(row.title, query),
        summary=analysis.snippet(row.summary, query),
        speaker=named(row.speaker),
        topic=named(row.topic or ""),
        organisation=named(row.organisation or ""),
        moments=moments_of(row.url, Tiles(sheet, row.sprite, row.cut_ms or 0), found, query)[:MOMENTS],
    )


def moments_of(url: str, tiles: Tiles, found: Iterable[Window], query: Query) -> list[HitMoment]:
    """Of the lecture at `url`, best first; windows overlap, so that two may mean the same place."""
    made: dict[tuple[int, str], HitMoment] = {}
    for window in found:
        one = windows.moment(window, query)
        tile = sprites.tile_at(tiles.layout, one.start_ms, tiles.duration_ms) if tiles.sheet and tiles.layout else None
        here = HitMoment(f"{url}?t={one.second}", one.start_ms, one.source, one.parts, tiles.sheet, tile)
        made.setdefault((one.start_ms, one.source), here)
    return list(made.values())
