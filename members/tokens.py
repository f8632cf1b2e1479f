"""Keys for the API: made once, shown once, kept as a digest; they expire, can be revoked and say what they may do."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from audit import trail
from members.models import ApiToken, Member

PREFIX = "sl_"  # so that a key left lying about is known for what it is
KEPT = timedelta(days=90)
READ, WRITE = "read", "write"


@transaction.atomic
def create(
    member: Member, *, now: datetime, name: str = "", scopes: Collection[str] = (READ, WRITE)
) -> tuple[ApiToken, str]:
    """A new token and its key, which cannot be had again."""
    key = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        member=member,
        name=name,
        digest=_digest(key),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=now + KEPT,
    )
    trail.record("token.created", token, by=member, now=now, name=name, scopes=token.scopes)
    return token, key


def holding(now: datetime) -> QuerySet[ApiToken]:
    """Tokens that open something: not revoked, not expired, of an active member."""
    return ApiToken.objects.filter(revoked_at__isnull=True, expires_at__gt=now, member__is_active=True)


def find(key: str, now: datetime) -> ApiToken | None:
    """The token of `key`, with its member, if it still holds."""
    return holding(now).select_related("member").filter(digest=_digest(key)).first()


@transaction.atomic
def revoke(token: ApiToken, *, by: Member | None, now: datetime) -> None:
    """From now on the key opens nothing. Once is enough; a second time changes nothing."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now):
        trail.record("token.revoked", token, by=by, now=now)


def revoke_all(member: Member, *, by: Member | None, now: datetime) -> None:
    for token in ApiToken.objects.filter(member=member, revoked_at__isnull=True, expires_at__gt=now):
        revoke(token, by=by, now=now)


def _digest(key: str) -> str:
    # The key has 256 random bits: a plain hash is enough, and one lookup finds it.
    return hashlib.sha256(key.encode()).hexdigest()
