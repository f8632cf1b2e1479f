"""What sign-in, keys and appointments say when they refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ui.sentences import register

register(
    {
        "sign_in_wrong": _("The password is not right. Try again, or ask your branch secretary to reset it."),
        "sign_in_throttled": _(
            "Too many tries. Wait %(minutes)s min and try again, or ask your branch secretary for a new password."
        ),
        "sign_in_which_enterprise": _("More than one enterprise has this number. Choose yours: %(enterprises)s."),
        "token_reads_only": _("This key may only read. Make a key that may also write."),
        "token_does_not_read": _("This key may not read. Make a key that may."),
        "appointment_ends_too_early": _("It would end before it begins. Choose a later last day."),
        "appointment_overlaps": _("This member already holds this role at that time. End the other appointment first."),
        "appointment_ends_already": _("It already ends on %(ends_on)s. To go on for longer, make a new appointment."),
        "membership_too_early": _("This member's next organisation begins on %(since)s. Change it after that day."),
    }
)
