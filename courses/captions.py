"""The captions of a lecture: who may change them, and the record of it. What captions are says media_pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.http import Http404

from courses import access, editing
from courses.models import Lecture
from media_pipeline import captions, languages, text_tracks
from media_pipeline.captions import Cue
from media_pipeline.models import Cut, TextTrack
from members.models import Member
from ui.sentences import Refused

MOST_BYTES = captions.MOST_BYTES
OFFERED = ("zh-Hans", "zh-Hant", "yue", "en", "bo", "ug", "mn", "kk", "ko", "ja", "ru")


@dataclass(frozen=True)
class Row:
    """Captions in one language, as the page and the API tell of them."""

    track: TextTrack
    name: str  # of the language, in itself
    lines: int
    is_shown: bool  # viewers get these, of all in this language

    @property
    def is_draft(self) -> bool:
        """Written down by a machine, and not looked through yet."""
        return not self.track.is_shown


def rows(lecture: Lecture) -> list[Row]:
    cut = lecture.asset.cut
    if cut is None:
        return []
    shown = {track.pk for track in text_tracks.shown(cut)}
    return [_row(track, track.pk in shown) for track in text_tracks.of(cut)]


def track_of(lecture: Lecture, public_id: str) -> TextTrack:
    """One of its captions; Http404 if there are no such."""
    found = TextTrack.objects.select_related("cut", "added_by", "reviewed_by")
    track = found.filter(cut=lecture.asset.cut_id, public_id=public_id).first() if lecture.asset.cut_id else None
    if track is None:
        raise Http404
    return track


def row(track: TextTrack) -> Row:
    return _row(track, track in text_tracks.shown(track.cut))


def text(track: TextTrack) -> str:
    """As WebVTT."""
    return captions.write(text_tracks.cues(track))


def cues(track: TextTrack) -> tuple[Cue, ...]:
    return text_tracks.cues(track)


@transaction.atomic
def add(lecture: Lecture, data: bytes, *, language: str, name: str, by: Member, now: datetime) -> TextTrack:
    """Captions from a file. Those that were sent before in the same language give way to them."""
    editing.check_may(lecture, "captions", by, now)
    if not data:
        raise Refused("captions_file_missing", field="file")
    track = text_tracks.add(_cut(lecture), data, language=language, name=name, by=by, now=now)
    editing.note(lecture, "captions_added", by=by, now=now, language=track.language)
    return track


@transaction.atomic
def remove(lecture: Lecture, track: TextTrack, *, by: Member, now: datetime) -> None:
    editing.check_may(lecture, "captions", by, now)
    text_tracks.remove(track)
    editing.note(lecture, "captions_removed", by=by, now=now, language=track.language)


@transaction.atomic
def check(lecture: Lecture, track: TextTrack, *, done: bool, by: Member, now: datetime) -> None:
    """Say that one has looked them through, or that they want another look. For editors: the rule for featured
    lectures relies on it."""
    if not access.is_editor(by, now):
        raise Refused("lecture_only_editors", status=403)
    text_tracks.review(track, by=by if done else None, now=now)
    editing.note(lecture, "captions_checked", by=by, now=now, language=track.language, done=done)


def _cut(lecture: Lecture) -> Cut:
    if lecture.asset.cut is None:
        raise Refused("recording_not_looked_at", status=409)
    return lecture.asset.cut


def _row(track: TextTrack, is_shown: bool) -> Row:
    return Row(track, track.label or languages.name(track.language), len(track.cues), is_shown)
