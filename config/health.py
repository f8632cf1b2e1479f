"""/healthz: the process answers. /readyz: what it needs answers too, each part named."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

import search.engines
from jobs.models import Worker
from media_pipeline import storage

logger = logging.getLogger(__name__)
SEEN_WITHIN = timedelta(seconds=45)  # a worker says it is there every few seconds


def alive(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"alive": True})


def ready(request: HttpRequest) -> HttpResponse:
    """200 with `{"ready": true, "parts": {name: true}}`, or 503 with the parts that are not."""
    parts = {name: _holds(name, check) for name, check in CHECKS.items()}
    return JsonResponse({"ready": all(parts.values()), "parts": parts}, status=200 if all(parts.values()) else 503)


def _holds(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, OSError) as error:
        logger.warning("not ready", extra={"part": name, "error": str(error)})
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _storage() -> bool:
    return storage.default().is_writable()


def _worker() -> bool:
    return Worker.objects.filter(seen_at__gt=timezone.now() - SEEN_WITHIN).exists()


def _search() -> bool:
    """One of the engines is enough: a site whose Elasticsearch is away answers from the embedded one."""
    return any(engine.health() for engine in search.engines.fed())


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "storage": _storage,
    "worker": _worker,
    "search": _search,
}
