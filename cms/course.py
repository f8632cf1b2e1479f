"""A course as one member sees it: sections, items, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count
from django.http import HttpRequest

from courses.models import CataloguePage, CourseItem, CoursePage, Lecture
from engagement import marks, viewings
from engagement.viewings import Progress
from members.models import Member
from ui.paging import Page, page_of


@dataclass
class Item:
    lecture: Lecture
    number: int
    is_required: bool
    progress: Progress | None
    is_featured: bool

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
    page: CoursePage
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


def compose(page: CoursePage, member: Member | AnonymousUser, now: datetime) -> Course:
    """Lectures `member` may not see, or that are gone, leave no trace in the list."""
    visible = Lecture.objects.visible_to(member, now)
    items = list(
        CourseItem.objects.filter(page=page, lecture__in=visible)
        .select_related("lecture__author", "lecture__organisation", "lecture__asset__cut")
        .order_by("sort_order")
    )
    lectures = [item.lecture for item in items]
    progress = viewings.progress_of(member, lectures) if isinstance(member, Member) else {}
    seals = marks.seals_of(lectures)
    sections: list[Section] = []
    for number, item in enumerate(items, start=1):
        if item.section or not sections:
            sections.append(Section(item.section))
        sections[-1].items.append(
            Item(item.lecture, number, item.is_required, progress.get(item.lecture_id), item.lecture_id in seals)
        )
    return Course(page, sections)


def listed(page: CataloguePage, request: HttpRequest) -> Page:
    """Live courses below the catalogue, each with `count`, its number of lectures."""
    courses = CoursePage.objects.child_of(page).live().annotate(count=Count("items")).order_by("path")
    return page_of(courses, request)
