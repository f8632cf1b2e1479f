"""What the bars of the frame lead to. Paths, not names: the frame stands below all apps and must not know theirs."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Item:
    path: str
    label: str | Promise
    icon: str
    is_current: bool = False


TOP = (
    Item("/", _("Home"), "home"),
    Item("/courses/", _("Courses"), "course"),
    Item("/sessions/", _("Sessions"), "people"),
    Item("/featured/", _("Featured"), "okring"),
    Item("/live/", _("Live"), "live"),
)
DOCK = (
    Item("/", _("Home"), "home"),
    Item("/courses/", _("Courses"), "course"),
    Item("/upload/", _("Upload"), "add"),
    Item("/sessions/", _("Sessions"), "people"),
    Item("/points/", _("Mine"), "me"),
)


def _holds(item: Item, path: str) -> bool:
    if item.path == "/":
        return path == "/"
    # "Mine" on a phone is the points page and the lectures of one's own.
    return path.startswith(item.path) or (item.path == "/points/" and path.startswith("/mine/"))


def items(bar: tuple[Item, ...], path: str) -> list[Item]:
    """The items of a bar, with the one marked that `path` lies below."""
    return [Item(item.path, item.label, item.icon, _holds(item, path)) for item in bar]
