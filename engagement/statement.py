"""The lines of a member's account in words: what happened, how much, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.account import Entry
from engagement.models import PointEvent
from engagement.not_counted import NotCounted
from ui import lengths
from ui.sentences import say


@dataclass(frozen=True)
class Line:
    """As `ui/components/entries.html` draws it; an empty amount is "not counted"."""

    what: str
    url: str
    amount: str
    why: str


def line_of(entry: Entry, now: datetime) -> Line:
    return Line(_what(entry), entry.url, _amount(entry.amount), _why(entry, now))


def line_of_nothing(one: NotCounted, now: datetime) -> Line:
    title = {"title": one.title}
    what = _("Your share of “%(title)s”") % title if one.kind == "share" else _("A viewing of “%(title)s”") % title
    return Line(what, one.url, "", say(one.code, one.params))


def signed(amount: int) -> str:
    """With a real minus sign, as in print."""
    return f"−{-amount}" if amount < 0 else f"+{amount}" if amount else "0"


def _amount(amount: int) -> str:
    return signed(amount) if amount else ""


def _what(entry: Entry) -> str:
    title = {"title": entry.title}
    is_share = entry.kind == PointEvent.Kind.SHARE
    if entry.corrects:
        return (_("Correction: a share of “%(title)s”") if is_share else _("Correction: a view of “%(title)s”")) % title
    if is_share:
        return _("Someone finished “%(title)s”, which you shared") % title
    return _("Someone finished “%(title)s”") % title


def _why(entry: Entry, now: datetime) -> str:
    when = _when(entry.happened_at, now)
    if entry.corrected_at:
        facts = {"reason": say(entry.reason), "when": _when(entry.corrected_at, now)}
        if entry.by:
            return _("Correction. %(reason)s Entry of %(when)s; by %(by)s") % {**facts, "by": entry.by}
        return _("Correction. %(reason)s Entry of %(when)s") % facts
    if not entry.amount:
        return say(entry.reason)
    if entry.kind == PointEvent.Kind.SHARE and entry.visited_at:
        facts = {"visited": _when(entry.visited_at, now), "when": when}
        return _("Share point. They opened your link: %(visited)s; finished: %(when)s") % facts
    return _viewed(entry, when) + _original(entry)


def _viewed(entry: Entry, when: str) -> str:
    if entry.viewer_place is None:
        return _("View point. A colleague, %(when)s") % {"when": when}
    return _("View point. A colleague from %(place)s, %(when)s") % {"place": entry.viewer_place, "when": when}


def _original(entry: Entry) -> str:
    """Of a dub: whose lecture it is at heart."""
    if entry.original_author is None:
        return ""
    return _(". The original is by %(name)s; its points stay as they are") % {"name": entry.original_author}


def _when(moment: datetime, now: datetime) -> str:
    return lengths.spoken_moment(timezone.localtime(moment), now=timezone.localtime(now))
