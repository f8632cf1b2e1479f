"""What a Range header asks for. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})")


class Unsatisfiable(Exception):
    """The range begins behind the end of the file."""


@dataclass(frozen=True)
class Span:
    """Bytes from `start` up to but not including `end`."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


def is_one(header: str) -> bool:
    """Whether it asks for one range of bytes, be it there or not."""
    found = _ONE.fullmatch(header.strip())
    return found is not None and bool(found["first"] or found["last"])


def wanted(header: str, size: int) -> Span | None:
    """The span a Range header asks for; None if there is none, or none we serve: then the whole file is the answer.

    Several ranges in one request are answered with the whole, as the standard allows.
    """
    found = _ONE.fullmatch(header.strip().replace(" ", ""))
    if found is None or not (found["first"] or found["last"]):
        return None
    if not found["first"]:  # bytes=-500: the last 500
        length = min(int(found["last"]), size)
        if not length:
            raise Unsatisfiable
        return Span(size - length, size)
    first = int(found["first"])
    last = int(found["last"]) if found["last"] else size - 1
    if last < first and found["last"]:
        return None
    if first >= size:
        raise Unsatisfiable
    return Span(first, min(last + 1, size))
