"""Texts that mean the same, as editors keep them; and the topics and the places of who asks, in the one query that
every search begins with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from courses.models import Topic
from members import organisations
from members.models import Member
from search.folding import fold
from search.models import SynonymSet
from ui.prepared import prepared

_BETWEEN = re.compile(r"[\n\r,，;；=＝]+")
MOST_WORDS, LONGEST_WORD = 20, 40


class TopicName(NamedTuple):
    pk: int
    slug: str
    name: str


@dataclass(frozen=True)
class Known:
    topics: list[TopicName] = field(default_factory=list)
    synonyms: list[frozenset[str]] = field(default_factory=list)


def known() -> Known:
    return known_for(AnonymousUser(), timezone.now())


def known_for(member: Member | AnonymousUser, now: datetime) -> Known:
    """Read anew each time: what an editor changes holds from the next question on."""
    found, places, on = Known(), list[int](), timezone.localdate(now)
    for kind, pk, slug, said in _kept(member.pk, on):
        if kind == "place":
            places.append(pk)
        elif kind == "topic":
            found.topics.append(TopicName(pk, slug, said))
        elif len(group := frozenset(map(fold, parted(said)))) > 1:
            found.synonyms.append(group)
    if isinstance(member, Member):
        organisations.remember(member, places, on=on)
    return found


@prepared
def _kept(member: int | None, on: date) -> QuerySet[Topic, tuple[str, int, str, str]]:
    text = TextField()
    topics = Topic.objects.order_by().annotate(
        kind=Value("topic", CharField()), address=Cast("slug", text), words_=Cast("name", text)
    )
    sets = SynonymSet.objects.order_by().annotate(
        kind=Value("synonyms", CharField()), address=Value("", text), words_=Cast("words", text)
    )
    wanted = ("kind", "pk", "address", "words_")
    parts = [sets.values_list(*wanted)]
    if member is not None:
        around = organisations.around(member, on)
        places = around.annotate(kind_=Value("place", CharField()), address=Value("", text), words_=Value("", text))
        parts.append(places.values_list("kind_", *wanted[1:]))
    return topics.values_list(*wanted).union(*parts, all=True)


def parted(said: str) -> list[str]:
    """One a line, or with commas or = between."""
    return list(dict.fromkeys(word for part in _BETWEEN.split(said) if (word := " ".join(part.split()))))


def joined(words: Iterable[str]) -> str:
    return "\n".join(words)
