"""The published rule of featured lectures as numbers: what was found, what is wanted, what is met. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from engagement.models import RuleSet

SHARE_WEIGHT = 2

SCORE: Final = "score"
VIEWERS: Final = "viewers"
ORGANISATIONS: Final = "organisations"
SHARE_OF_ONE: Final = "share_of_one"
CAPTIONS: Final = "captions"
COOLING: Final = "cooling"
PLACES: Final = "places"
# Met by the lecture's own merit; cooling and places come after.
MERIT = (SCORE, VIEWERS, ORGANISATIONS, SHARE_OF_ONE, CAPTIONS)


@dataclass(frozen=True)
class Tally:
    """What was counted for one lecture in one quarter. `views`, `shares`: valid ones by organisation key."""

    views: Mapping[int, int] = field(default_factory=dict)
    shares: Mapping[int, int] = field(default_factory=dict)
    viewers: int = 0
    captions_reviewed: bool = False


@dataclass(frozen=True)
class Condition:
    """One line of the rule. `wanted` is a least, but a most for share_of_one (per cent) and places (rank)."""

    code: str
    on: bool
    wanted: int
    found: int
    met: bool

    @property
    def is_in_the_way(self) -> bool:
        return self.on and not self.met


@dataclass(frozen=True)
class Evidence:
    """Why a lecture is, or is not, featured. Kept with the mark as JSON."""

    views: int
    shares: int
    score: int
    viewers: int
    organisations: dict[str, int]  # key → part of the score; "0": of members who belonged nowhere
    largest: int  # per cent of the score from one organisation
    captions_reviewed: bool
    conditions: list[Condition]

    @property
    def organisation_count(self) -> int:
        return len(self.organisations.keys() - {"0"})

    @property
    def unmet(self) -> list[Condition]:
        return [one for one in self.conditions if one.is_in_the_way]

    @property
    def has_merit(self) -> bool:
        return not any(one.code in MERIT for one in self.unmet)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Evidence:
        return cls(**{**kept, "conditions": [Condition(**one) for one in kept["conditions"]]})


def weigh(tally: Tally, rules: RuleSet, *, cooled_hours: int = 0, rank: int = 0) -> Evidence:
    """`cooled_hours` since it was found; `rank` among those with merit in its topic, 0 if it is none of them."""
    views, shares = sum(tally.views.values()), sum(tally.shares.values())
    parts = {
        str(key): tally.views.get(key, 0) + SHARE_WEIGHT * tally.shares.get(key, 0)
        for key in sorted({*tally.views, *tally.shares})
    }
    parts = {key: part for key, part in parts.items() if part > 0}
    score = views + SHARE_WEIGHT * shares
    named = [part for key, part in parts.items() if key != "0"]
    largest = -(-max(named, default=0) * 100 // score) if score > 0 else 0  # rounded up: 60.1 % is more than 60
    conditions = [
        _least(SCORE, rules.score_on, rules.score_least, score),
        _least(VIEWERS, rules.viewers_on, rules.viewers_least, tally.viewers),
        _least(ORGANISATIONS, rules.organisations_on, rules.organisations_least, len(named)),
        _most(SHARE_OF_ONE, rules.share_of_one_on, rules.share_of_one_most, largest),
        _least(CAPTIONS, rules.captions_on, 1, int(tally.captions_reviewed)),
        _least(COOLING, rules.cooling_on, rules.cooling_hours, cooled_hours),
        Condition(PLACES, rules.places_on, rules.places, rank, 0 < rank <= rules.places),
    ]
    return Evidence(views, shares, score, tally.viewers, parts, largest, tally.captions_reviewed, conditions)


def _most(code: str, on: bool, wanted: int, found: int) -> Condition:
    return Condition(code, on, wanted, found, found <= wanted)


def _least(code: str, on: bool, wanted: int, found: int) -> Condition:
    return Condition(code, on, wanted, found, found >= wanted)
