"""Facts of watching, sharing and points."""

from engagement.models.featured import FeaturedDecision, FeaturedMark, RuleSet
from engagement.models.ledger import PointEntry, PointEvent
from engagement.models.sharing import Share, ShareVisit
from engagement.models.watching import Beat, Coverage, PlaySession, Verdict, Viewing, WatchState

__all__ = [
    "Beat",
    "Coverage",
    "FeaturedDecision",
    "FeaturedMark",
    "PlaySession",
    "PointEntry",
    "PointEvent",
    "RuleSet",
    "Share",
    "ShareVisit",
    "Verdict",
    "Viewing",
    "WatchState",
]
