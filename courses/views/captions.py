"""Captions of a lecture: what there is, sent, read through, looked through by an editor, taken away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses import access, captions, editing
from courses.forms import CaptionsForm
from courses.models import Lecture
from courses.views import shown
from media_pipeline.models import TextTrack
from members.access import MemberRequest, signed_in
from members.models import Member
from ui.csp import with_player
from ui.paging import page_of
from ui.sentences import Refused


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def caption_list(request: MemberRequest, public_id: str) -> HttpResponse:
    lecture = access.lecture_to_work_on(request.user, public_id)
    form = CaptionsForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and _added(request, lecture, form):
        return redirect("courses:captions", public_id)
    context = _frame(lecture, request.user) | {"rows": captions.rows(lecture), "form": form}
    return render(request, "courses/captions.html", context, status=400 if form.errors else 200)


@with_player
@require_safe
@signed_in
def caption_text(request: MemberRequest, public_id: str, track: str) -> HttpResponse:
    """All of it beside the picture."""
    lecture = access.lecture_to_work_on(request.user, public_id)
    found = captions.track_of(lecture, track)
    page = page_of(captions.cues(found), request, size=200)
    context = _frame(lecture, request.user) | {"row": captions.row(found), "page": page}
    return render(request, "courses/caption_text.html", context | shown.player(lecture, timezone.now()))


@require_POST
@signed_in
def caption_change(request: MemberRequest, public_id: str, track: str, act: str) -> HttpResponse:
    if act not in CHANGES:
        raise Http404
    lecture = access.lecture_to_work_on(request.user, public_id)
    change, done = CHANGES[act]
    try:
        change(lecture, captions.track_of(lecture, track), request.user, timezone.now())
        messages.success(request, str(done))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("courses:captions", public_id)


Change = Callable[[Lecture, TextTrack, Member, datetime], None]
CHANGES: dict[str, tuple[Change, str | Promise]] = {
    "remove": (
        lambda lecture, track, by, now: captions.remove(lecture, track, by=by, now=now),
        gettext_lazy("These captions are taken away."),
    ),
    "check": (
        lambda lecture, track, by, now: captions.check(lecture, track, done=True, by=by, now=now),
        gettext_lazy("Noted: they are looked through."),
    ),
    "recheck": (
        lambda lecture, track, by, now: captions.check(lecture, track, done=False, by=by, now=now),
        gettext_lazy("Noted: they want another look."),
    ),
}


def _added(request: MemberRequest, lecture: Lecture, form: CaptionsForm) -> bool:
    if not form.is_valid():
        return False
    file, now = form.cleaned_data["file"], timezone.now()
    try:
        captions.add(
            lecture, file.read(captions.MOST_BYTES + 1) if file else b"", language=form.cleaned_data["language"],
            name=file.name if file else "", by=request.user, now=now,
        )  # fmt: skip
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    messages.success(request, _("The captions are there. Viewers get them in a moment."))
    return True


def _frame(lecture: Lecture, member: Member) -> dict[str, Any]:
    now = timezone.now()
    return shown.frame(lecture, member) | {
        "may_change": "captions" in editing.editable(lecture, member, now),
        "may_check": access.is_editor(member, now),
    }
