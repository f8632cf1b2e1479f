"""The master playlist of a package, written from rows: versions, further sounds and captions may join later."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.conf import settings

from media_pipeline import generations, languages, playlists, storage, text_tracks
from media_pipeline.growth import MASTER
from media_pipeline.models import Cut, Package
from media_pipeline.playlists import Text


def texts(cut: Cut) -> list[Text]:
    """Of the captions that are stored and shown."""
    return [
        Text(f"../{track.folder}/playlist.m3u8", track.language, track.label or languages.name(track.language))
        for track in text_tracks.shown(cut)
        if track.folder
    ]


def text(package: Package) -> str:
    """The master of a verified package as its rows are now. Wants `cut` joined."""
    versions = [generations.version(one) for one in package.renditions.order_by("pk")]
    return playlists.master(versions, texts=texts(package.cut))


def write(package: Package) -> str:
    """Put it where it is served, and answer what was put. Wants `cut__asset` joined."""
    written = text(package)
    put(f"{package.prefix}/{MASTER}", written)
    return written


def put(key: str, text: str) -> None:
    """A small text into the storage, whole or not at all."""
    settings.SCRATCH_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.SCRATCH_DIR) as folder:
        path = Path(folder) / "text"
        path.write_text(text)
        storage.default().put_file(key, path)
