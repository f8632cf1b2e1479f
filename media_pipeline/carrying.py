"""What belongs to one cut and goes over to another of the same source: captions, chapters, what stands on slides.

What the other cut has of its own stays. Dubs do not go over: they were spoken to the other timeline.
"""

from __future__ import annotations

from datetime import datetime

from media_pipeline import afterwork, captions, chapters, kept_ranges, media_info, text_tracks
from media_pipeline.chapters import Chapter as Mark
from media_pipeline.kept_ranges import Range
from media_pipeline.media_info import MediaInfo
from media_pipeline.models import Chapter, Cut, Inspection, SlideText, TextTrack


def carry(before: Cut, after: Cut, *, now: datetime) -> None:
    """In the transaction that takes `after`, whose package is made; then what every cut has begins for it too."""
    ranges = kept_ranges.from_rows(before.kept), kept_ranges.from_rows(after.kept)
    if before.pk != after.pk:
        _texts(before, after, *ranges)
        _chapters(before, after, *ranges)
        _slides(before, after, *ranges)
    info = _info(after)
    if info and after.package:
        afterwork.begin(after.package, info, frozenset(), now=now)


def _texts(before: Cut, after: Cut, old: tuple[Range, ...], new: tuple[Range, ...]) -> None:
    known = set(after.texts.values_list("language", "source"))
    for track in before.texts.all():
        cues = captions.cut(captions.restored(text_tracks.cues(track), old), new)
        if not cues or (track.language, track.source) in known:
            continue
        facts = {name: getattr(track, name) for name in _KEPT_OF_TEXTS}
        TextTrack.objects.create(cut=after, cues=[[cue.start_ms, cue.end_ms, cue.text] for cue in cues], **facts)


# Nobody need look through again what was only moved; the pieces are stored anew (`folder`).
_KEPT_OF_TEXTS = ("language", "label", "source", "name", "added_by", "added_at", "reviewed_by", "reviewed_at")


def _chapters(before: Cut, after: Cut, old: tuple[Range, ...], new: tuple[Range, ...]) -> None:
    rows = list(before.chapters.all())
    if not rows or after.chapters.exists():
        return
    marks = [Mark(kept_ranges.source_moment(row.start_ms, old), row.title) for row in rows]
    length = Inspection.objects.values_list("info__duration_ms", flat=True).get(asset=after.asset_id)
    moved = chapters.cut(marks, new, length)
    Chapter.objects.bulk_create(
        [Chapter(cut=after, start_ms=one.start_ms, title=one.title, source=rows[0].source) for one in moved]
    )


def _slides(before: Cut, after: Cut, old: tuple[Range, ...], new: tuple[Range, ...]) -> None:
    if after.slide_texts.exists():
        return
    found: dict[int, SlideText] = {}
    for row in before.slide_texts.all():
        for span in kept_ranges.restored_spans(row.start_ms, row.end_ms, old):
            for start, end in kept_ranges.kept_spans(*span, new):
                moved = SlideText(cut=after, start_ms=start, end_ms=end, text=row.text, confidence=row.confidence)
                found.setdefault(start, moved)
    SlideText.objects.bulk_create(found.values())


def _info(cut: Cut) -> MediaInfo | None:
    facts = Inspection.objects.filter(asset=cut.asset_id).values_list("info", flat=True).first()
    try:
        return media_info.from_json(facts) if facts else None
    except (TypeError, KeyError):  # written by an older version: nothing is begun from it
        return None
