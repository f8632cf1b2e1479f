"""A member's own lectures: the list, and for each the page to describe it, hand it in, follow it and take it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses import access, editing, history, lectures, mine, workbench
from courses.forms import LectureForm
from courses.models import Lecture
from courses.views import shown
from members.access import MemberRequest, signed_in
from ui.csp import with_player
from ui.paging import page_of
from ui.sentences import Refused


@require_safe
@signed_in
def lecture_list(request: MemberRequest) -> HttpResponse:
    owned = Lecture.objects.filter(author=request.user).with_card().order_by("-created_at", "-pk")
    page = page_of(owned, request, size=12)
    return render(request, "courses/mine.html", {"page": page, "rows": mine.rows(list(page), timezone.now())})


@with_player
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def lecture_edit(request: MemberRequest, public_id: str) -> HttpResponse:
    lecture = access.own_lecture(request.user, public_id)
    fields = editing.editable(lecture, request.user, timezone.now())
    form = LectureForm(request.POST or None, lecture=lecture, fields=fields)
    if request.method == "POST" and _saved(request, lecture, form):
        return redirect("courses:mine-edit", public_id)
    return render(request, "courses/mine_edit.html", _shown(lecture, form), status=400 if form.errors else 200)


@require_POST
@signed_in
def lecture_withdraw(request: MemberRequest, public_id: str) -> HttpResponse:
    lecture = access.own_lecture(request.user, public_id)
    reason = request.POST.get("reason", "")
    try:
        lectures.withdraw(lecture, by=request.user, reason=reason, now=timezone.now())
        messages.success(request, _("Withdrawn. Nobody can find or watch it any more."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("courses:mine-edit", public_id)


@require_POST
@signed_in
def lecture_reopen(request: MemberRequest, public_id: str) -> HttpResponse:
    lecture = access.own_lecture(request.user, public_id)
    try:
        lectures.reopen(lecture, by=request.user, now=timezone.now())
        messages.success(request, _("It is a draft again. Change what you like, then hand it in."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("courses:mine-edit", public_id)


@require_POST
@signed_in
def lecture_delete(request: MemberRequest, public_id: str) -> HttpResponse:
    lecture = access.own_lecture(request.user, public_id)
    try:
        lectures.delete(lecture, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("courses:mine-edit", public_id)
    messages.success(request, _("The draft and its recording are deleted."))
    return redirect("courses:mine")


def _saved(request: MemberRequest, lecture: Lecture, form: LectureForm) -> bool:
    """Keep what was written, and hand it in if that was the button; what is in the way stands at its field."""
    if not form.is_valid():
        return False
    try:
        lectures.edit(lecture, by=request.user, now=timezone.now(), **form.cleaned_data)
        if "submit" in request.POST:
            lectures.submit(lecture, by=request.user, now=timezone.now())
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    said = _("Handed to the editors.") if "submit" in request.POST else _("Saved.")
    messages.success(request, said)
    return True


def _shown(lecture: Lecture, form: LectureForm) -> dict[str, Any]:
    now = timezone.now()
    return {
        "row": mine.row(lecture, now),
        "lecture": lecture,
        "form": form,
        "history": history.of(lecture),
        "may_delete": mine.may_be_deleted(lecture),
        "may_withdraw": mine.may_be_withdrawn(lecture),
        "is_withdrawn": lecture.state == Lecture.State.WITHDRAWN,
        "tabs": workbench.tabs(lecture),
    } | shown.player(lecture, now)
