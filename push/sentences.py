"""What the stream door says when it stays closed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ui.sentences import register

register(
    {
        "stream_token_bad": _("This key to the event stream is too old. Ask for a new one and open the stream again."),
        "stream_only_get": _("An event stream is only read. Open it with GET."),
    }
)
