"""What a secretary writes to plan a session. Shapes only; what is allowed is said by `planning`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from courses.models import Lecture
from members.models import Organisation
from study_sessions import planning
from study_sessions.models import StudySession
from ui.lengths import spoken
from ui.sentences import Refused

MOST_LECTURES = 50  # in the list; any other lecture is chosen from its own page


class LocalTime(forms.DateTimeField):
    """An hour in Shanghai, as browsers write it."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})


class LectureChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # no class takes its type at run time
    def label_from_instance(self, lecture: Any) -> str:
        length = spoken(lecture.asset.duration_ms) if lecture.asset.duration_ms else ""
        return " · ".join(filter(None, [lecture.title, lecture.speaker, length]))


class SessionForm(forms.Form):
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Who is invited"), help_text=_("All its members, and all below it.")
    )
    lecture = LectureChoice(
        Lecture.objects.none(),
        label=_("Lecture"),
        to_field_name="public_id",
        error_messages={
            "required": _("No lecture yet. Choose one."),
            "invalid_choice": _("This lecture cannot be watched any more. Choose another."),
        },
        help_text=_("The newest are here. Another one: open its page and choose “Hold a study session with it”."),
    )
    title = forms.CharField(
        label=_("Title"),
        required=False,
        help_text=_("Left empty, it is the lecture's."),
        widget=forms.TextInput(attrs={"maxlength": planning.TITLE_MOST}),
    )
    starts_at = LocalTime(label=_("Starts"), error_messages={"required": _("No hour yet. Choose when it starts.")})
    ends_at = LocalTime(
        label=_("Ends"),
        error_messages={"required": _("No hour yet. Choose when it ends.")},
        help_text=_("Six hours at most. It opens ten minutes before it starts."),
    )
    note = forms.CharField(
        label=_("A word to the invited"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": planning.NOTE_MOST}),
        help_text=_("What to think about before, what to bring."),
    )

    def __init__(
        self,
        *args: Any,
        lectures: QuerySet[Lecture],
        organisations: QuerySet[Organisation] | None = None,
        **kwargs: Any,
    ) -> None:
        """`lectures`: all that may be chosen. `organisations`: those one leads; None: it is settled."""
        super().__init__(*args, **kwargs)
        if organisations is None:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]  # a ModelChoiceField
            self.fields["organisation"].empty_label = None  # type: ignore[attr-defined]
        self._offer(lectures)

    def _offer(self, lectures: QuerySet[Lecture]) -> None:
        field = self.fields["lecture"]
        assert isinstance(field, LectureChoice)  # noqa: S101  # tells the type
        field.queryset = lectures
        wanted = str(self["lecture"].value() or "")
        joined = lectures.select_related("author", "asset")
        offered = list(joined.order_by("-published_at", "-pk")[:MOST_LECTURES])
        if wanted and wanted not in {one.public_id for one in offered}:
            offered = [*joined.filter(public_id=wanted), *offered]
        choices = [(one.public_id, field.label_from_instance(one)) for one in offered]
        field.widget.choices = [("", _("Choose a lecture")), *choices]

    def refuse(self, refused: Refused) -> None:
        """Say at the right field why not."""
        self.add_error(refused.field if refused.field in self.fields else None, str(refused))


def initial_of(session: StudySession) -> dict[str, Any]:
    return {
        "lecture": session.lecture.public_id,
        "title": session.title,
        "note": session.note,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
    }
