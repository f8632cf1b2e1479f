"""How the API knows who calls: a bearer key with scopes, else the site's own session with its CSRF token."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import AuthenticationError
from ninja.security import APIKeyCookie, HttpBearer

from members import tokens
from members.models import Member
from ui.sentences import Refused

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class BearerAuth(HttpBearer):
    """`Authorization: Bearer sl_…`. A key that opens nothing is refused: it never falls back to a session."""

    def authenticate(self, request: HttpRequest, token: str) -> Member:
        found = tokens.find(token, timezone.now())
        if found is None:
            raise AuthenticationError
        if request.method in _SAFE and tokens.READ not in found.scopes:
            raise Refused("token_does_not_read", status=403)
        if request.method not in _SAFE and tokens.WRITE not in found.scopes:
            raise Refused("token_reads_only", status=403)
        return found.member


class SessionAuth(APIKeyCookie):
    """The session of our own pages; anything but reading needs the CSRF token."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Any:
        # Without a session there is nothing to forge: the answer is 401, not a complaint about CSRF.
        return super().__call__(request) if isinstance(request.user, Member) else None

    def authenticate(self, request: HttpRequest, key: str | None) -> Member | None:
        return request.user if isinstance(request.user, Member) else None


ApiAuth = [BearerAuth(), SessionAuth(csrf=True)]
