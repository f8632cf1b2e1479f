"""Wiring of the media pipeline."""

from __future__ import annotations

from django.apps import AppConfig


class MediaPipelineConfig(AppConfig):
    name = "media_pipeline"

    def ready(self) -> None:
        from jobs import workers
        from media_pipeline import (  # noqa: F401 - some register themselves
            afterwork,
            capacity,
            checks,
            downloads,
            extra_sentences,
            refusals,
            sentences,
            stages,
            track_sentences,
            track_stages,
        )

        stages.register()
        track_stages.register()
        downloads.register()
        workers.tells("extras", afterwork.why_off)
