"""Pages: my points, featured lectures, and where a shared link leads."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from courses.models import Lecture
from engagement import account, not_counted, periods, results, rules, sharing, statement
from engagement.account import Quarter
from members import organisations
from members.access import MemberRequest, signed_in
from members.models import Member
from ui.paging import page_of


@require_safe
@signed_in
def points(request: MemberRequest) -> HttpResponse:
    now, member = timezone.now(), request.user
    kind = request.GET.get("kind", "")
    (quarters, lines), in_force = account.overview(member), rules.current(now)
    entries = account.Entries(member, kind, known=lines.get(kind, lines[""]))
    page = page_of(entries, request, size=account.PAGE)
    period = periods.quarter_of(now)
    made = next((one for one in quarters if one.period == period), Quarter(period))
    context = {
        "organisation": organisations.of(member, on=periods.day_of(now)),
        "quarter": periods.name_of(made.period),
        "made": made,
        "figures": _figures(made),
        "page": page,
        "entries": [statement.line_of(entry, now) for entry in page],
        "chips": _kind_chips(kind),
        "not_counted": [statement.line_of_nothing(one, now) for one in not_counted.of(member, in_force, now)],
        "quarters": _bars(quarters),
        "rules": in_force,
    }
    return render(request, "engagement/points.html", context)


def _figures(made: Quarter) -> list[tuple[str, str]]:
    figures = [(_("my lecture finished"), str(made.views)), (_("shared by me and finished"), str(made.shares))]
    return figures + ([(_("corrections"), statement.signed(made.corrections))] if made.corrections else [])


def _kind_chips(current: str) -> list[dict[str, object]]:
    kinds = {"": _("All"), "view": _("View points"), "share": _("Share points"), "correction": _("Corrections")}
    chosen = current if current in kinds else ""
    return [
        {"label": label, "url": f"?kind={kind}" if kind else "?", "is_current": kind == chosen}
        for kind, label in kinds.items()
    ]


def _bars(quarters: list[Quarter]) -> list[dict[str, object]]:
    most = max((one.total for one in quarters), default=0)
    return [
        {
            "name": periods.name_of(one.period),
            "total": one.total,
            "line": [(0, max(one.total, 0) * 100 / most)] if most > 0 else [],
            "label": ngettext("%(total)s point", "%(total)s points", one.total) % {"total": one.total},
        }
        for one in quarters
    ]


@require_safe
def featured_lectures(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    quarters = results.quarters(now)
    period = request.GET.get("quarter") or results.newest(quarters, now)
    if period not in quarters:
        raise Http404
    in_force = rules.current(now)
    member: Member | AnonymousUser = request.user
    context = {
        "period_name": periods.name_of(period),
        "chips": [
            {"label": periods.name_of(one), "url": f"?quarter={one}", "is_current": one == period} for one in quarters
        ],
        "results": results.of_quarter(period, member, in_force, now),
        "rules": in_force,
    }
    return render(request, "engagement/featured.html", context)


@require_safe
def share(request: HttpRequest, code: str) -> HttpResponseBase:
    """Who is signed in goes on to the lecture, and the link is remembered; others see what it is and may sign in."""
    now = timezone.now()
    try:
        link = sharing.find(code)
    except Http404:
        return _gone(request)
    is_visible = Lecture.objects.visible_to(request.user, now).filter(pk=link.lecture_id).exists()
    if isinstance(request.user, Member):
        if not is_visible:
            return _gone(request)
        sharing.visit(code, request.user, now)
        return redirect(link.lecture)
    if not Lecture.objects.published(now).filter(pk=link.lecture_id).exists():
        return _gone(request)
    context = {
        "share": link,
        "is_visible": is_visible,
        # Not even the title of what is for one organisation is shown to the world. And no poster: the address of one
        # admits to all of a lecture's media.
        "is_named": link.lecture.visibility != Lecture.Visibility.ORGANISATION,
        "sign_in_url": f"{reverse('members:sign-in')}?next={request.path}",
    }
    return render(request, "engagement/share.html", context)


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "engagement/share_gone.html", status=404)


@require_safe
def share_qr(request: HttpRequest, code: str) -> HttpResponse:
    address = request.build_absolute_uri(sharing.path_of(sharing.find(code)))
    return HttpResponse(sharing.qr_svg(address), content_type="image/svg+xml")
