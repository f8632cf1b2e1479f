"""Who may open a page. Anonymous visitors are sent to sign in and come back; what is not theirs is not there (404)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from members import roles
from members.models import Member

Rest = ParamSpec("Rest")


class MemberRequest(HttpRequest):
    """A request whose user is known to be a member. Only for reading types; no request is ever made of it."""

    user: Member


MemberView = Callable[Concatenate[MemberRequest, Rest], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]


def own_path(candidate: str | None, default: str = "/") -> str:
    """`candidate` if it is a path of this site, else `default`: nobody is sent elsewhere by a link to us."""
    if not candidate or not candidate.startswith("/"):
        return default
    return candidate if url_has_allowed_host_and_scheme(candidate, allowed_hosts=None) else default


def after_sign_in(candidate: str | None) -> str:
    """Where to go once signed in; never back to the sign-in page."""
    path = own_path(candidate)
    return "/" if urlsplit(path).path == reverse("members:sign-in") else path


def to_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    """To the sign-in page, to come back to where a GET was going; a POST cannot be repeated."""
    query = QueryDict(mutable=True)
    query["next"] = request.get_full_path() if request.method in {"GET", "HEAD"} else "/"
    return HttpResponseRedirect(f"{reverse('members:sign-in')}?{query.urlencode(safe='/')}")


def signed_in(view: MemberView[Rest]) -> View[Rest]:
    """For members only."""
    return _only(view, lambda member: True)


def editor_required(view: MemberView[Rest]) -> View[Rest]:
    """For those who are editors today."""
    return _only(view, lambda member: roles.is_editor(member, timezone.localdate()))


def operator_required(view: MemberView[Rest]) -> View[Rest]:
    """For those who are operators today."""
    return _only(view, lambda member: roles.is_operator(member, timezone.localdate()))


def secretary_required(view: MemberView[Rest]) -> View[Rest]:
    """For those who lead any organisation today; which one they may touch is for the view to ask."""
    return _only(view, lambda member: roles.organisations_led(member, timezone.localdate()).exists())


def _only(view: MemberView[Rest], may: Callable[[Member], bool]) -> View[Rest]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, Member):
            return to_sign_in(request)
        if not may(request.user):
            raise Http404
        return view(request, *args, **kwargs)  # type: ignore[arg-type]  # its user has just been seen to be a member

    return guarded
