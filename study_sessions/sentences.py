"""Why a session cannot be planned, changed or cancelled as asked."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ui.sentences import register

register(
    {
        "session_not_yours": _("You do not lead this organisation today. Ask its secretary."),
        "session_lecture_not_theirs": _(
            "Some of the invited could not watch this lecture at that time. Choose another lecture or hour."
        ),
        "session_in_the_past": _("That hour has passed. Choose a later one."),
        "session_ends_too_early": _("It would end before it begins. Choose a later end."),
        "session_too_long": _("A session lasts %(hours)s hours at most. Choose an earlier end."),
        "session_title_length": _("The title is too long. Keep it under %(most)s characters."),
        "session_note_length": _("The note is too long. Keep it under %(most)s characters."),
        "session_twice": _("A session with this lecture is planned for this hour already. Look in the list."),
        "session_reason_missing": _("Nobody would know why. Write a short reason for the invited."),
        "session_reason_length": _("The reason is too long. Keep it under %(most)s characters."),
        "session_over": _("It is over, so it stays as it was. Plan a new one."),
        "session_is_cancelled": _("It is cancelled already. Plan a new one."),
        "session_changed_meanwhile": _("Someone changed it while you wrote. Look at it as it is now, then try again."),
    }
)
