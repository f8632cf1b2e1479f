"""The points ledger: events that may earn, and entries that did or say why not. Both insert-only."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from courses.models import Lecture
from members.models import Member


class PointEvent(models.Model):
    """A fact that may earn a point, independent of any rule: a completed viewing, or one that came by a share.

    `key` makes it unique for ever (`view:<lecture>:<viewer>`, `share:<lecture>:<viewer>`), so nothing can pay twice.
    """

    class Kind(models.TextChoices):
        VIEW = "view"
        SHARE = "share"

    key = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="point_events")  # who would earn
    viewer = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")  # whose viewing it was
    viewer_organisation = models.ForeignKey(
        "members.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )  # then
    lecture = models.ForeignKey(Lecture, on_delete=models.PROTECT, related_name="point_events")
    visited_at = models.DateTimeField(null=True)  # of a share: when the link was opened
    occurred_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["occurred_at", "id"], name="point_event_in_order")]

    def __str__(self) -> str:
        return self.key


class PointEntry(models.Model):
    """One line of a member's account. An amount of 0 carries the reason it is not counted; a correction reverses."""

    event = models.ForeignKey(PointEvent, on_delete=models.PROTECT, related_name="entries")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="point_entries")
    amount = models.SmallIntegerField()
    reason = models.CharField(max_length=32, blank=True)  # why not counted, or why corrected: a code of ui.sentences
    rules = models.PositiveIntegerField()  # version of the rule set it was judged under
    period = models.CharField(max_length=8)  # "2026-Q4"
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField()
    corrects = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="corrected_by")
    by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")  # who corrected

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event"], condition=Q(corrects__isnull=True), name="entry_one_an_event"),
            models.CheckConstraint(condition=~Q(amount=0) | ~Q(reason=""), name="entry_of_nothing_says_why"),
        ]
        indexes = [models.Index(fields=["member", "-occurred_at"], name="entry_by_member")]

    def __str__(self) -> str:
        return f"{self.member} {self.amount:+d}"
