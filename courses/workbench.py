"""The pages on which a lecture's author and editors work on what belongs to it: their names and addresses."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from courses.models import Lecture

_PAGES: tuple[tuple[str, str | Promise], ...] = (
    ("captions", _("Captions")),
    ("chapters", _("Chapters")),
    ("poster", _("Picture")),
    ("cut", _("Trim")),
    ("recording", _("Replace")),
)


@dataclass(frozen=True)
class Tab:
    name: str
    label: str | Promise
    url: str


def tabs(lecture: Lecture) -> list[Tab]:
    return [Tab(name, label, reverse(f"courses:{name}", args=[lecture.public_id])) for name, label in _PAGES]
