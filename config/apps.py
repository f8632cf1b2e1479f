from __future__ import annotations

import gc

from django.apps import AppConfig

# This module is the first that Django loads of an installation. Nothing that is loaded from here on is garbage: looking
# for some took an eighth of the start, and a quarter of it once more at the end.
gc.disable()


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Shared Lectures"

    def ready(self) -> None:
        gc.freeze()
        gc.enable()
