"""Broadcasts and their recordings. Now: a page an editor attaches a recording to; ingest and chat come later."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LivestreamsConfig(AppConfig):
    name = "livestreams"
    verbose_name = _("livestreams")

    def ready(self) -> None:
        from livestreams import sentences  # noqa: F401 - they register themselves
