"""Topics: those a member finds lectures in, and how editors keep them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, ProtectedError, QuerySet

from audit import trail
from courses import signals
from courses.models import Lecture, Topic
from courses.visibility import places_of
from members.models import Member
from ui.paging import COUNTED
from ui.prepared import prepared
from ui.sentences import Refused


class Counted(NamedTuple):
    """A topic with how many lectures somebody may see of it."""

    pk: int
    name: str
    slug: str
    description: str
    lectures: int

    @property
    def url(self) -> str:
        return f"/topics/{quote(self.slug)}/"


def with_counts(member: Member | AnonymousUser, now: datetime) -> list[Counted]:
    """Topics that have lectures `member` may see.

    Exact while that is cheap; with more lectures than a list counts, a minute old.
    """
    places = places_of(member, now)
    key = "topics:" + ("-" if places is None else ",".join(map(str, places)))
    known: list[Counted] | None = cache.get(key)
    if known is None:
        known = [Counted(*facts) for facts in _counted(places, now)]
        if sum(topic.lectures for topic in known) > COUNTED:
            cache.set(key, known, timeout=60)
    return known


@prepared
def _counted(places: list[int] | None, now: datetime) -> QuerySet[Lecture, tuple[Any, ...]]:
    """From the lectures that are seen, as these may be few of many."""
    seen = Lecture.objects.seen_from(places, now).filter(topic__isnull=False)
    facts = seen.values_list("topic", "topic__name", "topic__slug", "topic__description").annotate(count=Count("pk"))
    return facts.order_by("topic__position", "topic__name")


@transaction.atomic
def keep(topic: Topic, *, by: Member, now: datetime) -> None:
    """Save a new or changed topic; what lists lectures by topic hears of it."""
    is_new = topic.pk is None
    topic.save()
    trail.record("topic.created" if is_new else "topic.changed", topic, by=by, now=now, name=topic.name)
    signals.topic_changed.send(Topic, topic=topic)


@transaction.atomic
def remove(topic: Topic, *, by: Member, now: datetime) -> None:
    """Delete a topic no lecture and no livestream has; `topic_in_use` otherwise."""
    trail.record("topic.deleted", topic, by=by, now=now, name=topic.name)
    try:
        topic.delete()
    except ProtectedError as error:
        raise Refused("topic_in_use", status=409, name=topic.name) from error
