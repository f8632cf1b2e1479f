"""The token of a play session: what admits beats at the door, without a query. It travels in the body.

It says whose session it is, of which lecture and cut; the fold still checks all of it against rows.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.core import signing

from ui.sentences import Refused

LASTS = timedelta(hours=6)
_SALT = "engagement.play"


@dataclass(frozen=True)
class PlayClaims:
    session: str
    member: int
    lecture: int
    cut: int
    duration_ms: int
    exp: int  # unix seconds


def issue(session: str, *, member: int, lecture: int, cut: int, duration_ms: int, now: datetime) -> str:
    claims = PlayClaims(session, member, lecture, cut, duration_ms, int((now + LASTS).timestamp()))
    return signing.dumps(asdict(claims), salt=_SALT)


def read(token: str, *, now: datetime) -> PlayClaims:
    """Refuses a token that is not ours or no longer holds (401: open the lecture again)."""
    try:
        claims = PlayClaims(**signing.loads(token, salt=_SALT))
    except (signing.BadSignature, TypeError, ValueError) as error:
        raise Refused("play_token_unknown", status=401, field="token") from error
    if claims.exp <= now.timestamp():
        raise Refused("play_token_expired", status=401, field="token")
    return claims
