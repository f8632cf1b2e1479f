"""The published rule and the marks it led to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models import Lecture, Topic
from members.models import Member


class RuleSet(models.Model):
    """One version of the rules of points and of featured lectures. The newest holds; old ones explain old entries.

    Each condition of featured is a switch with a number. Insert-only: a change is a new version.
    """

    version = models.PositiveIntegerField(unique=True)
    since = models.DateTimeField()
    # points
    view_cap_a_day = models.PositiveSmallIntegerField(_("views one member can generate a day"), default=12)
    share_cap_a_pair = models.PositiveSmallIntegerField(_("shares from one member to one other in 30 days"), default=3)
    share_cap_a_day = models.PositiveSmallIntegerField(_("counted shares a day"), default=5)
    share_cap_a_quarter = models.PositiveSmallIntegerField(_("counted shares a quarter"), default=40)
    share_days = models.PositiveSmallIntegerField(_("days to finish after opening a shared link"), default=14)
    # featured
    score_on = models.BooleanField(_("score"), default=True)
    score_least = models.PositiveIntegerField(_("least score"), default=300)
    viewers_on = models.BooleanField(_("viewers"), default=True)
    viewers_least = models.PositiveIntegerField(_("least number of people who finished"), default=20)
    organisations_on = models.BooleanField(_("organisations"), default=True)
    organisations_least = models.PositiveIntegerField(_("least number of Party organisations"), default=3)
    share_of_one_on = models.BooleanField(_("one organisation's part"), default=True)
    share_of_one_most = models.PositiveSmallIntegerField(
        _("most per cent of the score from one organisation"), default=60
    )
    captions_on = models.BooleanField(_("captions reviewed"), default=True)
    cooling_on = models.BooleanField(_("cooling"), default=True)
    cooling_hours = models.PositiveSmallIntegerField(_("hours of cooling"), default=72)
    places_on = models.BooleanField(_("places a topic and quarter"), default=True)
    places = models.PositiveSmallIntegerField(_("number of places"), default=3)

    class Meta:
        ordering = ("-version",)
        verbose_name = _("rule set")
        verbose_name_plural = _("rule sets")

    def __str__(self) -> str:
        return f"v{self.version}"


class FeaturedMark(models.Model):
    """A lecture the rule found in one quarter, with the evidence it was found by, and what an editor decided.

    candidate → confirmed | declined; confirmed → withdrawn. Evidence is refreshed while a candidate, frozen after.
    """

    class State(models.TextChoices):
        CANDIDATE = "candidate", _("candidate")
        CONFIRMED = "confirmed", _("confirmed")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        State.CANDIDATE: frozenset({State.CONFIRMED, State.DECLINED}),
        State.CONFIRMED: frozenset({State.WITHDRAWN}),
        State.DECLINED: frozenset(),
        State.WITHDRAWN: frozenset(),
    }

    lecture = models.ForeignKey(Lecture, on_delete=models.PROTECT, related_name="featured_marks")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=8)  # "2026-Q4"
    state = models.CharField(max_length=16, choices=State.choices, default=State.CANDIDATE)
    rules = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="+")
    evidence = models.JSONField(default=dict)  # engagement.scoring.Evidence as JSON
    events_hash = models.CharField(max_length=64)  # of the keys of the events counted
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lecture", "period"], name="mark_one_a_quarter")]
        indexes = [models.Index(fields=["state", "period"], name="mark_by_state")]

    def __str__(self) -> str:
        return f"{self.lecture} {self.period}"


class FeaturedDecision(models.Model):
    """One move of a mark: found, confirmed, declined, withdrawn; by whom and why. Insert-only."""

    mark = models.ForeignKey(FeaturedMark, on_delete=models.PROTECT, related_name="decisions")
    at = models.DateTimeField()
    by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16)
    reason = models.TextField(blank=True)
    evidence = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.mark}: {self.to_state}"
