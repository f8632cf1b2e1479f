"""Quarters and days as the platform counts them: by the clock of Asia/Shanghai. Pure but for the
language that is active."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

ZONE = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def day_bounds(moment: datetime) -> tuple[datetime, datetime]:
    """From midnight up to but not including the next."""
    start = moment.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def quarter_of(moment: datetime) -> str:
    """Like "2026-Q4"."""
    local = moment.astimezone(ZONE)
    return f"{local.year}-Q{(local.month - 1) // 3 + 1}"


def quarter_bounds(period: str) -> tuple[datetime, datetime]:
    """From its first midnight up to but not including the next quarter's. Refuses what is no quarter (ValueError)."""
    year, quarter = parts_of(period)
    start = datetime(year, 3 * quarter - 2, 1, tzinfo=ZONE)
    following = (year + 1, 1) if quarter == 4 else (year, 3 * quarter + 1)
    return start, datetime(*following, 1, tzinfo=ZONE)


def quarter_before(period: str) -> str:
    return quarter_of(quarter_bounds(period)[0] - timedelta(days=1))


def parts_of(period: str) -> tuple[int, int]:
    """`(year, quarter)`; ValueError for what is no quarter."""
    year, mark, quarter = period.partition("-Q")
    if not (mark and len(year) == 4 and year.isdecimal() and year >= "0002" and quarter in {"1", "2", "3", "4"}):
        raise ValueError(f"{period!r} is no quarter.")
    return int(year), int(quarter)


def name_of(period: str) -> str:
    """`2026年第三季度`."""
    year, quarter = parts_of(period)
    names = [_("first quarter of %(year)s"), _("second quarter of %(year)s"), _("third quarter of %(year)s")]
    return [*names, _("fourth quarter of %(year)s")][quarter - 1] % {"year": year}
