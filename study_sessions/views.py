"""Pages of study sessions: the list, the waiting room, planning."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.models import Lecture
from engagement import cards
from members import roles
from members.access import MemberRequest, secretary_required, signed_in
from study_sessions import access, planning
from study_sessions.forms import SessionForm, initial_of
from study_sessions.models import StudySession
from study_sessions.phases import Phase, phase, time_left
from ui.paging import page_of
from ui.sentences import Refused

PAGE_SIZE = 12


@require_safe
@signed_in
def session_list(request: MemberRequest) -> HttpResponse:
    now, is_past = timezone.now(), "past" in request.GET
    sessions = access.visible_to(request.user, now).select_related("organisation", "lecture")
    chosen = (
        sessions.filter(ends_at__lte=now).order_by("-starts_at", "-pk")
        if is_past
        else sessions.filter(ends_at__gt=now).order_by("starts_at", "pk")
    )
    page = page_of(chosen, request, PAGE_SIZE)
    context = {
        "page": page,
        "rows": [(session, phase(session, now)) for session in page],
        "is_past": is_past,
        "chips": [
            {"label": _("Coming"), "url": request.path, "is_current": not is_past, "count": None},
            {"label": _("Past"), "url": f"{request.path}?past=1", "is_current": is_past, "count": None},
        ],
        "may_plan": roles.organisations_led(request.user, timezone.localdate(now)).exists(),
    }
    return render(request, "study_sessions/session_list.html", context)


@require_safe
@signed_in
def session_detail(request: MemberRequest, public_id: str) -> HttpResponse:
    now = timezone.now()
    session = access.session_for(request.user, public_id, now)
    return render(request, "study_sessions/session_detail.html", _shown(request, session, now))


@require_http_methods(["GET", "HEAD", "POST"])
@secretary_required
def session_new(request: MemberRequest) -> HttpResponse:
    now = timezone.now()
    form = SessionForm(
        _posted(request),
        initial={"lecture": request.GET.get("lecture", ""), **_next_hour(now)},
        lectures=_lectures(request, now),
        organisations=roles.organisations_led(request.user, timezone.localdate(now)),
    )
    if request.method == "POST" and form.is_valid():
        try:
            session = planning.plan(by=request.user, now=now, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("The session is planned. All invited find it in their list."))
            return redirect("study_sessions:session-detail", session.public_id)
    return _form_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@secretary_required
def session_edit(request: MemberRequest, public_id: str) -> HttpResponse:
    now = timezone.now()
    session = access.session_to_lead(request.user, public_id, now)
    # The lecture it has may be one its secretary cannot watch: it stays a choice.
    lectures = _lectures(request, now) | Lecture.objects.filter(pk=session.lecture_id)
    form = SessionForm(_posted(request), initial=initial_of(session), lectures=lectures)
    if request.method == "POST" and form.is_valid():
        try:
            planning.edit(session, by=request.user, now=now, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Changed. The invited see it as it is now."))
            return redirect("study_sessions:session-detail", public_id)
    return _form_page(request, form, session)


@require_POST
@secretary_required
def session_cancel(request: MemberRequest, public_id: str) -> HttpResponse:
    now = timezone.now()
    session = access.session_to_lead(request.user, public_id, now)
    try:
        planning.cancel(session, by=request.user, reason=request.POST.get("reason", ""), now=now)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Cancelled. The invited see why."))
    return redirect("study_sessions:session-detail", public_id)


def _posted(request: MemberRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _form_page(request: MemberRequest, form: SessionForm, session: StudySession | None = None) -> HttpResponse:
    context = {"form": form, "session": session}
    return render(request, "study_sessions/session_form.html", context, status=400 if form.errors else 200)


def _lectures(request: MemberRequest, now: datetime) -> QuerySet[Lecture]:
    return Lecture.objects.visible_to(request.user, now)


def _next_hour(now: datetime) -> dict[str, datetime]:
    """Tomorrow at this hour, for one hour: something sensible to change."""
    start = timezone.localtime(now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    return {"starts_at": start, "ends_at": start + timedelta(hours=1)}


def _shown(request: MemberRequest, session: StudySession, now: datetime) -> dict[str, Any]:
    current = phase(session, now)
    watchable = cards.rows(cards.listed(Lecture.objects.visible_to(request.user, now).filter(pk=session.lecture_id)))
    leads = roles.is_secretary_of(request.user, session.organisation, timezone.localdate(now))
    return {
        "session": session,
        "phase": current,
        "has_begun": now >= session.starts_at,
        "time_left": time_left(session.starts_at, now),
        "invited": len(planning.invited(session)),
        "card": next(iter(cards.for_rows(watchable, request.user, now)), None),
        "may_change": leads and current in {Phase.WAITING, Phase.OPEN},
        "reason_most": planning.REASON_MOST,
    }
