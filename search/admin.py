"""What editors keep and learn of search, in Wagtail's admin: synonyms, and what people did not find."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.views.generic import CreateView
from wagtail.admin.viewsets.model import ModelViewSet

from members.access import MemberRequest, editor_required
from search import counts, synonyms
from search.folding import fold
from search.models import SynonymSet


class SynonymForm(WagtailAdminModelForm):  # type: ignore[misc]  # Wagtail is untyped
    class Meta:
        model = SynonymSet
        fields = ("words",)

    def clean_words(self) -> str:
        words = synonyms.parted(self.cleaned_data["words"])
        if len(set(map(fold, words))) < 2:
            raise forms.ValidationError(gettext("Write two words or more that mean the same."))
        if len(words) > synonyms.MOST_WORDS or max(map(len, words)) > synonyms.LONGEST_WORD:
            says = gettext("At most %(words)s words, of %(characters)s characters each.")
            raise forms.ValidationError(says % {"words": synonyms.MOST_WORDS, "characters": synonyms.LONGEST_WORD})
        return synonyms.joined(words)


class _Add(CreateView):  # type: ignore[misc]
    def get_initial_form_instance(self) -> SynonymSet:
        return SynonymSet(words=self.request.GET.get("words", "")[: synonyms.LONGEST_WORD])


class SynonymViewSet(ModelViewSet):  # type: ignore[misc]
    model: Any = SynonymSet
    icon = "list-ul"
    menu_label = _("Synonyms")
    menu_name = "synonyms"
    menu_order = 240
    add_to_admin_menu = True
    ordering: Any = ("words",)
    list_display: Any = ("__str__", "changed_at")
    search_fields: Any = ("words",)
    copy_view_enabled = False
    add_view_class = _Add
    add_to_reference_index = False

    def get_form_class(self, for_update: bool = False) -> Any:
        return SynonymForm


@require_safe
@editor_required
def missed(request: MemberRequest) -> HttpResponse:
    """What was searched for and not found, so that editors know what to make, or which synonym is missing."""
    found = counts.missed(now=timezone.now())
    context = {"title": gettext("Not found"), "icon": "search", "missed": found}
    return render(request, "search/missed.html", context)
