"""What is taken in at all: names, sizes, purposes. What is inside a file is judged later, by inspection."""

from __future__ import annotations

from django.conf import settings

from media_pipeline import storage
from ui.sentences import Refused

NAME_AT_MOST = 255
PURPOSES = frozenset({"lecture", "replay", "replacement"})
_UNITS = ((1024**3, "GB"), (1024**2, "MB"), (1024, "KB"))


def name(given: str) -> str:
    """The file's own name without folders and control characters."""
    base = given.replace("\\", "/").rpartition("/")[2]
    base = "".join(sign for sign in base if sign.isprintable()).strip()
    if not base:
        raise Refused("upload_name_missing", field="name")
    if len(base) > NAME_AT_MOST:
        raise Refused("upload_name_too_long", field="name", limit=NAME_AT_MOST)
    return base


def purpose(given: str) -> str:
    if given not in PURPOSES:
        raise Refused("upload_purpose_unknown", field="purpose")
    return given


def check_size(size: int) -> None:
    if size <= 0:
        raise Refused("upload_empty", field="size")
    if size > settings.UPLOAD_MAX_BYTES:
        raise Refused("upload_too_large", status=413, field="size", limit=spoken(settings.UPLOAD_MAX_BYTES))
    free = storage.default().free_bytes()
    if free is not None and size > free:
        raise Refused("storage_full", status=507)


def spoken(size: int) -> str:
    for unit, sign in _UNITS:
        if size >= unit:
            return f"{size / unit:.1f}".removesuffix(".0") + f" {sign}"
    return f"{size} B"
