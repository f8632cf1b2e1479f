"""The versions of the published rule set."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.forms import model_to_dict

from audit import trail
from engagement.models import RuleSet
from members.models import Member
from ui.prepared import prepared
from ui.sentences import Refused

FIXED = frozenset({"id", "version", "since"})


def current(now: datetime) -> RuleSet:
    """The version in force at `now`; of a time before all versions, the first."""
    found = _since(now)
    return found[0] if found else RuleSet.objects.order_by("version")[0]


@prepared
def _since(now: datetime) -> QuerySet[RuleSet, RuleSet]:
    return RuleSet.objects.filter(since__lte=now).order_by("-version")[:1]


class History:
    """All versions, to judge many events each under the rules of its own time."""

    def __init__(self) -> None:
        self._versions = list(RuleSet.objects.order_by("version"))

    def at(self, moment: datetime) -> RuleSet:
        number = bisect_right(self._versions, moment, key=lambda rules: rules.since)
        return self._versions[max(number - 1, 0)]


@transaction.atomic
def change(by: Member | None, now: datetime, **values: Any) -> RuleSet:
    """A new version with `values` changed, in force from `now` on. What was earned before stays as it was judged."""
    newest = RuleSet.objects.select_for_update(no_key=True).order_by("-version")[0]
    if now < newest.since:
        raise Refused("rules_not_backwards", version=newest.version)
    numbers = model_to_dict(newest, exclude=FIXED)
    if unknown := values.keys() - numbers.keys():
        raise ValueError(f"No such rule: {', '.join(sorted(unknown))}.")
    changed = RuleSet(**(numbers | values), version=newest.version + 1, since=now)
    changed.full_clean()
    changed.save(force_insert=True)
    trail.record("rules_changed", changed, by=by, now=now, version=changed.version, **values)
    return changed
