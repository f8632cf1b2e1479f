"""An index of the test's own behind the door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from courses.models import Lecture
from engagement.models import FeaturedMark, RuleSet
from search import engines
from search.engines.base import SearchEngine
from tests import cast


@pytest.fixture
def index(settings: Any, tmp_path: Path) -> Iterator[SearchEngine]:
    """The default engine, empty, for rules that reach it through `engines.default()`."""
    settings.SEARCH_INDEX_FILE = tmp_path / "search.sqlite3"
    engines.default.cache_clear()
    yield engines.default()
    engines.default.cache_clear()


def sealed(lecture: Lecture) -> Lecture:
    """`lecture` as a featured one."""
    FeaturedMark.objects.create(
        lecture=lecture,
        topic=lecture.topic,
        period="2026-Q3",
        state=FeaturedMark.State.CONFIRMED,
        rules=RuleSet.objects.latest("version"),
        events_hash="0" * 64,
        found_at=cast.BEGINNING,
        decided_at=cast.BEGINNING,
    )
    return lecture
