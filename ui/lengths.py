"""Lengths, moments, sizes and days as people say and write them. Pure but for the language that is active."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils import dateformat
from django.utils.translation import get_language
from django.utils.translation import gettext as _

_MOMENT = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{1,2})(?:\.(\d{1,3}))?")


def _parts(ms: int) -> tuple[int, int, int]:
    minutes, seconds = divmod(max(int(ms), 0) // 1000, 60)
    return *divmod(minutes, 60), seconds


def clock(ms: int) -> str:
    """A length on a poster: `8:42`, `1:02:03`."""
    hours, minutes, seconds = _parts(ms)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def moment(ms: int) -> str:
    """A place in a lecture: `05:56`, `1:02:03`."""
    hours, minutes, seconds = _parts(ms)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def exact_moment(ms: int) -> str:
    """The same to the hundredth, where there is any: `05:56`, `05:56.25`."""
    hundredths = ms % 1000 // 10
    return moment(ms) + (f".{hundredths:02}".rstrip("0") if hundredths else "")


def read_moment(text: str) -> int | None:
    """What a person writes for a place in a lecture, in ms: `5:56`, `05:56.25`, `1:02:03`, also with the signs of a
    Chinese keyboard. None for anything else."""
    found = _MOMENT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    hours, minutes, seconds, fraction = found.groups()
    if int(seconds) > 59 or (hours and int(minutes) > 59):
        return None
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int((fraction or "0").ljust(3, "0"))


def spoken(ms: int) -> str:
    """A length in words: `8分42秒`, `8 min 42 s`. Seconds are left out beside hours."""
    hours, minutes, seconds = _parts(ms)
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    if not minutes:
        return _("%(seconds)s s") % {"seconds": seconds}
    if not seconds:
        return _("%(minutes)s min") % {"minutes": minutes}
    return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds}


def time_left(ms: int) -> str:
    """A length still to come, in words; rounded up, so that nobody is told a second too few."""
    return spoken(-(-ms // 1000) * 1000)


def file_size(size: int) -> str:
    """`4.1 MB`, `412 MB`, `4 GB`: as phones and PCs count, by 1024, one decimal below ten."""
    amount, unit = float(size), "B"
    for larger in ("KB", "MB", "GB", "TB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    number = f"{amount:.1f}".removesuffix(".0") if amount < 10 else f"{amount:.0f}"
    return f"{number} {unit}"


def short_date(day: date, *, today: date) -> str:
    """`8月14日`; with the year where it is another one."""
    pattern = _("j M") if day.year == today.year else _("j M Y")
    return _written(date(day.year, day.month, day.day), pattern, get_language())


@lru_cache(maxsize=1_000)
def _written(day: date, pattern: str, _language: str | None) -> str:
    return dateformat.format(day, pattern)


def spoken_moment(at: datetime, *, now: datetime) -> str:
    """`今天09:20`, `昨天21:06`, else the date. Both in the zone that is shown."""
    day, today = at.date(), now.date()
    if day == today:
        return _("today %(time)s") % {"time": f"{at:%H:%M}"}
    if day == today - timedelta(days=1):
        return _("yesterday %(time)s") % {"time": f"{at:%H:%M}"}
    return short_date(day, today=today)
