"""Signed addresses of the parts door: whoever holds one may PUT that one part, of that size, until it expires."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from django.conf import settings


def link(storage_id: str, number: int, *, size: int, expires_at: datetime) -> str:
    exp = int(expires_at.timestamp())
    return f"/parts/{storage_id}/{number}?exp={exp}&size={size}&sig={signature(storage_id, number, size=size, exp=exp)}"


def signature(storage_id: str, number: int, *, size: int, exp: int) -> str:
    message = f"{storage_id}/{number}/{size}/{exp}".encode()
    return hmac.new(_key(), message, hashlib.sha256).hexdigest()


def holds(sig: str, storage_id: str, number: int, *, size: int, exp: int) -> bool:
    return hmac.compare_digest(sig.encode(), signature(storage_id, number, size=size, exp=exp).encode())


def _key() -> bytes:
    """Derived, so that no other use of SECRET_KEY signs what this door believes."""
    return hmac.new(settings.SECRET_KEY.encode(), b"upload parts", hashlib.sha256).digest()
