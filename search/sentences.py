"""What search says when it cannot."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ui.sentences import register

register(
    {
        "search_out": _("Search does not answer just now. Nothing is lost; try again in a minute."),
        "search_in_reserve": _("The search server does not answer just now. These results come from the reserve."),
    }
)
