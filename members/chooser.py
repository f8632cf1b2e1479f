"""Choosing a member in Wagtail's admin: a searched list, since a select of thousands helps nobody. Registered for
every foreign key to a member."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView
from wagtail.admin.viewsets.chooser import ChooserViewSet

from members.models import Member


class FindMemberForm(BaseFilterForm):  # type: ignore[misc]  # Wagtail is untyped
    q = forms.CharField(label=_("Name, phone or employee number"), required=False)

    def filter(self, objects: QuerySet[Member]) -> QuerySet[Member]:
        objects = super().filter(objects).filter(is_active=True)
        if asked := self.cleaned_data["q"].strip():
            self.is_searching, self.search_query = True, asked
            objects = objects.filter(
                Q(name__icontains=asked) | Q(phone__contains=asked) | Q(employee_number__startswith=asked)
            )
        return objects


class _ChooseMember(ChooseView):  # type: ignore[misc]
    filter_form_class: Any = FindMemberForm
    ordering = "name"


class _ChooseMemberResults(ChooseResultsView):  # type: ignore[misc]
    filter_form_class: Any = FindMemberForm
    ordering = "name"


class MemberChooserViewSet(ChooserViewSet):  # type: ignore[misc]
    model = Member
    icon = "user"
    choose_one_text = _("Choose a member")
    choose_another_text = _("Choose another member")
    edit_item_text = _("Edit this member")
    choose_view_class = _ChooseMember
    choose_results_view_class = _ChooseMemberResults


member_chooser = MemberChooserViewSet("member_chooser")
