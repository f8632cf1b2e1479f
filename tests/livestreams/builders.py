"""A livestream's page, and recordings for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from livestreams.models import LivestreamIndexPage, LivestreamPage
from media_pipeline.models import Asset
from tests import cast

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


def page(presenter: Any = None, **facts: Any) -> LivestreamPage:
    facts = {
        "title": "安全生产月专题直播",
        "intro": "三个车间，三个班组长。",
        "starts_at": NOW,
        "presenter": presenter or cast.member(),
        "topic": cast.topic(),
        **facts,
    }
    return LivestreamIndexPage.objects.get().add_child(instance=LivestreamPage(**facts))


def recording(editor: Any, **facts: Any) -> Asset:
    return Asset.objects.create(
        **{
            "uploaded_by": editor, "name": "直播.mp4", "purpose": "replay", "source_key": "x", "source_bytes": 1,
            "identity": "x", "created_at": NOW, **facts,
        }
    )  # fmt: skip
