"""What results can be narrowed by: values with their names, and how many lectures each holds."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter, neg

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext, gettext_lazy

from courses.models import CoursePage, Lecture
from media_pipeline import languages
from members.models import Organisation
from search import ranking
from search.asked import Asked
from search.ranking import Counts
from search.synonyms import TopicName
from search.windows import SLIDE, SPEECH
from ui.prepared import prepared

MOST_VALUES = 12  # of one facet; the rest is found by other words


@dataclass(frozen=True)
class FacetValue:
    """`key` as addresses have it."""

    key: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    values: list[FacetValue] = field(default_factory=list)

    @property
    def is_chosen(self) -> bool:
        return any(value.is_chosen for value in self.values)


def for_engine(chosen: Mapping[str, frozenset[str]], topics: Sequence[TopicName]) -> dict[str, Collection[str]]:
    """As the index keeps them: topics by key. A topic that is not there holds nothing."""
    keys = {topic.slug: str(topic.pk) for topic in topics}
    return {
        facet: {keys.get(value, "none") for value in values} if facet == "topic" else values
        for facet, values in chosen.items()
    }


def described(counts: Counts, asked: Asked, topics: Sequence[TopicName]) -> dict[str, Facet]:
    """Every facet by name. At most one query."""
    named = _names(counts, asked)
    slugs = {str(topic.pk): topic.slug for topic in topics}
    named["topic"] = {topic.slug: topic.name for topic in topics}
    found: dict[str, Facet] = {}
    for name in ranking.FACETS:
        held = counts.get(name, {})
        if name == "topic":
            held = {slugs[key]: count for key, count in held.items() if key in slugs}
        chosen = asked.chosen.get(name, frozenset())
        found[name] = Facet(name, _title(name), _values(name, held, chosen, named.get(name)))
    return found


def _values(
    name: str, held: Mapping[str, int], chosen: frozenset[str], names: Mapping[str, str] | None
) -> list[FacetValue]:
    """What is chosen is always among them, so that it can be taken back."""
    known = {**held, **{key: 0 for key in chosen if key not in held}}
    # Thousands speak, and twelve are shown.
    labels = _labels(name, known) if names is None else (names.get(key, "") for key in known)
    rows = zip((key not in chosen for key in known), map(neg, known.values()), labels, known, strict=True)
    first = heapq.nsmallest(max(MOST_VALUES, len(chosen)), filter(itemgetter(2), rows))
    kept = [FacetValue(key, label, -less, key in chosen) for _, less, label, key in first]
    in_order = {"length": list(ranking.LENGTHS), "place": ["title", SPEECH, SLIDE]}.get(name)
    if in_order:
        kept.sort(key=lambda one: in_order.index(one.key) if one.key in in_order else 99)
    elif name == "year":
        kept.sort(key=lambda one: one.key, reverse=True)
    else:
        kept.sort(key=lambda one: (-one.count, one.label))
    return kept


def _names(counts: Counts, asked: Asked) -> dict[str, dict[str, str]]:
    """Names of organisations and courses, by key as text: one query for both."""
    keys = {
        name: [
            int(one)
            for one in {*counts.get(name, ()), *asked.chosen.get(name, ())}
            if one.isdecimal() and len(one) < 10
        ]
        for name in ("organisation", "course")
    }
    found: dict[str, dict[str, str]] = {"organisation": {}, "course": {}}
    if not any(keys.values()):
        return found
    for name, key, called in _called(keys["organisation"], keys["course"]):
        found[name][str(key)] = called
    return found


@prepared
def _called(organisations: list[int], courses: list[int]) -> QuerySet[Organisation, tuple[str, int, str]]:
    places = Organisation.objects.filter(pk__in=organisations).order_by()
    pages = CoursePage.objects.filter(id__in=courses, live=True).order_by()  # its pk is a relation
    rows = places.annotate(
        facet=Value("organisation", CharField()), called=Cast("short_name", CharField(max_length=255))
    )
    more = pages.annotate(facet=Value("course", CharField()), called=Cast("title", CharField(max_length=255)))
    wanted = ("facet", "pk", "called")
    return rows.values_list(*wanted).union(more.values_list(*wanted), all=True)  # type: ignore[no-any-return]


_TITLES = {
    "topic": gettext_lazy("Topics"),
    "speaker": gettext_lazy("Speakers"),
    "organisation": gettext_lazy("Organisations"),
    "course": gettext_lazy("Courses"),
    "length": gettext_lazy("Length"),
    "year": gettext_lazy("Year"),
    "language": gettext_lazy("Language"),
    "captioned": gettext_lazy("With captions"),
    "kind": gettext_lazy("Kind"),
    "featured": gettext_lazy("Featured only"),
    "place": gettext_lazy("Where it is found"),
}


def _title(facet: str) -> str:
    return str(_TITLES[facet])


def _labels(facet: str, keys: Iterable[str]) -> Iterable[str]:
    return keys if facet in {"speaker", "year"} else (_label(facet, key) for key in keys)


def _label(facet: str, key: str) -> str:
    """Empty for what nobody can choose."""
    match facet:
        case "place":
            return {"title": gettext("In the title"), SPEECH: gettext("Said"), SLIDE: gettext("On the picture")}.get(
                key, ""
            )
        case "length":
            return _length(key)
        case "kind":
            return str(Lecture.Kind(key).label) if key in Lecture.Kind.values else ""
        case "language":
            return languages.name(key)
        case "captioned" | "featured":
            return _title(facet) if key == "1" else ""
        case _:
            return key


def _length(key: str) -> str:
    if key not in ranking.LENGTHS:
        return ""
    least, below = ranking.LENGTHS[key]
    if not least:
        return gettext("under %(below)s min") % {"below": below}
    if key.endswith("-"):
        return gettext("%(least)s min and more") % {"least": least}
    return gettext("%(least)s–%(below)s min") % {"least": least, "below": below}
