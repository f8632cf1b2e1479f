"""Further sounds of a cut, as rows: other languages of its file, dubs from other files. Encoded by `media.sound`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from media_pipeline import assets, languages, sounds
from media_pipeline.asset_progress import SOUND, TEXTS
from media_pipeline.media_info import MediaInfo
from media_pipeline.models import Asset, Cut, SoundTrack
from ui.sentences import Refused

# How far a dub's length may be from the lecture's: an ending that is held a little, not another lecture.
DUB_TOLERANCE_MS, DUB_TOLERANCE = 3000, 0.03


def note_others(cut: Cut, info: MediaInfo, *, now: datetime) -> None:
    """The file's other languages. Part of the caller's transaction."""
    for track in sounds.others(info):
        language = languages.tag(track.language)
        label = track.title[:64] or languages.name(language)
        _add(cut, cut.asset, track.index, language=language, label=label, now=now)


@transaction.atomic
def add_audio(cut: Cut, asset: Asset, info: MediaInfo, *, language: str, label: str, now: datetime) -> SoundTrack:
    """A dub: the sound of another asset over this cut's picture. Raises Refused if it cannot be one."""
    if info.audio is None:
        raise Refused("dub_silent")
    tag = languages.tag(language)
    if not tag:
        raise Refused("captions_language_unknown", field="language")
    off = info.duration_ms - cut.duration_ms
    if abs(off) > max(DUB_TOLERANCE_MS, cut.duration_ms * DUB_TOLERANCE):
        raise Refused("dub_wrong_length", seconds=round(info.duration_ms / 1000), wanted=round(cut.duration_ms / 1000))
    return _add(cut, asset, info.audio.index, language=tag, label=label.strip()[:64] or languages.name(tag), now=now)


@transaction.atomic
def remove(track: SoundTrack) -> None:
    """Nobody hears it any more; what was made of it goes with its package."""
    cut, name = track.cut, track.name
    track.delete()
    for package in cut.packages.all():
        package.renditions.filter(name=name).delete()
    assets.enqueue(TEXTS, cut.asset, by=cut.asset.uploaded_by, part=name)


def _add(cut: Cut, asset: Asset, index: int, *, language: str, label: str, now: datetime) -> SoundTrack:
    facts = {"language": language, "label": label, "created_at": now}
    track, _ = SoundTrack.objects.get_or_create(cut=cut, asset=asset, track_index=index, defaults=facts)
    assets.enqueue(SOUND, cut.asset, by=asset.uploaded_by, part=f"s{track.pk}")
    return track
