"""The lines of a member's account in words: what happened, how much, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.models import PointEntry, PointEvent
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


def line_of(entry: PointEntry, now: datetime) -> Line:
    """Wants the entry joined as `ledger.entries_of` does."""
    return Line(_what(entry), entry.event.lecture.get_absolute_url(), _amount(entry.amount), _why(entry, now))


def line_of_nothing(one: NotCounted, now: datetime) -> Line:
    title = {"title": one.lecture.title}
    what = _("Your share of “%(title)s”") % title if one.kind == "share" else _("A viewing of “%(title)s”") % title
    return Line(what, one.lecture.get_absolute_url(), "", say(one.code, one.params))


def signed(amount: int) -> str:
    """With a real minus sign, as in print."""
    return f"−{-amount}" if amount < 0 else f"+{amount}" if amount else "0"


def _amount(amount: int) -> str:
    return signed(amount) if amount else ""


def _what(entry: PointEntry) -> str:
    title = {"title": entry.event.lecture.title}
    is_share = entry.event.kind == PointEvent.Kind.SHARE
    if entry.corrects_id:
        return (_("Correction: a share of “%(title)s”") if is_share else _("Correction: a view of “%(title)s”")) % title
    if is_share:
        return _("Someone finished “%(title)s”, which you shared") % title
    return _("Someone finished “%(title)s”") % title


def _why(entry: PointEntry, now: datetime) -> str:
    when = _when(entry.event.occurred_at, now)
    if entry.corrects:
        facts = {"reason": say(entry.reason), "when": _when(entry.corrects.occurred_at, now)}
        if entry.by:
            return _("Correction. %(reason)s Entry of %(when)s; by %(by)s") % {**facts, "by": entry.by.name}
        return _("Correction. %(reason)s Entry of %(when)s") % facts
    if not entry.amount:
        return say(entry.reason)
    if entry.event.kind == PointEvent.Kind.SHARE and entry.event.visited_at:
        facts = {"visited": _when(entry.event.visited_at, now), "when": when}
        return _("Share point. They opened your link: %(visited)s; finished: %(when)s") % facts
    return _viewed(entry, when) + _original(entry)


def _viewed(entry: PointEntry, when: str) -> str:
    organisation = entry.event.viewer_organisation
    if organisation is None:
        return _("View point. A colleague, %(when)s") % {"when": when}
    return _("View point. A colleague from %(place)s, %(when)s") % {"place": organisation.short_name, "when": when}


def _original(entry: PointEntry) -> str:
    """Of a dub: whose lecture it is at heart."""
    original = entry.event.lecture.derived_from
    if original is None:
        return ""
    return _(". The original is by %(name)s; its points stay as they are") % {"name": original.author.name}


def _when(moment: datetime, now: datetime) -> str:
    return lengths.spoken_moment(timezone.localtime(moment), now=timezone.localtime(now))
