"""Topics: those a member finds lectures in, and how editors keep them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, ProtectedError, QuerySet
from django.utils import timezone

from audit import trail
from courses import signals
from courses.models import Lecture, Topic
from courses.visibility import places_of
from members import organisations
from members.models import Member
from ui.paging import COUNTED
from ui.prepared import prepared
from ui.sentences import Refused

_FACTS = [field.attname for field in Topic._meta.concrete_fields]


def with_counts(member: Member | AnonymousUser, now: datetime) -> list[Topic]:
    """Topics that have lectures `member` may see, with how many, as `count`.

    Exact while that is cheap; with more lectures than a list counts, a minute old.
    """
    places = organisations.with_ancestors(member, on=timezone.localdate(now)) if isinstance(member, Member) else ["-"]
    key = "topics:" + ",".join(map(str, places))
    known: list[Topic] | None = cache.get(key)
    if known is None:
        known = [_topic(*facts) for facts in _counted(places_of(member, now), now)]
        if sum(topic.count for topic in known) > COUNTED:  # type: ignore[attr-defined]  # annotated
            cache.set(key, known, timeout=60)
    return known


@prepared
def _counted(places: list[int] | None, now: datetime) -> QuerySet[Lecture, tuple[Any, ...]]:
    """From the lectures that are seen, as these may be few of many."""
    seen = Lecture.objects.seen_from(places, now).filter(topic__isnull=False)
    facts = seen.values_list(*(f"topic__{name}" for name in _FACTS)).annotate(count=Count("pk"))
    return facts.order_by("topic__position", "topic__name")


def _topic(*facts: Any) -> Topic:
    topic = Topic.from_db(None, _FACTS, facts[:-1])
    topic.count = facts[-1]  # type: ignore[attr-defined]  # for whoever draws it
    return topic


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
