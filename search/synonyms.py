"""Texts that mean the same, as editors keep them; and the topics, in the one query that every search begins with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import CharField, QuerySet, TextField, Value
from django.db.models.functions import Cast

from courses.models import Topic
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
    """Read anew each time: what an editor changes holds from the next question on."""
    found = Known()
    for kind, pk, slug, said in _kept():
        if kind == "topic":
            found.topics.append(TopicName(pk, slug, said))
        elif len(group := frozenset(map(fold, parted(said)))) > 1:
            found.synonyms.append(group)
    return found


@prepared
def _kept() -> QuerySet[Topic, tuple[str, int, str, str]]:
    text = TextField()
    topics = Topic.objects.order_by().annotate(
        kind=Value("topic", CharField()), address=Cast("slug", text), words_=Cast("name", text)
    )
    sets = SynonymSet.objects.order_by().annotate(
        kind=Value("synonyms", CharField()), address=Value("", text), words_=Cast("words", text)
    )
    wanted = ("kind", "pk", "address", "words_")
    return topics.values_list(*wanted).union(sets.values_list(*wanted), all=True)


def parted(said: str) -> list[str]:
    """One a line, or with commas or = between."""
    return list(dict.fromkeys(word for part in _BETWEEN.split(said) if (word := " ".join(part.split()))))


def joined(words: Iterable[str]) -> str:
    return "\n".join(words)
