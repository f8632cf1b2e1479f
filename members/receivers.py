"""Every sign-in and sign-out is audited, whichever form it came through."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from audit import trail
from members import throttle
from members.models import Member


@receiver(user_logged_in)
def audit_sign_in(sender: type[Member], request: HttpRequest, user: Member, **others: Any) -> None:
    trail.record("sign_in", user, by=user, address=throttle.address_of(request))


@receiver(user_logged_out)
def audit_sign_out(sender: type[Member], request: HttpRequest, user: Member | None, **others: Any) -> None:
    if user is not None:
        trail.record("sign_out", user, by=user, address=throttle.address_of(request))
