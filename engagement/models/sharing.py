"""Personal links and who came by them."""

from __future__ import annotations

from django.db import models

from courses.models import Lecture
from members.models import Member
from ui.public_id import new_public_id


class Share(models.Model):
    """A member's own link to a lecture, at /s/<code>. One a member and lecture, made when first asked for."""

    code = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="shares")
    lecture = models.ForeignKey(Lecture, on_delete=models.CASCADE, related_name="shares")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "lecture"], name="share_one")]

    def __str__(self) -> str:
        return self.code


class ShareVisit(models.Model):
    """A member came to a lecture by a link. First touch wins: one a member and lecture. Insert-only.

    `was_new`: no interval of that lecture had been accepted from this member before; only then can it earn a point.
    """

    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="visits")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    lecture = models.ForeignKey(Lecture, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    was_new = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "lecture"], name="visit_first_touch")]

    def __str__(self) -> str:
        return f"{self.member} by {self.share}"
