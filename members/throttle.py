"""The door that closes for a while after many failed sign-ins, for one identifier and for one address."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from ipaddress import ip_address

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from audit import trail
from members.models import SignInAttempt
from ui.sentences import Refused

WINDOW = timedelta(minutes=15)
PER_IDENTIFIER = 10
PER_ADDRESS = 30
KEPT = timedelta(days=1)


def address_of(request: HttpRequest | None) -> str | None:
    """Where the request comes from. Behind a proxy: what the nearest proxy saw, the last it appended; what stands
    before that is the client's own claim."""
    if request is None:
        return None
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    address = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    try:
        return str(ip_address(address))
    except ValueError:  # a proxy that says "unknown"
        return None


def minutes_closed(identifier: str, address: str | None, now: datetime) -> int:
    """Whole minutes until another try is allowed; 0 if it is allowed now."""
    return max(
        _minutes(_failures(now).filter(identifier=identifier[:64]), PER_IDENTIFIER, now) if identifier else 0,
        _minutes(_failures(now).filter(address=address), PER_ADDRESS, now) if address else 0,
    )


def check(identifier: str, address: str | None, now: datetime) -> None:
    """Refuse, with the minutes left, while the door is closed."""
    if minutes := minutes_closed(identifier, address, now):
        raise Refused("sign_in_throttled", status=429, minutes=minutes)


def note_failure(identifier: str, address: str | None, now: datetime) -> None:
    """Count one failure; the one that closes the door is audited."""
    was_open = not minutes_closed(identifier, address, now)
    SignInAttempt.objects.create(identifier=identifier[:64], address=address, at=now)
    if was_open and minutes_closed(identifier, address, now):
        trail.record("sign_in.throttled", by=None, now=now, identifier=identifier[:64], address=address)


def forget(identifier: str) -> None:
    """A right password clears the failures of its identifier, not those of the address."""
    SignInAttempt.objects.filter(identifier=identifier[:64]).delete()


def sweep(now: datetime) -> int:
    """Drop failures nobody counts any more; say how many."""
    return SignInAttempt.objects.filter(at__lt=now - KEPT).delete()[0]


def _failures(now: datetime) -> QuerySet[SignInAttempt]:
    return SignInAttempt.objects.filter(at__gt=now - WINDOW)


def _minutes(failures: QuerySet[SignInAttempt], most: int, now: datetime) -> int:
    """The door opens when the failure that is `most` back from the newest leaves the window."""
    decisive = failures.order_by("-at", "-pk").values_list("at", flat=True)[most - 1 : most].first()
    return math.ceil((decisive + WINDOW - now) / timedelta(minutes=1)) if decisive else 0
