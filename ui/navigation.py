"""What the bars of the frame lead to. Paths, not names: the frame stands below all apps and must not know theirs."""

from __future__ import annotations

from dataclasses import dataclass, replace

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


def place_of(path: str) -> str:
    """The item of the bars that `path` lies below; empty if none does."""
    return next((item.path for item in (*TOP, *DOCK) if _holds(item, path)), "")


def items(bar: tuple[Item, ...], place: str) -> list[Item]:
    """The items of a bar, with the one marked that is this place."""
    return [replace(item, is_current=item.path == place) for item in bar]
