"""The review desk: what waits, one lecture with its preview and history, and the moves an editor makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cms.desk import operations
from cms.desk.forms import EditorsForm
from cms.desk.refusals import tried, tried_form
from courses import access, history, lectures, mine, workbench
from courses.models import Lecture
from jobs import overview
from jobs.models import Job
from media_pipeline import asset_progress, assets, paths
from media_pipeline.models import Asset
from members.access import MemberRequest, editor_required
from members.models import Member
from ui.paging import page_of

State = Lecture.State


@dataclass(frozen=True)
class Pile:
    """One of the desk's lists: which lectures, in which order, and what to say if there are none."""

    code: str
    label: str | Promise
    holds: Q
    order: tuple[str, ...]
    empty: str | Promise


PILES = {
    pile.code: pile
    for pile in (
        Pile("waiting", _("Waiting for you"), Q(state=State.SUBMITTED), ("submitted_at", "pk"),
             _("Nothing waits. What members hand in appears here, the oldest first.")),
        Pile("approved", _("Approved, not out yet"), Q(state=State.APPROVED), ("submitted_at", "pk"),
             _("Nothing waits for its recording or its hour.")),
        Pile("published", _("Published"), Q(state=State.PUBLISHED), ("-published_at", "-pk"),
             _("Nothing is out yet.")),
        Pile("versions", _("New versions"), Q(versions__state="waiting"), ("-published_at", "-pk"),
             _("No new version of a recording waits.")),
        Pile("withdrawn", _("Withdrawn"), Q(state=State.WITHDRAWN), ("-published_at", "-pk"),
             _("Nothing is withdrawn.")),
        Pile("failed", _("Preparation failed"), Q(asset__state=Asset.State.FAILED), ("created_at", "pk"),
             _("All recordings could be prepared.")),
    )
}  # fmt: skip


@require_safe
@editor_required
def review_list(request: MemberRequest) -> HttpResponse:
    pile = PILES.get(request.GET.get("show", "waiting"))
    if pile is None:
        raise Http404
    page = page_of(_in(pile), request, size=20)
    context = {
        "title": _("Review"),
        "icon": "tasks",
        "pile": pile,
        "piles": [(one, count, one is pile) for one, count in _counted()],
        "page": page,
        "rows": mine.rows(list(page), timezone.now()),
    }
    return render(request, "cms/desk/review_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
def review_item(request: MemberRequest, public_id: str) -> HttpResponse:
    lecture = access.lecture_to_review(request.user, public_id)
    form = EditorsForm(request.POST or None, lecture=lecture)
    if request.method == "POST" and tried_form(form, lambda: _edit(lecture, form, request.user)):
        return redirect("desk:review-item", public_id)
    return render(request, "cms/desk/review_item.html", _shown(lecture, form), status=400 if form.errors else 200)


@require_safe
@editor_required
def review_preview(request: MemberRequest, public_id: str) -> HttpResponse:
    """The player alone, to be framed: the look's styles and those of Wagtail do not go together in one page."""
    lecture, now = access.lecture_to_review(request.user, public_id), timezone.now()
    context = {
        "lecture": lecture,
        "row": mine.row(lecture, now),
        "master_url": paths.signed(lecture.asset, "master.m3u8", now=now),
        "poster_url": paths.poster(lecture.asset, small=False, now=now),
        "sprite_vtt_url": paths.sprite(lecture.asset, now=now),
    }
    return render(request, "cms/desk/preview.html", context)


@require_POST
@editor_required
def review_move(request: MemberRequest, public_id: str, move: str) -> HttpResponse:
    if move not in MOVES:
        raise Http404
    lecture = access.lecture_to_review(request.user, public_id)
    act, done = MOVES[move]
    reason = request.POST.get("reason", "")
    moved = tried(request, lambda: act(lecture, request.user, reason, timezone.now()), done=str(done))
    if moved and move in {"approve", "return"}:
        return redirect("desk:review-list")  # on to the next
    return redirect("desk:review-item", public_id)


@require_POST
@editor_required
def review_retry(request: MemberRequest, public_id: str, job_id: int) -> HttpResponse:
    lecture = access.lecture_to_review(request.user, public_id)
    operations.retry_stage(request, _failed(lecture), job_id)
    return redirect("desk:review-item", public_id)


Move = Callable[[Lecture, Member, str, datetime], None]
MOVES: dict[str, tuple[Move, str | Promise]] = {
    "approve": (
        lambda lecture, by, reason, now: lectures.approve(lecture, by=by, now=now),
        _("Approved. It comes out as soon as its recording is ready and its hour has come."),
    ),
    "return": (
        lambda lecture, by, reason, now: lectures.send_back(lecture, by=by, reason=reason, now=now),
        _("Returned. The author reads your reason with the lecture."),
    ),
    "withdraw": (
        lambda lecture, by, reason, now: lectures.withdraw(lecture, by=by, reason=reason, now=now),
        _("Withdrawn. Nobody can find or watch it any more."),
    ),
    "publish": (
        lambda lecture, by, reason, now: lectures.publish(lecture, by=by, now=now),
        _("It is out again."),
    ),
    "retry": (
        lambda lecture, by, reason, now: assets.retry(lecture.asset, by),
        _("The recording is being prepared again."),
    ),
}


def waiting() -> int:
    return Lecture.objects.filter(state=State.SUBMITTED).count()


def _in(pile: Pile) -> QuerySet[Lecture]:
    return Lecture.objects.filter(access.REVIEWABLE).filter(pile.holds).with_card().order_by(*pile.order)


def _counted() -> list[tuple[Pile, int]]:
    counts = Lecture.objects.aggregate(**{pile.code: Count("pk", filter=pile.holds) for pile in PILES.values()})
    return [(pile, counts[pile.code]) for pile in PILES.values()]


def _edit(lecture: Lecture, form: EditorsForm, by: Member) -> None:
    now = timezone.now()
    lectures.edit(lecture, by=by, now=now, **form.cleaned_data)
    lectures.publish_if_due(lecture, now=now)


def _failed(lecture: Lecture) -> QuerySet[Job]:
    """Stages of its recording that failed, and can be tried again."""
    return overview.failed().filter(pk__in=Job.objects.about(asset_progress.subject(lecture.asset)))


def _shown(lecture: Lecture, form: EditorsForm) -> dict[str, Any]:
    now, failed = timezone.now(), [operations.Row(job) for job in operations.to_try_again(_failed(lecture))]
    return {
        "title": lecture.title or lecture.asset.name,
        "icon": "tasks",
        "lecture": lecture,
        "row": mine.row(lecture, now),
        "form": form,
        "history": history.of(lecture),
        "failed": failed,
        "has_failed": lecture.asset.state == Asset.State.FAILED and not failed,
        "is_draft": lecture.state == State.DRAFT,
        "tabs": workbench.tabs(lecture),
    }
