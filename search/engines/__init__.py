"""The door to the index. `default()` is the engine the settings name; the rest of the code knows no other."""

from __future__ import annotations

from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from search.engines.base import SearchEngine


@cache
def default() -> SearchEngine:
    """One engine per process; it keeps a connection for each thread."""
    return cast("SearchEngine", import_string(settings.SEARCH_ENGINE)())
