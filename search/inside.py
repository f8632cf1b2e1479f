"""Searching inside one lecture: where in it something is said or shown."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef

from courses.models import Lecture
from courses.models.lectures import LectureQuerySet
from media_pipeline import paths
from media_pipeline.models import SlideText, TextTrack
from search import answering, hits, synonyms
from search.engines.base import SearchError
from search.hits import HitMoment, Tiles
from search.query_language import Query, normalise_query

logger = logging.getLogger(__name__)
MOST = 30


@dataclass(frozen=True)
class Inside:
    """`moments` in time's order."""

    query: Query
    moments: list[HitMoment] = field(default_factory=list)
    is_out: bool = False


def search(lecture: Lecture, text: str, *, now: datetime) -> Inside:
    """Of a lecture that was looked up for who asks, with its card joined. One query."""
    query = normalise_query(text, synonyms.known().synonyms)
    if not query:
        return Inside(query)
    try:
        found, _ = answering.ask(lambda engine: engine.moments(query, [lecture.pk], MOST))
    except SearchError:
        logger.exception("search is out")
        return Inside(query, is_out=True)
    cut = lecture.asset.cut
    layout = cut.package.sprite if cut and cut.package else None
    tiles = Tiles(paths.sprite_sheet(lecture.asset, now=now), layout, cut.duration_ms if cut else 0)
    moments = hits.moments_of(lecture.get_absolute_url(), tiles, found.get(lecture.pk, ()), query)
    return Inside(query, sorted(moments, key=lambda one: one.start_ms))


def with_texts(lectures: LectureQuerySet) -> LectureQuerySet:
    """Each with `has_texts`: whether there is anything to search in."""
    texts, slides = (model.objects.filter(cut=OuterRef("asset__cut")) for model in (TextTrack, SlideText))
    return lectures.annotate(has_texts=Exists(texts) | Exists(slides))
