"""Signing in and out, and how one wants to read."""

from __future__ import annotations

from django.conf import settings
from django.contrib import auth
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from members import preferences, sign_in
from members.access import after_sign_in, own_path
from members.forms import SignInForm
from members.models import Member
from ui.sentences import Refused


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    target = after_sign_in(request.POST.get("next") or request.GET.get("next"))
    if isinstance(request.user, Member):
        return _already_in(request.user, target)
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            return _let_in(request, form, target)
        except Refused as refusal:
            form.refuse(refusal)
            status = 429 if refusal.status == 429 else 200
    return render(request, "members/sign_in.html", {"form": form, "next": target}, status=status)


def _let_in(request: HttpRequest, form: SignInForm, target: str) -> HttpResponse:
    typed = form.cleaned_data
    member = sign_in.check(
        typed["identifier"], typed["password"], enterprise=typed["enterprise"], request=request, now=timezone.now()
    )
    auth.login(request, member)
    request.session.set_expiry(settings.SESSION_COOKIE_AGE if typed["remember"] else 0)
    preferences.adopt(request, member)
    return HttpResponseRedirect(target)


def _already_in(member: Member, target: str) -> HttpResponse:
    """Wagtail sends whoever may not enter the editors' desk here: to send them back would go round for ever."""
    if target.startswith(reverse("wagtailadmin_home")) and not member.has_perm("wagtailadmin.access_admin"):
        raise Http404
    return HttpResponseRedirect(target)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return HttpResponseRedirect(settings.LOGOUT_REDIRECT_URL)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    return _choose(request, preferences.LANGUAGE)


@require_POST
def text_size(request: HttpRequest) -> HttpResponse:
    return _choose(request, preferences.TEXT_SIZE)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    return _choose(request, preferences.THEME)


def _choose(request: HttpRequest, name: str) -> HttpResponse:
    """Keep the choice and go back to where it was made. A value nobody offers changes nothing."""
    response = HttpResponseRedirect(own_path(request.POST.get("next")))
    value = request.POST.get(name, "")
    if value in preferences.CHOICES[name]:
        preferences.choose(request, response, name, value)
    return response
