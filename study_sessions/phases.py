"""Where a session stands at an hour, and how long one still waits. Pure."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from study_sessions.models import StudySession

OPENS_BEFORE = timedelta(minutes=10)


class Phase(models.TextChoices):
    WAITING = "waiting", _("not open yet")
    OPEN = "open", _("open now")
    OVER = "over", _("over")
    CANCELLED = "cancelled", _("cancelled")


def phase(session: StudySession, now: datetime) -> Phase:
    """Open from ten minutes before it starts until it ends."""
    if session.state == StudySession.State.CANCELLED:
        return Phase.CANCELLED
    if now >= session.ends_at:
        return Phase.OVER
    return Phase.OPEN if now >= session.starts_at - OPENS_BEFORE else Phase.WAITING


def time_left(until: datetime, now: datetime) -> str:
    """In words, rounded up to the minute, of two units at most: 2天3小时."""
    minutes = max(math.ceil((until - now) / timedelta(minutes=1)), 0)
    days, hours = divmod(minutes // 60, 24)
    if days:
        said = ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
        return gettext("%(days)s %(hours)s h") % {"days": said, "hours": hours} if hours else said
    if hours:
        return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes % 60}
    return gettext("%(minutes)s min") % {"minutes": minutes}
