"""Topics: those a member finds lectures in, and how editors keep them."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, ProtectedError
from django.utils import timezone

from audit import trail
from courses import signals
from courses.models import Lecture, Topic
from members import organisations
from members.models import Member
from ui.paging import COUNTED
from ui.sentences import Refused


def with_counts(member: Member | AnonymousUser, now: datetime) -> list[Topic]:
    """Topics that have lectures `member` may see, with how many, as `count`.

    Exact while that is cheap; with more lectures than a list counts, a minute old.
    """
    places = organisations.with_ancestors(member, on=timezone.localdate(now)) if isinstance(member, Member) else ["-"]
    key = "topics:" + ",".join(map(str, places))
    known: list[Topic] | None = cache.get(key)
    if known is None:
        visible = Lecture.objects.visible_to(member, now)
        counted = Topic.objects.filter(lecture__in=visible).annotate(count=Count("lecture"))
        known = list(counted.order_by("position", "name"))
        if sum(topic.count for topic in known) > COUNTED:  # type: ignore[attr-defined]  # annotated
            cache.set(key, known, timeout=60)
    return known


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
