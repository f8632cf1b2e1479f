"""The captions of a cut: added, replaced, taken away, looked through. The job `media.texts` stores their pieces."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q

from media_pipeline import assets, captions, languages, signals
from media_pipeline.asset_progress import TEXTS
from media_pipeline.captions import Cue
from media_pipeline.models import Asset, Cut, TextTrack
from ui.sentences import Refused

Source = TextTrack.Source
# Of two captions in one language viewers get the one a person sent.
_BETTER = {Source.UPLOADED: 0, Source.ASR: 1, Source.EMBEDDED: 2}


def cues(track: TextTrack) -> tuple[Cue, ...]:
    return tuple(Cue(start, end, text) for start, end, text in track.cues)


def of(cut: Cut) -> list[TextTrack]:
    return _in_order(cut.texts.all())


def _in_order(tracks: Iterable[TextTrack]) -> list[TextTrack]:
    return sorted(tracks, key=lambda one: (one.language, _BETTER[Source(one.source)]))


def shown(cut: Cut) -> list[TextTrack]:
    """What viewers get: one a language."""
    return shown_of(cut.texts.all())


def shown_of(tracks: Iterable[TextTrack]) -> list[TextTrack]:
    best: dict[str, TextTrack] = {}
    for track in _in_order(tracks):
        if track.is_shown:
            best.setdefault(track.language, track)
    return list(best.values())


def captioned(cuts: Collection[int]) -> set[int]:
    """Those of the cuts of which viewers get captions. One query."""
    unread = Q(source=Source.ASR, reviewed_at=None)  # as TextTrack.is_shown
    return set(TextTrack.objects.filter(~unread, cut__in=cuts).values_list("cut", flat=True))


def add(
    cut: Cut, data: bytes, *, language: str, label: str = "", name: str = "", by: AbstractBaseUser, now: datetime
) -> TextTrack:
    """Captions from a file; those that were uploaded before in the same language are replaced. Raises Refused."""
    tag = languages.tag(language)
    if not tag:
        raise Refused("captions_language_unknown", field="language")
    found = captions.clipped(captions.read(data), cut.duration_ms)
    if not found:
        raise Refused("captions_beyond_the_end", field="file")
    return put(
        cut, found, language=tag, source=Source.UPLOADED, label=label.strip()[:64], name=name[:255], by=by, now=now
    )


@transaction.atomic
def put(
    cut: Cut,
    found: Iterable[Cue],
    *,
    language: str,
    source: str,
    label: str = "",
    name: str = "",
    by: AbstractBaseUser | None = None,
    now: datetime,
) -> TextTrack:
    """The cut's captions from this source in this language are these from now on; nobody has looked them through."""
    facts: dict[str, Any] = {
        "cues": [[cue.start_ms, cue.end_ms, cue.text] for cue in found], "label": label, "name": name, "folder": "",
        "added_by": by, "added_at": now, "reviewed_by": None, "reviewed_at": None,
    }  # fmt: skip
    track, _ = TextTrack.objects.update_or_create(cut=cut, language=language, source=source, defaults=facts)
    _store(cut)
    return track


@transaction.atomic
def remove(track: TextTrack) -> None:
    cut = track.cut
    track.delete()
    _store(cut)


@transaction.atomic
def review(track: TextTrack, *, by: AbstractBaseUser | None, now: datetime) -> None:
    """Say that somebody has looked these captions through; with nobody, that they want another look."""
    TextTrack.objects.filter(pk=track.pk).update(reviewed_by=by, reviewed_at=now if by else None)
    track.refresh_from_db()
    _store(track.cut)  # drafts of a machine are shown from then on


def reviewed(assets: Iterable[int]) -> set[int]:
    """Keys of those of which all captions that viewers get were looked through, and there are some. One query."""
    of_cuts: dict[int, list[TextTrack]] = {}
    tracks = TextTrack.objects.filter(cut__asset__in=assets, cut__asset__cut=F("cut"))
    for asset, track in ((track.cut.asset_id, track) for track in tracks.select_related("cut").defer("cues")):
        of_cuts.setdefault(asset, []).append(track)
    return {asset for asset, found in of_cuts.items() if _is_looked_through(found)}


def _is_looked_through(tracks: Iterable[TextTrack]) -> bool:
    found = shown_of(tracks)
    return bool(found) and all(track.reviewed_at for track in found)


def sweep(before: datetime) -> None:
    """Ask again for what was added just when the job for it ended."""
    unstored = TextTrack.objects.filter(folder="", added_at__lt=before).select_related("cut__asset__uploaded_by")
    for track in unstored.distinct():
        _store(track.cut)


def _store(cut: Cut) -> None:
    asset = Asset.objects.select_related("uploaded_by").get(pk=cut.asset_id)
    assets.enqueue(TEXTS, asset, by=asset.uploaded_by)
    signals.texts_changed.send(Asset, asset=asset)
