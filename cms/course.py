"""A course as one member sees it: sections, items, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, Count, Exists, ExpressionWrapper, F, OuterRef, QuerySet
from django.http import HttpRequest
from wagtail.models import PageViewRestriction, Site

from courses.models import CataloguePage, CoursePage, Lecture
from courses.models.lectures import address_of
from courses.visibility import places_of
from engagement import marks, viewings
from engagement.viewings import Progress
from members.models import Member
from ui.paging import Page, page_of
from ui.prepared import prepared


class Head(NamedTuple):
    """What the page of a course says of the course itself."""

    pk: int
    title: str
    intro: str


class Row(NamedTuple):
    """An item as the list of a course brings it."""

    pk: int  # of the lecture
    public_id: str
    title: str
    speaker_name: str
    author: str
    duration_ms: int | None
    is_featured: bool
    section: str
    is_required: bool

    @property
    def url(self) -> str:
        return address_of(self.public_id)

    @property
    def speaker(self) -> str:
        return self.speaker_name or self.author


@dataclass
class Item:
    lecture: Row
    number: int
    progress: Progress | None

    @property
    def is_required(self) -> bool:
        return self.lecture.is_required

    @property
    def is_done(self) -> bool:
        return bool(self.progress and self.progress.completed_at)


@dataclass
class Section:
    heading: str
    items: list[Item] = field(default_factory=list)

    @property
    def done(self) -> int:
        return sum(item.is_done for item in self.items)


@dataclass
class Course:
    page: Head
    sections: list[Section]

    @property
    def items(self) -> list[Item]:
        return [item for section in self.sections for item in section.items]

    @property
    def required(self) -> list[Item]:
        return [item for item in self.items if item.is_required]

    @property
    def done(self) -> int:
        return sum(item.is_done for item in self.required)

    @property
    def line(self) -> list[tuple[float, float]]:
        """One stroke a required lecture that is done, as (from, to) in per cent."""
        step = 100 / max(len(self.required), 1)
        return [(n * step, (n + 1) * step - 0.7) for n, item in enumerate(self.required) if item.is_done]

    @property
    def is_begun(self) -> bool:
        return any(item.progress for item in self.items)

    @property
    def next(self) -> Item | None:
        """Where to go on: the first required lecture not finished, else the first at all."""
        return next((item for item in [*self.required, *self.items] if not item.is_done), None)


def at(path: str) -> Head | None:
    """The live course that Wagtail would find there. None where editors let only some in: Wagtail knows whom."""
    sites = Site.get_site_root_paths()
    found = _open(f"{sites[0].root_path}{path}") if len(sites) == 1 else []
    return Head(*found[0]) if found else None


@prepared
def _open(path: str) -> QuerySet[CoursePage, tuple[Any, ...]]:
    here = PageViewRestriction.objects.alias(at=ExpressionWrapper(OuterRef("path"), CharField()))
    courses = CoursePage.objects.filter(~Exists(here.filter(at__startswith=F("page__path"))), url_path=path, live=True)
    return courses.filter(alias_of__isnull=True).values_list("pk", "title", "intro")  # type: ignore[no-any-return]


def compose(page: Head, member: Member | AnonymousUser, now: datetime) -> Course:
    """Lectures `member` may not see, or that are gone, leave no trace in the list. Two queries."""
    rows = [Row(*facts) for facts in _visible(page.pk, places_of(member, now), now)]
    progress = viewings.progress_of(member, rows) if isinstance(member, Member) and rows else {}
    sections: list[Section] = []
    for number, row in enumerate(rows, start=1):
        if row.section or not sections:
            sections.append(Section(row.section))
        sections[-1].items.append(Item(row, number, progress.get(row.pk)))
    return Course(page, sections)


@prepared
def _visible(page: int, places: list[int] | None, now: datetime) -> QuerySet[Lecture, tuple[Any, ...]]:
    held = Lecture.objects.seen_from(places, now).filter(course_items__page=page).order_by("course_items__sort_order")
    facts = ("pk", "public_id", "title", "speaker_name", "author__name", "asset__duration_ms", "is_featured")
    return marks.with_seals(held).values_list(*facts, "course_items__section", "course_items__is_required")


def listed(page: CataloguePage, request: HttpRequest) -> Page:
    """Live courses below the catalogue, each with `count`, its number of lectures."""
    courses = CoursePage.objects.child_of(page).live().annotate(count=Count("items")).order_by("path")
    return page_of(courses, request)
