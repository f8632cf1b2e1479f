"""Settings of storage that cannot work, said at start with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from media_pipeline import storage


@register
def check_storage(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    try:
        engine = storage.engine_for(settings.STORAGE_URL)
    except storage.BadStorageUrl as error:
        return [Error(str(error), hint="For example STORAGE_URL=file:///srv/media", id="media.E001")]
    if engine.is_writable():
        return []
    hint = "Make the folder, and give it to the user who runs the site."
    return [Error(f"Nothing can be written to STORAGE_URL={settings.STORAGE_URL!r}.", hint=hint, id="media.E002")]
