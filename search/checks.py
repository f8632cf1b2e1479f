"""Settings of search that cannot work, with what to do: at each start, or by `check --deploy` if it must be asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps.config import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from search import engines

_EXAMPLE = "For example ELASTICSEARCH_URL=https://search.example.org:9200; empty for the embedded engine."


@register
def check_address(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Asks no server: a site must be able to start while it is away, and answers from the embedded engine."""
    url = settings.ELASTICSEARCH_URL
    if not url:
        return []
    try:
        parts = urlsplit(url)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        fine = False
    if not fine:
        return [Error(f"ELASTICSEARCH_URL={url!r} is no address of a server.", hint=_EXAMPLE, id="search.E001")]
    if parts.port is None:
        words = "ELASTICSEARCH_URL names no port."
        return [Error(words, hint="Elasticsearch's own is 9200. " + _EXAMPLE, id="search.E002")]
    return []


@register(deploy=True)
def check_server(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    server = None if check_address(None) else engines.elasticsearch()
    if server is None or server.health():
        return []
    hint = "Until it does, the embedded engine answers. Is it running, is the address right, does the key hold?"
    return [checks.Warning("Elasticsearch does not answer.", hint=hint, id="search.W001")]
