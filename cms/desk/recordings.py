"""Recordings of livestreams: uploaded on a page of their own, attached, followed until they are out."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cms.desk.refusals import tried
from courses import mine
from courses.models import Lecture
from livestreams import access, recordings
from livestreams.models import LivestreamPage
from members.access import MemberRequest, editor_required
from ui.csp import with_player
from ui.paging import page_of


@require_safe
@editor_required
def recording_list(request: MemberRequest) -> HttpResponse:
    pages = LivestreamPage.objects.select_related("presenter", "topic", "replay__asset").order_by("-starts_at", "-pk")
    context = {"page": page_of(pages, request, size=20), "title": _("Recordings"), "icon": "media"}
    return render(request, "cms/desk/recording_list.html", context)


@with_player
@require_safe
@editor_required
def recording(request: MemberRequest, page_id: int) -> HttpResponse:
    page = access.page_to_edit(request.user, page_id)
    context = {
        "page": page,
        "complete_url": f"/api/v1/livestreams/{page.pk}/recording",
        "row": mine.row(page.replay, timezone.now()) if page.replay else None,
        "is_out": page.replay is not None and page.replay.state == Lecture.State.PUBLISHED,
        "unattached": recordings.unattached()[:20],
        "max_bytes": settings.UPLOAD_MAX_BYTES,
    }
    return render(request, "cms/desk/recording.html", context)


@require_POST
@editor_required
def recording_change(request: MemberRequest, page_id: int, change: str) -> HttpResponse:
    page, now = access.page_to_edit(request.user, page_id), timezone.now()
    if change == "attach":
        asset = get_object_or_404(recordings.unattached(), public_id=request.POST.get("asset", ""))
        tried(
            request,
            lambda: recordings.attach(page, asset, by=request.user, now=now),
            done=_("Attached. It comes out as soon as it is ready."),
        )
    elif change == "detach":
        tried(request, lambda: recordings.detach(page, by=request.user, now=now), done=_("Taken off the page."))
    else:
        raise Http404
    return redirect("desk:recording", page_id)
