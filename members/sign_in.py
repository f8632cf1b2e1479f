"""Who is at the door: a phone or employee number and a password become a member, or a sentence that says why not.

Unknown number, wrong password and closed account get one answer after one hashing, so that nothing can be learnt from
it. Failures are counted in the backend itself: whichever form asks, the throttle holds.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from members import phones, throttle
from members.models import Enterprise, Member
from ui.prepared import prepared
from ui.sentences import Refused


def identifier_of(typed: str) -> str:
    """What was typed into the one field, in the form rows have it: E.164 if it can be a phone, else as it is."""
    return phones.normalise(typed) or unicodedata.normalize("NFKC", typed).strip()


def candidates(typed: str, enterprise: str = "") -> list[Member]:
    """Members `typed` may mean: the one with this phone, else those with this employee number (one an enterprise)."""
    if phone := phones.normalise(typed):
        found = list(Member.objects.filter(phone=phone))
        if found:
            return found
    number = unicodedata.normalize("NFKC", typed).strip()
    members = Member.objects.filter(employee_number=number).exclude(employee_number="")
    if enterprise:
        members = members.filter(enterprise__name=enterprise)
    return list(members.order_by("enterprise__name"))


def enterprises_for(typed: str) -> list[Enterprise]:
    """The enterprises to choose from, where an employee number exists in more than one."""
    found = candidates(typed)
    return _enterprises_of(found) if len(found) > 1 else []


def _enterprises_of(members: list[Member]) -> list[Enterprise]:
    return list(Enterprise.objects.filter(pk__in=[one.enterprise_id for one in members]).order_by("name"))


def check(typed: str, password: str, *, enterprise: str = "", request: HttpRequest | None, now: datetime) -> Member:
    """The member who may come in. Refuses with `sign_in_wrong`, `sign_in_throttled` or `sign_in_which_enterprise`."""
    identifier, address = identifier_of(typed), throttle.address_of(request)
    throttle.check(identifier, address, now)
    if len(found := candidates(typed, enterprise)) > 1:
        # Asking gives away that the number exists, so it counts for the address.
        throttle.note_failure("", address, now)
        names = [one.name for one in _enterprises_of(found)]
        raise Refused("sign_in_which_enterprise", field="enterprise", enterprises=" / ".join(names))
    member = MemberBackend().authenticate(request, username=typed, password=password, enterprise=enterprise, now=now)
    if member is None:
        raise Refused("sign_in_wrong", status=401, field="password")
    return member


@prepared
def _by_key(pk: int) -> QuerySet[Member, Member]:
    return Member.objects.filter(pk=pk)


class MemberBackend(ModelBackend):
    """Django's permissions, our way of knowing a member."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        *,
        enterprise: str = "",
        now: datetime | None = None,
        **others: Any,
    ) -> Member | None:
        if username is None or password is None:
            return None
        now = now or timezone.now()
        identifier, address = identifier_of(username), throttle.address_of(request)
        if throttle.minutes_closed(identifier, address, now):
            return None
        found = candidates(username, enterprise)
        member = found[0] if len(found) == 1 else None
        if self._knows(member, password):
            throttle.forget(identifier)
            return member
        throttle.note_failure(identifier, address, now)
        return None

    def get_user(self, user_id: int) -> Member | None:
        """Of every request of somebody signed in."""
        member = next(iter(_by_key(user_id)), None)
        return member if member and self.user_can_authenticate(member) else None

    def _knows(self, member: Member | None, password: str) -> bool:
        if member is None:
            Member().set_password(password)  # as long as checking one would take
            return False
        return member.check_password(password) and self.user_can_authenticate(member)
