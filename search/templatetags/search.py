"""Marks what was found in a text: `{% load search %}`, `{{ hit.title|marked }}`."""

from __future__ import annotations

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

from search.analysis import Parts

register = template.Library()


@register.filter
def marked(parts: Parts) -> SafeString:
    return SafeString("".join(f"<mark>{escape(text)}</mark>" if is_hit else escape(text) for text, is_hit in parts))
