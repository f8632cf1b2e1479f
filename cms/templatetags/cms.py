"""What Wagtail pages of lower apps show: their templates ask here, because those apps must not know it."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from cms import course, home, livestream
from ui.paging import Page

register = template.Library()


@register.simple_tag(takes_context=True)
def home_contents(context: dict[str, Any]) -> home.Home:
    return home.compose(context["request"].user, timezone.now())


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
