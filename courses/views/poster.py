"""The picture that stands for a lecture: chosen among the recording's own, or sent."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from courses import access, editing, posters
from courses.models import Lecture
from courses.views import shown
from members.access import MemberRequest, signed_in
from ui.lengths import file_size
from ui.sentences import Refused


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def poster(request: MemberRequest, public_id: str) -> HttpResponse:
    lecture, now = access.lecture_to_work_on(request.user, public_id), timezone.now()
    wrong = _tried(request, lecture) if request.method == "POST" else ""
    if request.method == "POST" and not wrong:
        messages.success(request, _("The picture is changed. It shows at once."))
        return redirect("courses:poster", public_id)
    may = editing.editable(lecture, request.user, now)
    context = shown.frame(lecture, request.user) | {
        "poster_url": posters.url(lecture, small=False, now=now),
        "candidates": posters.candidates(lecture, now=now),
        "may_choose": "poster" in may,
        "may_send": "picture" in may,
        "most": file_size(posters.MOST_BYTES),
        "wrong": wrong,
    }
    return render(request, "courses/poster.html", context, status=400 if wrong else 200)


def _tried(request: MemberRequest, lecture: Lecture) -> str:
    """Why not, as a sentence; empty if it is done."""
    now = timezone.now()
    try:
        if "name" in request.POST:
            posters.choose(lecture, request.POST["name"], by=request.user, now=now)
        else:
            file = request.FILES.get("file")
            data = file.read(posters.MOST_BYTES + 1) if file else b""
            posters.send(lecture, data, by=request.user, now=now)
    except Refused as refused:
        return str(refused)
    return ""
