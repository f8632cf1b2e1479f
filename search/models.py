"""What still has to reach the index."""

from __future__ import annotations

from django.db import models


class OutboxEntry(models.Model):
    """A lecture whose document may have changed. Written in the transaction of the change, removed once indexed."""

    lecture_id = models.BigIntegerField(unique=True)
    stamp = models.CharField(max_length=10)  # changes when noted again, so that the drain removes only what it saw
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["not_before", "id"], name="outbox_due")]

    def __str__(self) -> str:
        return f"lecture {self.lecture_id}"
