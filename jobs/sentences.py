"""Why a job could not be done."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ui.sentences import register

register(
    {
        "job_broke": _("Something broke while we worked on it (%(kind)s). An editor can start it again."),
        "job_lost_too_often": _(
            "The machine that worked on it stopped %(losses)s times. An editor can start it again."
        ),
        "job_not_to_retry": _("There is nothing to try again: it is being worked on, or went another way."),
        "job_waits_for_room": _("It waits until a machine has room for it on its disk."),
    }
)
