"""What a file seems to be of which ffprobe can make nothing, by how it opens: its owner shall hear something useful."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

# The first bytes of pictures. HEIC and AVIF open as MP4 does, with these brands.
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"8BPS", b"\0\0\1\0")
_PICTURE_BRANDS = {b"heic", b"heix", b"mif1", b"msf1", b"avif", b"heim", b"heis"}
# Of films: what was not finished, or lost its head, still opens so.
_FIRST_BOXES = {b"ftyp", b"mdat", b"wide", b"free", b"skip", b"moof", b"styp", b"moov", b"pnot"}
_FILMS = (b"\x1aE\xdf\xa3", b"FLV\x01", b"0&\xb2u\x8ef\xcf\x11", b".RMF", b"OggS")
_PROTECTED = {b"encv", b"enca", b"drmi", b"drms"}
_MOST_INDEX = 64 * 1024 * 1024


def what_it_is(path: Path) -> str:
    """A code of a refusal: still_picture, encrypted, no_header or not_media."""
    with path.open("rb") as file:
        head = file.read(16)
        if _is_picture(head):
            return "still_picture"
        if head[4:8] in _FIRST_BOXES:
            return "encrypted" if is_protected(path) else "no_header"
    is_film = head.startswith(_FILMS) or (head.startswith(b"RIFF") and head[8:12] == b"AVI ")
    return "no_header" if is_film else "not_media"


def _is_picture(head: bytes) -> bool:
    if head[4:8] == b"ftyp":
        return head[8:12] in _PICTURE_BRANDS
    return head.startswith(_PICTURES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP")


def is_protected(path: Path) -> bool:
    """Whether the index of an MP4 says of one of its tracks that it is protected."""
    with path.open("rb") as file:
        return any(
            # `stsd`, version and flags, count of entries, size and kind of the first
            index[at + 16 : at + 20] in _PROTECTED
            for index in _indexes(file)
            for at in _places(index, b"stsd")
        )


def _places(where: bytes, what: bytes) -> Iterator[int]:
    at = where.find(what)
    while at >= 0:
        yield at
        at = where.find(what, at + 1)


def _indexes(file: BinaryIO) -> Iterator[bytes]:
    """The `moov` boxes, from one outer box to the next."""
    at = 0
    while True:
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return
        size, begins = int.from_bytes(head[:4]), 8
        if size == 1:
            size, begins = int.from_bytes(head[8:16]), 16
        if size < begins:
            return  # to the end of the file, or nonsense
        if head[4:8] == b"moov":
            file.seek(at + begins)
            yield file.read(min(size - begins, _MOST_INDEX))
        at += size
