"""Gives every request an id: from the proxy if it sends a plain one, else our own; answered as X-Request-ID."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from audit import request_id

_PLAIN = re.compile(r"[A-Za-z0-9-]{8,32}")


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        current = given if _PLAIN.fullmatch(given) else secrets.token_hex(8)
        token = request_id.current.set(current)
        try:
            response = self.get_response(request)
        finally:
            request_id.current.reset(token)
        response["X-Request-ID"] = current
        return response
