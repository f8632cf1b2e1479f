"""Chapters of a lecture: as they are, changed one by one or pasted as a list, and as the player reads them."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from courses import access, chapters, editing
from courses.chapters import Row, Written
from courses.models import Lecture
from courses.views import shown
from members.access import MemberRequest, signed_in
from ui.csp import with_player
from ui.lengths import moment
from ui.sentences import Refused


@with_player
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def chapter_list(request: MemberRequest, public_id: str) -> HttpResponse:
    lecture, now = access.lecture_to_work_on(request.user, public_id), timezone.now()
    before = chapters.rows(lecture)
    wrong = ""
    if request.method == "POST":
        wrong = _saved(request, lecture, before)
        if not wrong:
            messages.success(request, _("The chapters are saved. They show at once."))
            return redirect("courses:chapters", public_id)
    context = {
        "written": _typed(request) or [Written(moment(row.start_ms), row.title) for row in before],
        "rows": before,
        "pasted": request.POST.get("list", chapters.text(lecture)),
        "is_pasting": "list" in request.POST,
        "wrong": wrong,
        "may_change": "chapters" in editing.editable(lecture, request.user, now),
        "are_of_slides": any(row.source == "slides" for row in before),
    }
    context |= shown.frame(lecture, request.user) | shown.player(lecture, now)
    return render(request, "courses/chapters.html", context, status=400 if wrong else 200)


def _typed(request: MemberRequest) -> list[Written]:
    pairs = zip(request.POST.getlist("time"), request.POST.getlist("title"), strict=False)
    return [Written(*pair) for pair in pairs]


def _saved(request: MemberRequest, lecture: Lecture, before: Sequence[Row]) -> str:
    """Why not, as a sentence; empty if it is."""
    try:
        if "list" in request.POST:
            chapters.paste(lecture, request.POST["list"], by=request.user, now=timezone.now())
        else:
            found = chapters.read(_typed(request), before)
            chapters.arrange(lecture, found, by=request.user, now=timezone.now())
    except Refused as refused:
        return str(refused)
    return ""


@require_safe
def chapter_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """As WebVTT, for whoever may watch."""
    lecture = access.playable_for(request.user, public_id)
    response = HttpResponse(chapters.webvtt(lecture), content_type="text/vtt; charset=utf-8")
    response["Cache-Control"] = "private, no-cache"
    return response
