"""What a member writes about a lecture. Shapes only; what is allowed is said by `editing`, sentence by sentence."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from courses import captions, editing
from courses.models import Lecture, Topic
from media_pipeline import languages


class LectureForm(forms.Form):
    title = forms.CharField(
        label=_("title"), required=False, widget=forms.TextInput(attrs={"maxlength": editing.TITLE_MOST})
    )
    summary = forms.CharField(
        label=_("summary"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": editing.SUMMARY_MOST}),
        help_text=_("Two or three sentences: what happened, and what you took from it."),
    )
    topic = forms.ModelChoiceField(
        Topic.objects.none(), label=_("topic"), required=False, empty_label=_("Choose a topic")
    )
    visibility = forms.ChoiceField(label=_("who may watch"), widget=forms.RadioSelect)
    speaker_name = forms.CharField(
        label=_("speaker"),
        required=False,
        widget=forms.TextInput(attrs={"maxlength": editing.SPEAKER_MOST}),
        help_text=_("Leave it empty if you speak yourself."),
    )
    is_downloadable = forms.BooleanField(
        label=_("those who may watch it may save it as a file"),
        required=False,
        help_text=_("For places without a network. What is watched from a file counts for nobody."),
    )

    def __init__(self, data: QueryDict | None = None, *, lecture: Lecture, fields: Collection[str]) -> None:
        """`fields` are those that may be changed now; the others are not in the form."""
        initial = {name: getattr(lecture, name) for name in self.base_fields}
        super().__init__(data, initial=initial)
        self.fields["topic"].queryset = Topic.objects.all()  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields["visibility"].choices = _visibilities(lecture)  # type: ignore[attr-defined]  # a ChoiceField
        for name in set(self.fields) - set(fields):
            del self.fields[name]


class CaptionsForm(forms.Form):
    file = forms.FileField(
        label=_("file"),
        required=False,  # missed and said by the rule
        widget=forms.FileInput(attrs={"accept": ".srt,.vtt,text/vtt,application/x-subrip,text/plain"}),
        help_text=_("SRT or WebVTT, as editing apps on phones and PCs write it."),
    )
    language = forms.ChoiceField(
        label=_("language"), choices=[(tag, languages.name(tag)) for tag in captions.OFFERED], initial="zh-Hans"
    )


def _visibilities(lecture: Lecture) -> list[tuple[str, Any]]:
    """An author who belonged nowhere cannot choose their organisation."""
    choices = [(one.value, one.label) for one in Lecture.Visibility]
    if lecture.organisation is None:
        return [choice for choice in choices if choice[0] != Lecture.Visibility.ORGANISATION]
    named = _("only %(name)s and all below it") % {"name": lecture.organisation.name}
    return [(value, named if value == Lecture.Visibility.ORGANISATION else label) for value, label in choices]
