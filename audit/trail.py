"""Writing to the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone

from audit import request_id
from audit.models import AuditEvent


def record(
    verb: str, subject: Model | None = None, *, by: Model | None, now: datetime | None = None, **details: Any
) -> None:
    """Note that `by` (None: the platform itself) did `verb` to `subject`. Part of the caller's transaction."""
    AuditEvent.objects.create(
        at=now or timezone.now(),
        actor_id=by.pk if by else None,
        verb=verb,
        subject=f"{subject._meta.label}:{subject.pk}" if subject else "",
        details=details,
        request_id=request_id.current.get(),
    )
