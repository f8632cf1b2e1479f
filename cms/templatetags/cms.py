"""What Wagtail pages of lower apps show: their templates ask here, because those apps must not know it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from cms import course, home, livestream
from courses.models import Lecture
from courses.topics import Counted
from search import inside
from ui.paging import Page

register = template.Library()


@register.simple_tag(takes_context=True)
def home_contents(context: dict[str, Any]) -> home.Home:
    return home.compose(context["request"].user, timezone.now())


@register.simple_tag
def topic_index(topics: list[Counted]) -> SafeString:
    return _topic_index(tuple(topics), get_language())


@lru_cache(maxsize=256)
def _topic_index(topics: tuple[Counted, ...], _language: str | None) -> SafeString:
    """Drawn once for the same numbers."""
    return render_to_string("cms/_topic_index.html", {"topics": topics})


@register.simple_tag(takes_context=True)
def course_contents(context: dict[str, Any]) -> course.Course:
    return course.compose(context["page"], context["request"].user, timezone.now())


@register.simple_tag(takes_context=True)
def courses_listed(context: dict[str, Any]) -> Page:
    return course.listed(context["page"], context["request"])


@register.simple_tag(takes_context=True)
def livestream_contents(context: dict[str, Any]) -> livestream.Shown:
    return livestream.compose(context["page"], context["request"].user, timezone.now())


@register.simple_tag(takes_context=True)
def livestreams_listed(context: dict[str, Any]) -> Page:
    return livestream.listed(context["page"], context["request"])


@register.inclusion_tag("search/_inside_box.html", takes_context=True)
def search_inside(context: dict[str, Any], lecture: Lecture) -> dict[str, Any]:
    """A box to search in what is said and shown in a lecture of `watch.lectures`, with the answer to what was asked."""
    typed = context["request"].GET.get("q", "")
    has_texts: bool = lecture.has_texts  # type: ignore[attr-defined]  # by watch.lectures
    return {
        "lecture": lecture,
        "has_texts": has_texts,
        "typed": typed,
        "inside": inside.search(lecture, typed, now=timezone.now()) if typed and has_texts else None,
    }
