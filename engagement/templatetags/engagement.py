"""Reads what is kept as JSON for templates: `{% load engagement %}`, `{% evidence_of mark as evidence %}`."""

from __future__ import annotations

from django import template

from engagement.models import FeaturedMark
from engagement.scoring import Evidence

register = template.Library()


@register.simple_tag
def evidence_of(mark: FeaturedMark) -> Evidence:
    return Evidence.from_json(mark.evidence)
