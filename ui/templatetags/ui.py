"""Template tags and filters of the look. A template builtin: no {% load %} needed.

Tags:    {% icon "play" %}  {% asset "player.js" %}  {% day when %}  {% moment_of when %}  {% bar "top" %}
         {% line segments label done=… thick=… now=(from, to) %}  {% words_of "player" %}  {% absolute path %}
         {% card one level=… lead=… wide=… action_url=… action_label=… main=… %} of a ui.cards.Card; level: 2|3|4;
         lead: large, in Song; wide: lead with text beside; action: one button, as 从05:56接着看; main: the red one
Filters: ms|clock → 8:42 (a poster)   ms|moment → 05:56 (a place)   ms|in_seconds → 356   ms|spoken_length → 8分42秒
         bytes|file_size → 4.1 MB   when|short_date → 8月14日

Segments of a lecture are (start, end) in ms, sorted and disjoint, as coverage keeps them; {% line %} and Card.line
take (from, to) in per cent. `segments|per_cent:duration_ms` makes one from the other.

Components, each `{% include "ui/components/<name>.html" with … only %}` (* = must be given):
  shelf     cards*  lead (first card large)  level
  notice    what* (bold)  todo  kind ("" | "look" | "done")  icon  link_url + link_label  id
  empty     what*  why  link_url + link_label  icon  level
  evidence  figures* [(name, number), …]  line (sentence below)
  steps     steps* [{"state": "done"|"at"|"to", "label", "when"}, …]
  entries   entries* [{"what", "url", "amount", "why"}, …]  amount: "+1", "−1" or "" (没计)
  chips     chips* [{"label", "url", "is_current", "count"}, …]  label* (of the group)
  field     field* (a Django BoundField)  hint (else field.help_text)
  errors    form* (notice at the top that lists errors as links, when there are several)
  paging    page* (ui.paging.Page)  label
  label     label* ("seal" | "pick" | "")  period
  share     url*  qr_url  hint   (goes inside a section of your own)
  progress  what is missing, below the player: lecture_id*  duration_ms*  segments*  missing_ms*  is_done
  player    lecture_id* ("" = preview, no beats)  master_url*  poster_url  sprite_vtt_url  title*  duration_ms*
            position_ms  segments  chapters_url
            and `{% asset "player.js" %}` in block scripts, ui.csp.with_player on the view
  upload_panel  purpose ("lecture" | "replay")  complete_url  member_id*  max_bytes*
            and `{% asset "upload.js" %}` in block scripts
A page whose script wants pushed events has any element with `data-events` (player and upload_panel have one).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from html import escape
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from ui import frame, lengths, progress, words
from ui.cards import Card

CARDS_KEPT = 4_096  # of about a kilobyte each

register = template.Library()


@register.simple_tag
@cache
def icon(name: str, classes: str = "icon") -> SafeString:
    """A drawing from icons.svg. Always beside a word, or inside something with an aria-label."""
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes, static("ui/icons.svg"), name,
    )  # fmt: skip


@register.simple_tag
@cache
def asset(name: str) -> str:
    """The address of something frontend/build.mjs made."""
    return static(name)


@register.simple_tag(takes_context=True)
def absolute(context: template.Context, path: str) -> str:
    """`path` with this site's own scheme and host, as a person would copy it."""
    request: HttpRequest = context["request"]
    return request.build_absolute_uri(path)


@register.simple_tag
def line(
    segments: Iterable[tuple[float, float]] | None,
    label: str = "",
    *,
    done: bool = False,
    thick: bool = False,
    now: tuple[float, float] | None = None,
) -> SafeString:
    """The inked line. Segments are (from, to) in per cent; what is in none of them is drawn as missing."""
    classes = "line" + (" line-done" if done else "") + (" line-thick" if thick else "")
    rects = format_html_join(
        "", '<rect x="{}%" width="{}%" height="100%"/>',
        ((_number(start), _number(end - start)) for start, end in _inside(segments or ())),
    )  # fmt: skip
    if now:
        width = _number(now[1] - now[0])
        rects += format_html('<rect class="now" x="{}%" width="{}%" height="100%"/>', _number(now[0]), width)
    role = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html('<svg class="{}" {}>{}</svg>', classes, role, rects)


def _inside(segments: Iterable[tuple[float, float]]) -> Iterable[tuple[float, float]]:
    for start, end in segments:
        inside = max(float(start), 0.0), min(float(end), 100.0)
        if inside[1] > inside[0]:
            yield inside


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


