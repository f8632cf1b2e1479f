"""Pages that show several apps at once and are no Wagtail pages: home, watch, topic, all lectures, upload."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST
from wagtail.views import serve

from cms import course, watch
from courses import access, topics
from courses.models import Topic
from engagement import cards, sharing
from members.access import MemberRequest, signed_in
from ui.cards import Card
from ui.csp import with_player
from ui.paging import Page, page_of


def home(request: HttpRequest) -> HttpResponse:
    """Wagtail's page of the same template is the root of the tree; to be found by it would cost as much as the page."""
    return render(request, "cms/home_page.html")


def course_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Wagtail's page, found at once; whatever else editors put there, Wagtail finds."""
    path = f"courses/{slug}/"
    page = course.at(path)
    return render(request, "cms/course_page.html", {"page": page}) if page else serve(request, path)


@with_player
def lecture_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    now = timezone.now()
    lecture = watch.lecture_for(request.user, public_id, now)
    return render(request, "cms/watch.html", {"shown": watch.compose(lecture, request.user, now)})


def lecture_list(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    known = sum(topic.lectures for topic in topics.with_counts(request.user, now))  # each has one
    page = page_of(cards.Newest(request.user, now, known=known), request)
    return render(request, "cms/lecture_list.html", {"page": page, "cards": _cards(page, request, now)})


def _cards(page: Page, request: HttpRequest, now: datetime) -> list[Card]:
    return cards.for_rows(page.items, request.user, now, is_dated=True)


def topic_detail(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    counted = topics.with_counts(request.user, now)
    found = next((one for one in counted if one.slug == slug), None)
    topic = found or get_object_or_404(Topic, slug=slug)
    page = page_of(cards.Newest(request.user, now, topic.pk, found.lectures if found else 0), request)
    context = {"topic": topic, "page": page, "cards": _cards(page, request, now), "topics": counted}
    return render(request, "cms/topic_detail.html", context)


@require_POST
@signed_in
def share(request: MemberRequest, public_id: str) -> HttpResponse:
    """Make the member's own link, and show it where they asked for it."""
    lecture = access.lecture_for(request.user, public_id)
    sharing.link_for(request.user, lecture, timezone.now())
    return redirect(f"{lecture.get_absolute_url()}#share")


@signed_in
def upload(request: MemberRequest) -> HttpResponse:
    limits = {
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "max_minutes": settings.LECTURE_MAX_SECONDS // 60,
        "max_side": settings.LECTURE_MAX_PIXELS_A_SIDE,
        "max_aspect": settings.LECTURE_MAX_ASPECT,
    }
    return render(request, "cms/upload.html", limits)
