"""Identifiers that stand in addresses: ten random base-58 characters, no look-alikes (0 O I l)."""

from __future__ import annotations

import secrets

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LENGTH = 10  # 58**10 is about 2**58: not guessable, and still short enough to read out


def new_public_id() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