@register.simple_tag
def day(when: date | datetime) -> SafeString:
    """`<time datetime="2026-08-14">8月14日</time>`."""
    return format_html('<time datetime="{}">{}</time>', _local(when).strftime("%Y-%m-%d"), short_date(when))


@register.simple_tag
def moment_of(when: datetime) -> SafeString:
    """`<time>今天09:20</time>`, `<time>昨天21:06</time>`, else the date."""
    local = timezone.localtime(when)
    spoken = lengths.spoken_moment(local, now=timezone.localtime())
    return format_html('<time datetime="{}">{}</time>', local.strftime("%Y-%m-%dT%H:%M%z"), spoken)


@register.simple_tag(takes_context=True)
def bar(context: template.Context, name: str) -> SafeString:
    """A bar of the frame: top, foot or dock."""
    return frame.drawn(name, context["request"], context.get("preferences"), context.get("csrf_token", ""))


@register.simple_tag
def chip_links(chips: Iterable[Mapping[str, Any]]) -> SafeString:
    """The links of `chips`; in Python, as search has a hundred of them on a page."""
    return SafeString("".join(map(_chip, chips)))


def _chip(one: Mapping[str, Any]) -> str:
    current = ' aria-current="true"' if one.get("is_current") else ""
    count = "" if one.get("count") is None else f" {one['count']:d}"
    return f'<a class="chip" href="{escape(str(one["url"]))}"{current}>{escape(str(one["label"]))}{count}</a>'


@register.simple_tag
def card(one: Card, **how: object) -> SafeString:
    """Drawn once for the same facts: pages are made of many cards, and mostly of the same ones."""
    return _drawn(one, get_language(), **how)


@lru_cache(maxsize=CARDS_KEPT)
def _drawn(one: Card, _language: str, **how: object) -> SafeString:
    return render_to_string("ui/_card.html", {"card": one, **how})


@register.simple_tag
def words_of(script: str) -> SafeString:
    """The sentences a script speaks, in the language of the page, as a JSON block the script reads."""
    return _words(script, get_language())


@cache
def _words(script: str, _language: str) -> SafeString:
    return json_script({key: str(value) for key, value in words.WORDS[script].items()}, f"words-{script}")


def _local(when: date | datetime) -> date:
    return timezone.localtime(when).date() if isinstance(when, datetime) else when


@register.filter
def clock(ms: int | None) -> str:
    return "" if ms is None else lengths.clock(ms)


@register.filter
def moment(ms: int | None) -> str:
    return "" if ms is None else lengths.moment(ms)


@register.filter
def in_seconds(ms: int) -> int:
    """As addresses name a place: `?t=356`."""
    return ms // 1000


@register.filter
def spoken_length(ms: int | None) -> str:
    return "" if ms is None else lengths.spoken(ms)


@register.filter
def time_left(ms: int | None) -> str:
    return "" if ms is None else lengths.time_left(ms)


@register.filter
def file_size(size: int | None) -> str:
    return "" if size is None else lengths.file_size(size)


@register.filter
def short_date(when: date | datetime | None) -> str:
    return "" if when is None else lengths.short_date(_local(when), today=timezone.localdate())


@register.filter
def per_cent(intervals: Iterable[tuple[int, int]] | None, of: int) -> list[tuple[float, float]]:
    """Intervals in ms as (from, to) in per cent of `of` ms, for {% line %}."""
    return [(100 * start / of, 100 * end / of) for start, end in intervals or ()] if of else []


@register.simple_tag
def gaps_in(segments: progress.Segments | None, duration_ms: int) -> list[progress.Gap]:
    return progress.gaps(segments or (), duration_ms)


@register.simple_tag
def progress_says(
    segments: progress.Segments | None, missing_ms: int | str | None, duration_ms: int, is_done: object = False
) -> str:
    """A template that knows of no viewing passes nothing, which arrives as ""."""
    missing = missing_ms if isinstance(missing_ms, int) else None
    return progress.says(segments or (), missing_ms=missing, duration_ms=duration_ms, is_done=bool(is_done))


@register.simple_tag
def described(field: BoundField, hint: str = "") -> SafeString:
    """The widget of a form field, tied to its hint and its error."""
    ids = [f"{field.auto_id}_helptext"] if hint else []
    ids += [f"{field.auto_id}_error"] if field.errors else []
    attrs: dict[str, str | bool] = {"aria-describedby": " ".join(ids)} if ids else {}
    return field.as_widget(attrs=attrs)


@register.filter
def is_check(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)
