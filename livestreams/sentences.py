"""What is said about recordings that cannot be attached or taken off."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ui.sentences import register

register(
    {
        "recording_unknown": _("There is no such recording. Upload it first."),
        "recording_taken": _("This file already belongs to another lecture. Upload the recording of this livestream."),
        "recording_unusable": _("This file could not be prepared. Upload another one, or have it prepared again."),
        "recording_published": _("The replay is out already. Withdraw it at the review desk first, then change it."),
        "recording_moved_on": _("Someone else has just changed the recording. Load the page again to see which it is."),
        "recording_only_editors": _("Only an editor can attach a recording. Send it to one."),
    }
)
