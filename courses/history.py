"""What happened to a lecture, in words, newest first; and why it last came back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Lecture, LectureEvent
from ui import sentences

VERBS: dict[str, str | Promise] = {
    "created": gettext_lazy("Draft made"),
    "edited": gettext_lazy("Changed"),
    "submitted": gettext_lazy("Handed to the editors"),
    "approved": gettext_lazy("Approved by the editors"),
    "returned": gettext_lazy("Returned for changes"),
    "published": gettext_lazy("Published"),
    "withdrawn": gettext_lazy("Withdrawn"),
    "reopened": gettext_lazy("Taken up again"),
    "captions_added": gettext_lazy("Captions added"),
    "captions_removed": gettext_lazy("Captions taken away"),
    "captions_checked": gettext_lazy("Captions looked through"),
    "chapters_changed": gettext_lazy("Chapters changed"),
    "poster_changed": gettext_lazy("Picture changed"),
    "version_proposed": gettext_lazy("New version proposed"),
    "version_offered": gettext_lazy("New version ready, with the editors"),
    "version_taken": gettext_lazy("New version shown"),
    "version_dropped": gettext_lazy("New version taken back"),
    "version_declined": gettext_lazy("New version declined"),
}


@dataclass(frozen=True)
class Change:
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Entry:
    verb: str
    says: str
    at: datetime
    by: str  # a member's name; empty for the platform itself
    reason: str
    changes: list[Change]


def of(lecture: Lecture) -> list[Entry]:
    events = LectureEvent.objects.filter(lecture=lecture).select_related("by").order_by("-at", "-id")
    return [_entry(event) for event in events]


def returns(lectures: Iterable[Lecture]) -> dict[int, str]:
    """Why those that are drafts again were returned: {lecture key: the reason as a sentence}. One query."""
    drafts = [one.pk for one in lectures if one.state == Lecture.State.DRAFT]
    if not drafts:
        return {}
    events = LectureEvent.objects.filter(lecture_id__in=drafts, verb="returned").order_by("at", "id")
    return {event.lecture_id: reason_of(event) for event in events}


def reason_of(event: LectureEvent) -> str:
    """The editor's words; where the platform returned it for its file, the sentence about that."""
    refusal = event.changes.get("refusal", "")
    if refusal in sentences.codes():
        return sentences.say("lecture_asset_refused")
    return event.reason


def _entry(event: LectureEvent) -> Entry:
    return Entry(
        verb=event.verb,
        says=str(VERBS.get(event.verb, event.verb)),
        at=event.at,
        by=event.by.name if event.by else "",
        reason=reason_of(event),
        changes=[_change(name, pair) for name, pair in event.changes.items() if isinstance(pair, list)],
    )


def _change(name: str, pair: list[object]) -> Change:
    old, new = (_spoken(name, value) for value in pair)
    return Change(str(getattr(Lecture._meta.get_field(name), "verbose_name", name)), old, new)


def _spoken(name: str, value: object) -> str:
    if value in (None, ""):
        return _("(nothing)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "visibility":
        return str(Lecture.Visibility(str(value)).label)
    return str(value)
