"""Choosing a lecture for a course: published ones, found by title or speaker."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView
from wagtail.admin.viewsets.chooser import ChooserViewSet

from courses.models import Lecture


class FindLectureForm(BaseFilterForm):  # type: ignore[misc]  # Wagtail is untyped
    q = forms.CharField(label=_("Title or speaker"), required=False)

    def filter(self, objects: QuerySet[Lecture]) -> QuerySet[Lecture]:
        objects = super().filter(objects).filter(state=Lecture.State.PUBLISHED)
        if asked := self.cleaned_data["q"].strip():
            self.is_searching, self.search_query = True, asked
            objects = objects.filter(
                Q(title__icontains=asked) | Q(speaker_name__icontains=asked) | Q(author__name__icontains=asked)
            )
        return objects


class _Choices:
    """What both the list and its results share."""

    filter_form_class: Any = FindLectureForm
    ordering: Any = ("-published_at", "-pk")

    def get_object_list(self) -> QuerySet[Lecture]:
        return Lecture.objects.select_related("author", "topic")

    @property
    def columns(self) -> list[Any]:
        said: list[Any] = super().columns  # type: ignore[misc]
        return [
            *said,
            Column("author", label=_("speaker"), accessor="speaker"),
            Column("topic", label=_("topic"), accessor="topic"),
        ]


class _ChooseLecture(_Choices, ChooseView):  # type: ignore[misc]
    pass


class _ChooseLectureResults(_Choices, ChooseResultsView):  # type: ignore[misc]
    pass


class LectureChooserViewSet(ChooserViewSet):  # type: ignore[misc]
    model = Lecture
    icon = "media"
    choose_one_text = _("Choose a lecture")
    choose_another_text = _("Choose another lecture")
    edit_item_text = _("Look at this lecture")
    choose_view_class = _ChooseLecture
    choose_results_view_class = _ChooseLectureResults


lecture_chooser = LectureChooserViewSet("lecture_chooser")
