"""What a stage takes, before it begins: seconds, for its turn in the queue, and room on a disk. Rough, and rather more.

Seconds are those of an idle machine with two cores; only how they compare counts.
"""

from __future__ import annotations

from media_pipeline import storage
from media_pipeline.asset_progress import DOWNLOAD, EMBEDDED, FIRST_PLAY, INSPECT, SLIDES, SOUND, SPEECH, TEXTS
from media_pipeline.ladder import AUDIO_KBITS, RUNGS
from media_pipeline.models import Asset

# Reading a phone's recording: its packets, its keys, and all of its sound.
BYTES_A_SECOND = 30_000_000
COPY_SPEED, ENCODE_SPEED = 60.0, 1.3  # seconds of film a second
SOUND_SPEED, SLIDES_SPEED, SPEECH_SPEED = 20.0, 15.0, 5.0
SLIDES_BYTES = 200_000_000  # eighty pictures, and those of code and photographs are large


def seconds(kind: str, asset: Asset) -> float:
    """Of work, expected. What is not known yet is guessed from the bytes."""
    film = (asset.duration_ms or 0) / 1000
    reading = asset.source_bytes / BYTES_A_SECOND
    known = {
        INSPECT: reading,
        FIRST_PLAY: film / COPY_SPEED,
        EMBEDDED: reading,
        TEXTS: 1.0,
        SOUND: reading + film / SOUND_SPEED,
        DOWNLOAD: reading,
        SLIDES: film / SLIDES_SPEED,
        SPEECH: film / SPEECH_SPEED,
    }
    return known.get(kind, encoding_seconds(film))


def encoding_seconds(film_s: float) -> float:
    return film_s / ENCODE_SPEED


def room(kind: str, asset: Asset) -> int:
    """Bytes of scratch at most: a copy of the source, where the storage is not on this machine, and what is made."""
    film = (asset.duration_ms or 0) / 1000
    small = round(film * AUDIO_KBITS * 1000 / 8)
    if kind == DOWNLOAD:  # its pieces, where the storage is not on this machine, and the file
        return 2 * ladder_bytes(asset, film)
    known = {INSPECT: 0, FIRST_PLAY: asset.source_bytes, EMBEDDED: small, SOUND: small, SLIDES: SLIDES_BYTES,
             SPEECH: round(film * 32_000)}  # fmt: skip
    if kind == TEXTS:
        return small  # it does not look at the source
    made = known.get(kind, ladder_bytes(asset, film))
    return source_room(asset) + made


def source_room(asset: Asset) -> int:
    return 0 if storage.default().path(asset.source_key) else asset.source_bytes


def ladder_bytes(asset: Asset, film_s: float) -> int:
    """By the ceilings of the rungs it can have."""
    short = min(asset.width or 0, asset.height or 0) or RUNGS[0][0]
    kbits = AUDIO_KBITS + sum(most for side, most, _ in RUNGS if side <= max(short, RUNGS[-1][0]))
    return round(film_s * kbits * 1000 / 8)
