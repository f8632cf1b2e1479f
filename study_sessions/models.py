"""Study sessions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from courses.models import Lecture
from members.models import Member, Organisation
from ui.public_id import new_public_id


class StudySession(models.Model):
    """A branch meets at an hour to study one lecture. Invited: the members of the organisation on that day."""

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        CANCELLED = "cancelled", _("cancelled")

    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        State.PLANNED: frozenset({State.CANCELLED}),
        State.CANCELLED: frozenset(),
    }

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="study_sessions")
    lecture = models.ForeignKey(Lecture, on_delete=models.PROTECT, related_name="+", verbose_name=_("lecture"))
    title = models.CharField(_("title"), max_length=80)
    note = models.TextField(_("note to the invited"), max_length=500, blank=True)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNED)
    created_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    cancelled_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_later")]
        indexes = [models.Index(fields=["organisation", "starts_at"], name="session_by_organisation")]

    def __str__(self) -> str:
        return self.title


class StudySessionEvent(models.Model):
    """One change of a session: planned, edited, cancelled; by whom. Insert-only."""

    session = models.ForeignKey(StudySession, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=16)
    changes = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.session}: {self.verb}"
