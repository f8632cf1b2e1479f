from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        from jobs import code, presence, room, scratch, sentences, workers  # noqa: F401 - some register themselves

        workers.tells("code", code.version)
        workers.tells("scratch_free", room.free_on_disk)
        workers.tells("scratch_used", scratch.used)
