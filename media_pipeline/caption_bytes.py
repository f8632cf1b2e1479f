"""The bytes of a text file from anybody's computer, as text with plain line ends. Pure."""

from __future__ import annotations

import codecs
import re

from ui.sentences import Refused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Control characters, and those that turn the direction of writing: nobody sees them, and they can make a line lie.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
_LINE_END = re.compile(r"\r\n?|\x85|\u2028|\u2029")


def decode(data: bytes) -> str:
    """UTF-8, UTF-16, or what Windows in China writes (GB18030, which contains GBK). Raises Refused."""
    return visible(_LINE_END.sub("\n", _text(data)))


def visible(text: str) -> str:
    return _INVISIBLE.sub("", text)


def _text(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    if unmarked := _utf16_without_mark(data):
        return data.decode(unmarked, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _damaged_utf8(data) or _gb18030(data, error)


def _utf16_without_mark(data: bytes) -> str | None:
    """Times and numbers are ASCII: in UTF-16 every second of their bytes is zero, and text of no other kind has any."""
    even, odd = data[0:4000:2].count(0), data[1:4000:2].count(0)
    if max(even, odd) * 10 < len(data[:4000]):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _damaged_utf8(data: bytes) -> str | None:
    """A few broken characters in a text that is UTF-8 otherwise: better a mark there than wrong characters all over."""
    text = data.decode("utf-8", errors="replace")
    broken, whole = text.count("\ufffd"), sum(character > "\x7f" for character in text)
    return text if broken * 20 < whole else None


def _gb18030(data: bytes, error: UnicodeDecodeError) -> str:
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused("captions_encoding", field="file", line=line) from error
