"""Another version of a lecture's recording: trimmed or recorded anew, followed until it is shown, decided on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses import access, cutting, earlier, mine, versions
from courses.cutting import Typed
from courses.models import Lecture, Version
from courses.views import shown
from media_pipeline import cuts, paths
from members.access import MemberRequest, signed_in
from members.models import Member
from ui.csp import with_player
from ui.sentences import Refused


@with_player
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def cut(request: MemberRequest, public_id: str) -> HttpResponse:
    lecture, now = access.lecture_to_work_on(request.user, public_id), timezone.now()
    wrong, length = "", cuts.known_source_ms(lecture.asset)
    proposed = versions.open_of(lecture)
    now_kept = proposed.cut if proposed and proposed.cut and proposed.asset == lecture.asset else lecture.asset.cut
    typed = cutting.shown(now_kept, length) if now_kept else Typed("", "", [])
    if request.method == "POST":
        typed = _typed(request)
        wrong = _tried(lambda: versions.cut(lecture, cutting.read(typed, length), by=request.user, now=timezone.now()))
        if not wrong:
            messages.success(request, _("Being prepared. What is shown stays until it is ready."))
            return redirect("courses:cut", public_id)
    frame, whole = _frame(lecture, request.user, now), paths.whole(lecture.asset)
    whole_poster, whole_sprite = paths.pictures_of(lecture.asset, whole, now=now)
    context = frame | {
        "is_looking": bool(frame["version_url"]) and request.method != "POST" and "trim" not in request.GET,
        "typed": typed,
        "wrong": wrong,
        "source_ms": length,
        "whole_url": paths.of_cut(lecture.asset, whole, "master.m3u8", now=now),
        "whole_poster_url": whole_poster,
        "whole_sprite_url": whole_sprite,
    }
    return render(request, "courses/cut.html", context, status=400 if wrong else 200)


@with_player
@require_safe
@signed_in
def recording(request: MemberRequest, public_id: str) -> HttpResponse:
    lecture, now = access.lecture_to_work_on(request.user, public_id), timezone.now()
    watched = earlier.one(lecture, request.GET["watch"]) if "watch" in request.GET else None
    context = _frame(lecture, request.user, now) | {
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "complete_url": f"/api/v1/lectures/{lecture.public_id}/versions",
        "earlier": earlier.recordings(lecture),
        "watched": watched,
        "watched_url": paths.signed(watched, "master.m3u8", now=now) if watched else "",
        "watched_poster_url": paths.poster(watched, small=False, now=now) if watched else "",
    }
    return render(request, "courses/recording.html", context)


@require_POST
@signed_in
def put_back(request: MemberRequest, public_id: str, asset_id: str) -> HttpResponse:
    lecture, now = access.lecture_to_work_on(request.user, public_id), timezone.now()
    asset = earlier.one(lecture, asset_id)
    if wrong := _tried(lambda: earlier.put_back(lecture, asset, by=request.user, now=now)):
        messages.error(request, wrong)
    elif Lecture.objects.filter(pk=lecture.pk, asset=asset).exists():
        messages.success(request, _("The earlier recording is shown again."))
    else:
        messages.success(request, _("Proposed. What is shown stays until an editor has looked."))
    return redirect("courses:recording", public_id)


@require_POST
@signed_in
def decide(request: MemberRequest, public_id: str, number: int, act: str) -> HttpResponse:
    if act not in ACTS:
        raise Http404
    lecture = access.lecture_to_work_on(request.user, public_id)
    version = get_object_or_404(Version, lecture=lecture, number=number)
    change, done = ACTS[act]
    if wrong := _tried(lambda: change(version, request.user, request.POST.get("reason", ""), timezone.now())):
        messages.error(request, wrong)
    else:
        messages.success(request, str(done))
    return redirect("courses:cut", public_id)


Act = Callable[[Version, Member, str, datetime], None]
ACTS: dict[str, tuple[Act, str | Promise]] = {
    "approve": (
        lambda version, by, reason, now: versions.approve(version, by=by, now=now),
        gettext_lazy("The new version is shown from now on."),
    ),
    "decline": (
        lambda version, by, reason, now: versions.decline(version, by=by, reason=reason, now=now),
        gettext_lazy("Declined. The author reads your reason."),
    ),
    "remove": (
        lambda version, by, reason, now: versions.drop(version, by=by, now=now),
        gettext_lazy("Taken back. All stays as it is."),
    ),
}


def _typed(request: MemberRequest) -> Typed:
    sent = request.POST
    pairs = list(zip(sent.getlist("from"), sent.getlist("to"), strict=False))
    return Typed(sent.get("start", ""), sent.get("end", ""), pairs)


def _tried(act: Callable[[], Any]) -> str:
    """Why not, as a sentence; empty if it is done."""
    try:
        act()
    except Refused as refused:
        return str(refused)
    return ""


def _frame(lecture: Lecture, member: Member, now: datetime) -> dict[str, Any]:
    """With the version that is proposed, if one is, and how far it is."""
    version = versions.open_of(lecture)
    waits = version if version and version.state == Version.State.WAITING else None
    asset, cut = (waits.asset, waits.cut) if waits else (None, None)
    return shown.frame(lecture, member) | {
        "row": mine.row(lecture, now),
        "version": version,
        "version_progress": versions.progress(version, now) if version else None,
        "version_url": paths.of_cut(asset, cut, "master.m3u8", now=now) if asset else "",
        "version_poster_url": paths.pictures_of(asset, cut, now=now)[0] if asset else "",
        "may_change": versions.may(lecture, member, now),
        "may_decide": access.is_editor(member, now),
        "is_unreviewed": lecture.state in versions.UNREVIEWED,
    }
