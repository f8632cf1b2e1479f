"""What a file of which nothing can be made seems to be."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_pipeline import openings


def box(kind: bytes, inside: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(inside)) + kind + inside


def entry(kind: bytes) -> bytes:
    return box(b"stsd", bytes(4) + struct.pack(">I", 1) + box(kind, bytes(20)))


FTYP = box(b"ftyp", b"isom")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xd8\xff\xe0 JFIF", "still_picture"),
        (b"\x89PNG\r\n", "still_picture"),
        (b"GIF89a", "still_picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "still_picture"),
        (box(b"ftyp", b"heic") + box(b"meta"), "still_picture"),
        (FTYP + box(b"mdat", bytes(100)), "no_header"),
        (FTYP + box(b"free"), "no_header"),
        (b"\x1aE\xdf\xa3" + bytes(27), "no_header"),
        (b"RIFF\0\0\0\0AVI LIST", "no_header"),
        (b"RIFF\0\0\0\0WAVEfmt ", "not_media"),
        (FTYP + box(b"moov", box(b"trak", entry(b"encv"))), "encrypted"),
        (FTYP + box(b"moov", box(b"trak", entry(b"avc1")) + box(b"trak", entry(b"enca"))), "encrypted"),
        (FTYP + box(b"moov", box(b"trak", entry(b"avc1")) + b"encv"), "no_header"),
        (struct.pack(">I4sQ", 1, b"mdat", 16) + box(b"moov", entry(b"encv")), "encrypted"),
        ("讲稿".encode(), "not_media"),
        (b"<!doctype html>", "not_media"),
        (b"#EXTM3U\n", "not_media"),
        (bytes(1000), "not_media"),
        (b"", "not_media"),
    ],
)
def test_it_is_told_by_how_it_opens(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a").write_bytes(content)

    assert openings.what_it_is(tmp_path / "a") == code


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=40) | st.sampled_from([FTYP, b"moov", b"stsd", bytes(8), entry(b"encv")])))
def test_no_bytes_break_it(tmp_path: Path, parts: list[bytes]) -> None:
    (tmp_path / "a").write_bytes(b"".join(parts))

    assert openings.what_it_is(tmp_path / "a")
    assert openings.is_protected(tmp_path / "a") in {True, False}
