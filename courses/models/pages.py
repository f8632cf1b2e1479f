"""The catalogue and its courses as Wagtail pages. They only name their templates; `cms` composes what is shown."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.models import Orderable, Page

from courses.models.lectures import Lecture


class CataloguePage(Page):  # type: ignore[misc]  # Wagtail is untyped
    """The list of courses."""

    intro = models.CharField(_("introduction"), max_length=200, blank=True)

    template = "cms/catalogue_page.html"
    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    subpage_types: ClassVar[list[str]] = ["courses.CoursePage"]
    content_panels: ClassVar[list[object]] = [*Page.content_panels, FieldPanel("intro")]

    class Meta:
        verbose_name = _("course catalogue")


class CoursePage(Page):  # type: ignore[misc]
    """A course: lectures in an order, required or optional, under section headings."""

    intro = models.TextField(_("introduction"), max_length=500, blank=True)

    template = "cms/course_page.html"
    parent_page_types: ClassVar[list[str]] = ["courses.CataloguePage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list[object]] = [
        *Page.content_panels,
        FieldPanel("intro"),
        InlinePanel("items", heading=_("lectures"), label=_("lecture")),
    ]

    class Meta:
        verbose_name = _("course")


class CourseItem(Orderable):  # type: ignore[misc]
    """One lecture's place in a course."""

    page = ParentalKey(CoursePage, on_delete=models.CASCADE, related_name="items")
    lecture = models.ForeignKey(
        Lecture, on_delete=models.PROTECT, related_name="course_items", verbose_name=_("lecture")
    )
    section = models.CharField(
        _("section heading"), max_length=40, blank=True, help_text=_("Starts a new section, if given")
    )
    is_required = models.BooleanField(_("required"), default=True)

    panels: ClassVar[list[object]] = [FieldPanel("lecture"), FieldPanel("section"), FieldPanel("is_required")]

    class Meta(Orderable.Meta):  # type: ignore[misc]
        constraints = [models.UniqueConstraint(fields=["page", "lecture"], name="course_item_once")]
