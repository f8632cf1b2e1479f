"""The recordings a lecture may get in place of the one it shows."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models.lectures import Lecture
from media_pipeline.models import Asset, Cut
from members.models import Member


class VersionQuerySet(models.QuerySet["Version"]):
    def open(self) -> VersionQuerySet:
        """Proposed and not decided: at most one a lecture."""
        return self.filter(state__in=Version.OPEN)

    def advance(self, version: Version, to: str, **facts: Any) -> bool:
        """Move `version` to `to` unless someone moved it first; say whether we did."""
        if to not in Version.NEXT[version.state]:
            raise ValueError(f"A version cannot go from {version.state} to {to}.")
        moved = self.filter(pk=version.pk, state=version.state).update(state=to, **facts) == 1
        if moved:
            version.refresh_from_db()
        return moved


class Version(models.Model):
    """A proposal: another cut of a lecture's recording, or another recording. What is shown is what `Lecture.asset` and
    `Asset.cut` point to.

    preparing → waiting (for an editor, once the lecture is approved or out) → taken; else dropped by who proposed it,
    or declined with a reason.
    """

    class State(models.TextChoices):
        PREPARING = "preparing", _("being prepared")
        WAITING = "waiting", _("with the editors")
        TAKEN = "taken", _("taken")
        DROPPED = "dropped", _("taken back")
        DECLINED = "declined", _("not taken")

    OPEN: ClassVar[tuple[str, ...]] = (State.PREPARING, State.WAITING)
    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        State.PREPARING: frozenset({State.WAITING, State.TAKEN, State.DROPPED}),
        State.WAITING: frozenset({State.TAKEN, State.DROPPED, State.DECLINED}),
        State.TAKEN: frozenset(),
        State.DROPPED: frozenset(),
        State.DECLINED: frozenset(),
    }

    lecture = models.ForeignKey(Lecture, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.PREPARING)
    name = models.CharField(max_length=255)  # the file's own, also when the file is gone
    asset = models.ForeignKey(Asset, null=True, on_delete=models.PROTECT, related_name="+")  # None: removed with it
    cut = models.ForeignKey(Cut, null=True, on_delete=models.SET_NULL, related_name="+")  # None: not inspected yet
    replaced = models.ForeignKey(Asset, null=True, on_delete=models.PROTECT, related_name="+")  # another one, kept
    proposed_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # why it was declined, in the editor's words

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lecture", "number"], name="version_one_number"),
            models.UniqueConstraint(
                fields=["lecture"], condition=Q(state__in=("preparing", "waiting")), name="version_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lecture} #{self.number}"
