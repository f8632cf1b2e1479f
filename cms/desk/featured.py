"""Candidates of the featured rule with their evidence, to be confirmed or declined by a person."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cms.desk.refusals import tried
from engagement import featured, periods
from engagement.models import FeaturedMark
from engagement.scoring import Condition, Evidence
from members.access import MemberRequest, editor_required
from ui.paging import page_of

CONDITIONS = {
    "score": gettext_lazy("Score"),
    "viewers": gettext_lazy("People who finished"),
    "organisations": gettext_lazy("Party organisations"),
    "share_of_one": gettext_lazy("Any one organisation, per cent"),
    "captions": gettext_lazy("Captions reviewed"),
    "cooling": gettext_lazy("Hours of cooling"),
    "places": gettext_lazy("Place in its topic"),
}


@dataclass(frozen=True)
class Row:
    mark: FeaturedMark
    period: str
    evidence: Evidence
    may_be_confirmed: bool

    @property
    def conditions(self) -> list[tuple[str, Condition]]:
        return [(str(CONDITIONS.get(one.code, one.code)), one) for one in self.evidence.conditions]


@require_safe
@editor_required
def featured_list(request: MemberRequest) -> HttpResponse:
    now = timezone.now()
    page = page_of(featured.candidates(now), request, size=20)
    confirmed = FeaturedMark.objects.filter(state=FeaturedMark.State.CONFIRMED)
    context = {
        "title": _("Featured candidates"),
        "icon": "pick",
        "page": page,
        "rows": [_row(mark) for mark in page],
        "confirmed": [
            _row(mark)
            for mark in confirmed.select_related("lecture__author", "topic", "rules", "decided_by").order_by(
                "-decided_at", "-pk"
            )[:20]
        ],
    }
    return render(request, "cms/desk/featured.html", context)


@require_POST
@editor_required
def featured_decide(request: MemberRequest, mark_id: int, decision: str) -> HttpResponse:
    mark = get_object_or_404(FeaturedMark.objects.select_related("lecture"), pk=mark_id)
    reason, now, by = request.POST.get("reason", ""), timezone.now(), request.user
    if decision == "confirm":
        tried(request, lambda: featured.confirm(mark, by=by, reason=reason, now=now), done=_("Confirmed as featured."))
    elif decision == "decline":
        tried(request, lambda: featured.decline(mark, by=by, reason=reason, now=now), done=_("Declined."))
    elif decision == "withdraw":
        tried(request, lambda: featured.withdraw(mark, by=by, reason=reason, now=now), done=_("The mark is withdrawn."))
    else:
        raise Http404
    return redirect("desk:featured")


def _row(mark: FeaturedMark) -> Row:
    return Row(
        mark=mark,
        period=periods.name_of(mark.period),
        evidence=Evidence.from_json(mark.evidence),
        may_be_confirmed=featured.can_be_confirmed(mark),
    )
