"""How one person wants to read: language, size of type, light or dark. Kept with the member, and in cookies for
those who are not signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from members.models import Member

LANGUAGE, TEXT_SIZE, THEME = "language", "text_size", "theme"
CHOICES: Mapping[str, tuple[str, ...]] = {
    LANGUAGE: ("zh-hans", "en"),
    TEXT_SIZE: tuple(Member.TextSize.values),
    THEME: tuple(Member.Theme.values),
}
COOKIE_AGE = 60 * 60 * 24 * 365


@dataclass(frozen=True)
class Preferences:
    """Each field holds one of its CHOICES."""

    language: str
    text_size: str
    theme: str


def of(request: HttpRequest) -> Preferences:
    """The preferences of whoever asks. A member's own come first; what they never chose, the cookie says."""
    member = member_of(request)
    return Preferences(**{name: _value(name, member, request.COOKIES) for name in CHOICES})


def member_of(request: HttpRequest) -> Member | None:
    """The signed-in member; asks the database only if there is a session cookie."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    user = getattr(request, "user", None)
    return user if isinstance(user, Member) else None


def choose(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    """Keep `value` in the cookie, and with the member if one is signed in. `value` must be one of CHOICES[name]."""
    if value not in CHOICES[name]:
        raise ValueError(f"{name} cannot be {value!r}.")
    if member := member_of(request):
        Member.objects.filter(pk=member.pk).update(**{name: value})
    response.set_cookie(
        cookie_of(name), value, max_age=COOKIE_AGE, samesite="Lax", secure=settings.HTTPS, httponly=True
    )


def adopt(request: HttpRequest, member: Member) -> None:
    """At sign-in: what was chosen at the door stays, unless the member has a choice of their own."""
    for name in (TEXT_SIZE, THEME):
        chosen = request.COOKIES.get(cookie_of(name), "")
        if chosen in CHOICES[name] and getattr(member, name) == CHOICES[name][0]:
            setattr(member, name, chosen)
    member.save(update_fields=[TEXT_SIZE, THEME])


def cookie_of(name: str) -> str:
    return settings.LANGUAGE_COOKIE_NAME if name == LANGUAGE else name


def _value(name: str, member: Member | None, cookies: Mapping[str, str]) -> str:
    own = getattr(member, name) if member else ""
    cookie = cookies.get(cookie_of(name), "")
    default = CHOICES[name][0]
    return next((value for value in (own, cookie) if value in CHOICES[name]), default)
