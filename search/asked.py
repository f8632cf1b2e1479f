"""What somebody asks of search, read from an address and written into one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import cast
from urllib.parse import urlencode

from django.http import QueryDict

from search import ranking
from search.engines.base import Order, microseconds, moment_at
from search.query_language import LONGEST_QUERY

FURTHEST_PAGE = 100  # nobody reads that far, and an engine pays for every page it skips
MOST_CHOSEN, LONGEST_VALUE = 20, 100
_LATEST = 253_402_300_799_999_999  # microseconds; the end of the year 9999


@dataclass(frozen=True)
class Asked:
    """`chosen`: values of facets as addresses have them (of topics the slug). `until`: when the first page was shown;
    later ones hold nothing newer. `exactly`: this text, not one that sounds like it. `is_typing`: its last word may
    still go on."""

    text: str = ""
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    order: Order = "best"
    page: int = 1
    until: datetime | None = None
    exactly: bool = False
    is_typing: bool = False

    @property
    def is_narrowed(self) -> bool:
        return any(self.chosen.values())

    def toggled(self, facet: str, value: str) -> Asked:
        """The same from its first page on, with `value` chosen of `facet` or, if it was, no more."""
        return self.with_chosen(facet, self.chosen.get(facet, frozenset()) ^ {value})

    def with_chosen(self, facet: str, values: frozenset[str]) -> Asked:
        return replace(self, chosen={**self.chosen, facet: values}, page=1, until=None)

    def everywhere(self) -> Asked:
        return replace(self, chosen={}, page=1, until=None)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        pairs = [("q", self.text)] if self.text else []
        chosen = [facet for facet in ranking.FACETS if facet in self.chosen] if self.chosen else ()
        pairs += [(facet, value) for facet in chosen for value in sorted(self.chosen[facet])]
        pairs += [("order", self.order)] if self.order != "best" else []
        pairs += [("exactly", "1")] if self.exactly else []
        if self.page > 1:
            pairs += [("page", str(self.page))]
            pairs += [("until", str(microseconds(self.until)))] if self.until else []
        return pairs

    @property
    def query_string(self) -> str:
        return f"?{'&'.join(map(_quoted, self.pairs))}"


@lru_cache(maxsize=4_096)
def _quoted(pair: tuple[str, str]) -> str:
    """A page has some forty addresses that say nearly the same."""
    return urlencode([pair])


def read(given: QueryDict) -> Asked:
    """Whatever stands in an address; what makes no sense is as if it were not there."""
    order = given.get("order", "")
    return Asked(
        given.get("q", "")[:LONGEST_QUERY],
        chosen=chosen_of({facet: given.getlist(facet) for facet in ranking.FACETS}),
        order=cast("Order", order) if order in ranking.ORDERS else "best",
        page=min(max(_number(given.get("page", "")), 1), FURTHEST_PAGE),
        until=moment_of(_number(given.get("until", ""))),
        exactly="exactly" in given,
    )


def chosen_of(values: Mapping[str, list[str]]) -> dict[str, frozenset[str]]:
    kept = {
        facet: frozenset(one[:LONGEST_VALUE] for one in some[:MOST_CHOSEN] if one) for facet, some in values.items()
    }
    return {facet: some for facet, some in kept.items() if some}


def moment_of(in_microseconds: int) -> datetime | None:
    return moment_at(in_microseconds) if 0 < in_microseconds < _LATEST else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
