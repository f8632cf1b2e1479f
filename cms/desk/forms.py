"""What editors write at their desk. Shapes only; the rules are in courses.editing and engagement.rules."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateTimeInput

from courses import editing
from courses.models import Lecture, Topic
from engagement.models import RuleSet
from engagement.rules import FIXED


class EditorsForm(forms.Form):
    title = forms.CharField(
        label=_("title"), required=False, widget=forms.TextInput(attrs={"maxlength": editing.TITLE_MOST})
    )
    summary = forms.CharField(
        label=_("summary"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": editing.SUMMARY_MOST}),
    )
    speaker_name = forms.CharField(
        label=_("speaker"), required=False, widget=forms.TextInput(attrs={"maxlength": editing.SPEAKER_MOST})
    )
    topic = forms.ModelChoiceField(Topic.objects.none(), label=_("topic"), required=False)
    visibility = forms.ChoiceField(label=_("who may watch"), choices=Lecture.Visibility.choices)
    publish_at = forms.DateTimeField(label=_("publish at"), required=False, widget=AdminDateTimeInput)
    unpublish_at = forms.DateTimeField(label=_("withdraw at"), required=False, widget=AdminDateTimeInput)
    is_downloadable = forms.BooleanField(label=_("may be saved as a file"), required=False)
    is_pick = forms.BooleanField(label=_("editor's pick"), required=False)

    def __init__(self, data: QueryDict | None = None, *, lecture: Lecture) -> None:
        super().__init__(data, initial={name: getattr(lecture, name) for name in self.base_fields})
        self.fields["topic"].queryset = Topic.objects.all()  # type: ignore[attr-defined]  # a ModelChoiceField

    def clean_publish_at(self) -> Any:
        return self._unless_same("publish_at")

    def clean_unpublish_at(self) -> Any:
        return self._unless_same("unpublish_at")

    def _unless_same(self, name: str) -> Any:
        """The widget shows minutes; a moment kept to the second is not changed by saving something else."""
        return self.cleaned_data[name] if name in self.changed_data else self.initial[name]


class RulesForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    class Meta:
        model = RuleSet
        exclude = tuple(FIXED - {"id"})  # noqa: DJ006 - a new rule must appear here by itself
        labels: ClassVar[dict[str, object]] = {
            "score_least": _("score: at least"),
            "viewers_least": _("viewers: at least"),
            "organisations_least": _("organisations: at least"),
            "share_of_one_most": _("one organisation's part: at most, in per cent"),
            "cooling_hours": _("cooling: hours"),
            "places": _("places: how many"),
        }


POINTS = tuple(name for name in RulesForm.base_fields if name.startswith(("view_cap", "share_cap", "share_days")))
FEATURED = tuple(name for name in RulesForm.base_fields if name not in POINTS)
