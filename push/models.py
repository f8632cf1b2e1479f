"""Events on their way to browsers."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """One thing that happened on one channel. The key is the cursor a client continues from after a break.

    Insert-only while it matters; a sweep removes what is older than a day.
    """

    channel = models.CharField(max_length=64)
    kind = models.CharField(max_length=32)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["channel", "id"], name="event_by_channel")]

    def __str__(self) -> str:
        return f"{self.channel} {self.kind}"
