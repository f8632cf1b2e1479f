"""The first page of the admin: what waits for an editor, with the way there."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.admin.site_summary import SummaryItem

from courses.models import Lecture
from engagement import featured
from livestreams.models import LivestreamPage
from members import roles


class Waiting(SummaryItem):  # type: ignore[misc]
    """One line of the summary: how many there are of something, and where."""

    template_name = "cms/desk/_waiting.html"

    def __init__(
        self, request: HttpRequest, label: str | Promise, address: str, *, icon: str, of: QuerySet[Any]
    ) -> None:
        super().__init__(request)
        self.label, self.address, self.icon, self.of = label, address, icon, of

    def is_shown(self) -> bool:
        return roles.is_editor(self.request.user, timezone.localdate())

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"icon_name": self.icon, "label": self.label, "url": reverse(self.address), "count": self.of.count()}


def items(request: HttpRequest) -> list[Waiting]:
    now = timezone.now()
    submitted = Lecture.objects.filter(state=Lecture.State.SUBMITTED)
    bare = LivestreamPage.objects.live().filter(replay__isnull=True, starts_at__lt=now)
    return [
        Waiting(request, _("Lectures to review"), "desk:review-list", icon="tasks", of=submitted),
        Waiting(request, _("Featured candidates"), "desk:featured", icon="pick", of=featured.candidates(now)),
        Waiting(request, _("Livestreams without a recording"), "desk:recording-list", icon="media", of=bare),
    ]
