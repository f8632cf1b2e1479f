"""A page of results put together here, from all that was found. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from search import ranking
from search.engines.base import Found, Request
from search.ranking import Facts


def page(
    full: Sequence[Facts],
    partly: Sequence[Facts],
    scores: Mapping[int, float],
    request: Request,
    *,
    is_more: bool = False,
) -> Found:
    """Lectures that hold all before those that hold a part, both newest first, in the order asked for."""
    ordered = [
        one.lecture_id
        for some in (full, partly)
        for one in ranking.in_order(ranking.narrowed(some, request.chosen), scores, request.order)
    ]
    ids = ordered[request.offset : request.offset + request.limit]
    counts = ranking.count([*full, *partly], request.chosen)
    return Found(ids, len(ordered), is_more, len(full), counts)
