"""Tokens that open a stream: which channels, for one minute."""

from __future__ import annotations

from django.core import signing

GOOD_FOR = 60  # seconds to open a stream; an open one stays open
_SALT = "push.stream"


class BadToken(Exception):
    """Not one of ours, or too old."""


def issue(channels: list[str]) -> str:
    return signing.dumps(channels, salt=_SALT, compress=True)


def read(token: str) -> list[str]:
    """The channels `token` admits to. Raises BadToken."""
    try:
        channels: list[str] = signing.loads(token, salt=_SALT, max_age=GOOD_FOR)
    except signing.BadSignature as error:
        raise BadToken from error
    return channels
