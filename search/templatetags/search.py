"""What a page of hits is made of: `{% load search %}`. Drawn in Python, as there are a hundred of each on a page.

`{{ hit.title|marked }}`: a text with what was found in it marked   `{% facts_of hit %}`: who, where, about what
`{% moment_of_hit moment poster %}`: where it is said or shown      `{% picture poster %}`: the picture beside a text
"""

from __future__ import annotations

from html import escape

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

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
def facts_of(hit: Hit) -> SafeString:
    length = hit.lecture.duration_ms
    said = ["" if length is None else lengths.spoken(length), gettext("finished") if hit.is_done else ""]
    facts = [marked(hit.speaker), marked(hit.organisation), marked(hit.topic), *map(escape, said)]
    return SafeString("".join(f"<span>{one}</span>" for one in facts if one))


@register.simple_tag
def picture(poster: str, place: str = "") -> SafeString:
    """`place`: attributes that tell where on a sheet of pictures the right one lies."""
    shown = icon("play")
    if poster:
        size = SafeString('alt="" width="480" height="270" loading="lazy" decoding="async"')
        shown = format_html('<img src="{}" {}>', poster, size)
    return format_html('<span class="poster"{}>{}</span>', place, shown)


@register.simple_tag
def moment_of_hit(moment: HitMoment, poster: str) -> SafeString:
    tile, place = moment.tile, SafeString("")
    if tile:
        place = format_html(
            ' data-sheet="{}" data-tile="{} {} {} {}" data-sheet-size="{} {}"',
            moment.sheet, tile.x, tile.y, tile.width, tile.height, tile.sheet_width, tile.sheet_height,
        )  # fmt: skip
    return format_html(
        '<a class="moment" href="{}" data-start="{}">{}<span><span class="at">{}</span>'
        '<span class="evidence-line">{}</span><span class="said">{}</span></span></a>',
        moment.url, moment.start_ms, picture(poster, place), lengths.moment(moment.start_ms),
        gettext("on the picture") if moment.source == SLIDE else gettext("said"), marked(moment.parts),
    )  # fmt: skip
