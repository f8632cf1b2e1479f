"""Keeping topics. Editors do it at their desk; what lists lectures by topic hears of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from audit import trail
from courses import signals
from courses.models import Topic
from members.models import Member
from ui.sentences import Refused


@transaction.atomic
def keep(topic: Topic, *, by: Member, now: datetime) -> None:
    """Save a new or changed topic."""
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
