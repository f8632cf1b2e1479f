from __future__ import annotations

from django.apps import AppConfig


class LivestreamsConfig(AppConfig):
    name = "livestreams"
