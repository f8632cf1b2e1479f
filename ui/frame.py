"""The bars around every page, drawn once for all who see the same of them. What is each request's own (its address, its
token against forgery, the name of who asks) is put into the holes that are left for it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from ui import navigation

BARS = {"top": "ui/_topbar.html", "foot": "ui/_foot.html", "dock": "ui/_dock.html"}
HOLE = "\ue000"  # stands in no template, and in no translation
HOLES = ("csrf_token", "address", "address_quoted", "name", "surname")
LOOKS_KEPT = 512


class Look(NamedTuple):
    """All that a bar's looks depend on. `place`: the item of the bars that the page lies below."""

    language: str | None
    place: str
    is_signed_in: bool
    is_staff: bool
    text_size: str
    theme: str


def drawn(bar: str, request: HttpRequest, preferences: Any, csrf_token: object) -> SafeString:
    """`preferences` may be None, as where no database answers."""
    user: Any = getattr(request, "user", None)
    is_signed_in = bool(user and user.is_authenticated)
    look = Look(
        get_language(),
        navigation.place_of(request.path),
        is_signed_in,
        is_signed_in and user.is_staff,
        getattr(preferences, "text_size", ""),
        getattr(preferences, "theme", ""),
    )
    name = str(getattr(user, "name", ""))
    address = request.get_full_path()
    own = {
        "csrf_token": csrf_token,
        "address": address,
        "address_quoted": quote(address, safe="/"),
        "name": name,
        "surname": name[:1],  # in a face
    }
    pieces = _pieces(bar, look)
    return SafeString("".join(escape(own[one]) if at % 2 else one for at, one in enumerate(pieces)))


@lru_cache(maxsize=LOOKS_KEPT)
def _pieces(bar: str, look: Look) -> tuple[str, ...]:
    """What stands in the template and the names of its holes, in turns."""
    places = navigation.items(navigation.DOCK if bar == "dock" else navigation.TOP, look.place)
    holes = {name: f"{HOLE}{name}{HOLE}" for name in HOLES}
    return tuple(render_to_string(BARS[bar], {"look": look, "places": places, **holes}).split(HOLE))
