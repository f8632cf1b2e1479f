"""Hits as a page shows them: `{% load search %}`, `{% hit one number %}`, and `{{ parts|marked }}`, a text in which
what was found is marked. Drawn in Python, as a page has two dozen hits and a hundred moments; whatever is text is
escaped where it is put in.
"""

from __future__ import annotations

from functools import cache
from html import escape

from django import template
from django.template.loader import render_to_string
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


@register.filter
def within_quotes(text: str) -> str:
    """As it stands between quotation marks: its own become single ones."""
    return text.translate({ord("“"): "‘", ord("”"): "’"})


@register.simple_tag
def hit(one: Hit, number: int) -> SafeString:
    """The lecture with the moments that answer, or with its summary where none does."""
    url = escape(one.url)
    if one.moments:
        below = "".join(f"<li>{_moment(moment, one.poster)}</li>" for moment in one.moments)
        found = f'<ol class="gap-t">{below}</ol>'
    else:
        found = (
            f'<a class="moment gap-t" href="{url}" tabindex="-1" aria-hidden="true">{_picture(one.poster)}'
            f'<span class="said">{marked(one.summary)}</span></a>'
        )
    return SafeString(
        f'<article aria-labelledby="hit-{number}"><div class="row"><h2 id="hit-{number}" class="t-l"><a href="{url}">'
        f"{marked(one.title)}</a></h2>{_label(one.label, get_language()) if one.label else ''}</div>"
        f'<p class="meta">{_facts(one)}</p>{found}</article>'
    )


@cache
def _label(label: str, _language: str | None) -> SafeString:
    return render_to_string("ui/components/label.html", {"label": label})


def _facts(hit: Hit) -> SafeString:
    length = hit.lecture.duration_ms
    said = ["" if length is None else lengths.spoken(length), gettext("finished") if hit.is_done else ""]
    facts = [marked(hit.speaker), marked(hit.organisation), marked(hit.topic), *map(escape, said)]
    return SafeString("".join(f"<span>{one}</span>" for one in facts if one))


def _picture(poster: str, place: str = "") -> str:
    """`place`: attributes that tell where on a sheet of pictures the right one lies."""
    shown: str = icon("play")
    if poster:
        shown = f'<img src="{escape(poster)}" alt="" width="480" height="270" loading="lazy" decoding="async">'
    return f'<span class="poster"{place}>{shown}</span>'


def _moment(moment: HitMoment, poster: str) -> str:
    tile, place = moment.tile, ""
    if tile:
        place = (
            f' data-sheet="{escape(moment.sheet)}" data-tile="{tile.x} {tile.y} {tile.width} {tile.height}"'
            f' data-sheet-size="{tile.sheet_width} {tile.sheet_height}"'
        )
    what = gettext("on the picture") if moment.source == SLIDE else gettext("said")
    return (
        f'<a class="moment" href="{escape(moment.url)}" data-start="{moment.start_ms}">{_picture(poster, place)}'
        f'<span><span class="at">{lengths.moment(moment.start_ms)}</span>'
        f'<span class="evidence-line">{escape(what)}</span><span class="said">{marked(moment.parts)}</span></span></a>'
    )
