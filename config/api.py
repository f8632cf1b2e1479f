"""The REST API under /api/v1/: one NinjaAPI, a router an app, one error shape. Documented at /api/v1/docs."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

import courses.api
import engagement.api
import livestreams.api
import media_pipeline.api
import members.api
import push.api
import search.api
from media_pipeline.storage.base import StorageTrouble
from ui.sentences import Refused, register, say_in_all

logger = logging.getLogger(__name__)

register(
    {
        "not_found": _("There is nothing at this address, or it is not meant for you. Check the address."),
        "not_signed_in": _("You are not signed in, or your key no longer holds. Sign in and try again."),
        "not_allowed": _("This is not yours to do. Ask an editor or your branch secretary."),
        "bad_input": _("“%(field)s” cannot be read as it is. Correct it and send it again."),
    }
)

api = NinjaAPI(
    title="Shared Lectures",
    version="1.0.0",
    urls_namespace="api",
    auth=members.api.ApiAuth,
    description="Everything the site itself uses. Errors: `{code, message: {zh-hans, en}, field}`.",
)
for prefix, router in (
    ("", members.api.router),
    ("", push.api.router),
    ("", media_pipeline.api.router),
    ("", courses.api.router),
    ("", engagement.api.router),
    ("", livestreams.api.router),
    ("", search.api.router),
):
    api.add_router(prefix, router)


def _error(request: HttpRequest, status: int, code: str, field: str | None = None, **params: Any) -> HttpResponse:
    body = {"code": code, "message": say_in_all(code, params), "field": field}
    return api.create_response(request, body, status=status)


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return api.create_response(request, error.as_json(), status=error.status)


@api.exception_handler(StorageTrouble)
def storage_is_away(request: HttpRequest, error: StorageTrouble) -> HttpResponse:
    """Clients try again after a 503; an operator finds the reason in the log and at /readyz."""
    logger.error("storage", exc_info=error)
    return _error(request, 503, "storage_unavailable")


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return _error(request, 404, "not_found")


@api.exception_handler(AuthenticationError)
def not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return _error(request, 401, "not_signed_in")


@api.exception_handler(PermissionDenied)
def not_allowed(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return _error(request, 403, "not_allowed")


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    known = {401: "not_signed_in", 403: "not_allowed", 404: "not_found"}
    code = known.get(error.status_code, "bad_input")
    body = {"code": code, "message": say_in_all(code, {"field": ""}), "field": None}
    return api.create_response(request, body, status=error.status_code)


@api.exception_handler(ValidationError)
def bad_input(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The first field at fault; its place is the last name in ninja's location, as in `body.payload.title`."""
    field = str(error.errors[0]["loc"][-1]) if error.errors else ""
    body = {"code": "bad_input", "message": say_in_all("bad_input", {"field": field}), "field": field}
    return api.create_response(request, body, status=422)
