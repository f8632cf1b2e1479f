"""Study sessions and what happened to them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from courses.models import Lecture
from members.models import Member, Organisation
from ui.public_id import new_public_id


class StudySessionQuerySet(models.QuerySet["StudySession"]):
    def advance(self, session: StudySession, to: str, **facts: Any) -> bool:
        """Move `session` to `to` unless someone moved it first; say whether we did."""
        if to not in StudySession.NEXT[session.state]:
            raise ValueError(f"A study session cannot go from {session.state} to {to}.")
        moved = self.filter(pk=session.pk, state=session.state).update(state=to, **facts) == 1
        if moved:
            session.refresh_from_db()
        return moved


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

    objects = StudySessionQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_later")]
        indexes = [models.Index(fields=["organisation", "starts_at"], name="session_by_organisation")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/sessions/{self.public_id}/"


class StudySessionEvent(models.Model):
    """One change of a session: planned, edited, cancelled; by whom. Insert-only."""

    session = models.ForeignKey(StudySession, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=16)
    changes = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.session}: {self.verb}"
