"""What is begun once a cut can be watched: its captions stored, other languages encoded, slides read, speech written
down. None of it is waited for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from media_pipeline import assets, chapter_rows, slides, sound_tracks, speech
from media_pipeline.asset_progress import EMBEDDED, SLIDES, SPEECH, TEXTS
from media_pipeline.media_info import MediaInfo
from media_pipeline.models import Cut, Package


def offered() -> frozenset[str]:
    """The extras that this worker has. Ask before the transaction: it starts programs to find out."""
    return frozenset(kind for kind, off in why_off().items() if off is None)


def why_off() -> dict[str, dict[str, Any] | None]:
    """By extra: why this worker does not have it, as a code with parameters; None: it has it."""
    found = {SLIDES: slides.off(), SPEECH: speech.off()}
    return {kind: None if off is None else {"code": off.code, "params": off.params} for kind, off in found.items()}


def begin(package: Package, info: MediaInfo, extras: frozenset[str], *, now: datetime) -> None:
    """Part of the transaction that publishes the package."""
    cut = Cut.objects.select_related("asset__uploaded_by").get(pk=package.cut_id)
    chapter_rows.note(cut, info, package.slides)
    sound_tracks.note_others(cut, info, now=now)
    wanted = {
        EMBEDDED: bool(info.texts),
        TEXTS: cut.texts.exists(),
        SLIDES: SLIDES in extras and not cut.slide_texts.exists(),
        SPEECH: SPEECH in extras and info.audio is not None and not info.texts and not cut.texts.exists(),
    }
    for kind in (kind for kind, is_wanted in wanted.items() if is_wanted):
        assets.enqueue(kind, cut.asset, by=cut.asset.uploaded_by)
