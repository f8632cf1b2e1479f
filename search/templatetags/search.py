"""Hits as a page shows them: `{% load search %}`, `{% hit one number %}`, and `{{ parts|marked }}`, a text in which
what was found is marked. Drawn in Python, as a page has two dozen hits and a hundred moments.
"""

from __future__ import annotations

from functools import cache
from html import escape

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from search.analysis import Parts
from search.hits import Hit, HitMoment
from search.windows import SLIDE
from ui import lengths
from ui.templatetags.ui import icon

register = template.Library()


@register.filter
def marked(parts: Parts) -> SafeString:
    return SafeString("".join(f"<mark>{escape(text)}</mark>" if is_hit else escape(text) for text, is_hit in parts))


@register.simple_tag
def hit(one: Hit, number: int) -> SafeString:
    """The lecture with the moments that answer, or with its summary where none does."""
    if one.moments:
        below = format_html_join("", "<li>{}</li>", ((_moment(moment, one.poster),) for moment in one.moments))
        found = format_html('<ol class="gap-t">{}</ol>', below)
    else:
        found = format_html(
            '<a class="moment gap-t" href="{}" tabindex="-1" aria-hidden="true">{}<span class="said">{}</span></a>',
            one.url, _picture(one.poster), marked(one.summary),
        )  # fmt: skip
    return format_html(
        '<article aria-labelledby="hit-{0}"><div class="row"><h2 id="hit-{0}" class="t-l"><a href="{1}">{2}</a></h2>{3}'
        '</div><p class="meta">{4}</p>{5}</article>',
        number, one.url, marked(one.title), _label(one.label, get_language()) if one.label else "", _facts(one), found,
    )  # fmt: skip


@cache
def _label(label: str, _language: str | None) -> SafeString:
    return render_to_string("ui/components/label.html", {"label": label})


def _facts(hit: Hit) -> SafeString:
    length = hit.lecture.duration_ms
    said = ["" if length is None else lengths.spoken(length), gettext("finished") if hit.is_done else ""]
    facts = [marked(hit.speaker), marked(hit.organisation), marked(hit.topic), *map(escape, said)]
    return SafeString("".join(f"<span>{one}</span>" for one in facts if one))


def _picture(poster: str, place: str = "") -> SafeString:
    """`place`: attributes that tell where on a sheet of pictures the right one lies."""
    shown = icon("play")
    if poster:
        size = SafeString('alt="" width="480" height="270" loading="lazy" decoding="async"')
        shown = format_html('<img src="{}" {}>', poster, size)
    return format_html('<span class="poster"{}>{}</span>', place, shown)


def _moment(moment: HitMoment, poster: str) -> SafeString:
    tile, place = moment.tile, SafeString("")
    if tile:
        place = format_html(
            ' data-sheet="{}" data-tile="{} {} {} {}" data-sheet-size="{} {}"',
            moment.sheet, tile.x, tile.y, tile.width, tile.height, tile.sheet_width, tile.sheet_height,
        )  # fmt: skip
    return format_html(
        '<a class="moment" href="{}" data-start="{}">{}<span><span class="at">{}</span>'
        '<span class="evidence-line">{}</span><span class="said">{}</span></span></a>',
        moment.url, moment.start_ms, _picture(poster, place), lengths.moment(moment.start_ms),
        gettext("on the picture") if moment.source == SLIDE else gettext("said"), marked(moment.parts),
    )  # fmt: skip
