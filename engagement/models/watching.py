"""From beats (what a player said) to viewings (what the server believes)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from courses.models import Lecture
from media_pipeline.models import Cut
from members.models import Member
from ui.public_id import new_public_id


class PlaySession(models.Model):
    """One member opened one lecture in one player. Its token admits beats; its id is what the lease is held by."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    lecture = models.ForeignKey(Lecture, on_delete=models.CASCADE, related_name="+")
    cut = models.ForeignKey(Cut, on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.public_id


class Beat(models.Model):
    """What a player sent, as it came. Insert-only but for `judged_at`, which the fold sets once.

    `kind` "play" claims the playback lease (start = end = where); "interval" says start_ms…end_ms was played.
    """

    class Kind(models.TextChoices):
        PLAY = "play"
        INTERVAL = "interval"

    uuid = models.UUIDField(unique=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    lecture = models.ForeignKey(Lecture, on_delete=models.CASCADE, related_name="+", db_index=False)
    cut = models.ForeignKey(Cut, on_delete=models.CASCADE, related_name="+", db_index=False)
    session = models.CharField(max_length=10)  # as claimed; the fold checks whose it is
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.INTERVAL)
    seq = models.IntegerField()
    start_ms = models.IntegerField()
    end_ms = models.IntegerField()
    rate = models.FloatField(default=1)
    is_hidden = models.BooleanField(default=False)
    is_muted = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    judged_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["member", "id"], condition=Q(judged_at__isnull=True), name="beat_to_judge"),
            models.Index(fields=["member", "lecture", "received_at"], name="beat_by_viewing"),
        ]

    def __str__(self) -> str:
        return f"{self.session} {self.start_ms}–{self.end_ms}"


class Verdict(models.Model):
    """What the fold made of a beat: the part that counts, or the reason nothing does. Insert-only."""

    beat = models.OneToOneField(Beat, on_delete=models.CASCADE, primary_key=True, related_name="verdict")
    credited_start_ms = models.IntegerField(null=True)
    credited_end_ms = models.IntegerField(null=True)
    reason = models.CharField(max_length=32, blank=True)  # empty: all of it counts; else why not, or why only in part

    def __str__(self) -> str:
        return self.reason or "accepted"


class WatchState(models.Model):
    """One row a member: token bucket, playback lease, how long out of sight. Locked by the fold while it judges."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="+")
    tokens_ms = models.IntegerField()
    tokens_at = models.DateTimeField()
    lease_session = models.CharField(max_length=10, blank=True)
    lease_until = models.DateTimeField(null=True)
    hidden_ms = models.IntegerField(default=0)  # played out of sight since last in sight

    def __str__(self) -> str:
        return f"{self.member}: {self.tokens_ms} ms"


class Viewing(models.Model):
    """One member on one lecture. Completed once, for ever; the position is where to go on, and proves nothing."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="viewings")
    lecture = models.ForeignKey(Lecture, on_delete=models.CASCADE, related_name="viewings")
    covered_ms = models.IntegerField(default=0)  # of the current cut, for lists; Coverage holds the intervals
    duration_ms = models.IntegerField()
    position_ms = models.IntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "lecture"], name="viewing_one")]
        indexes = [
            models.Index(fields=["member", "-last_at"], name="viewing_latest"),
            models.Index(fields=["lecture", "completed_at"], name="viewing_completed"),
        ]

    def __str__(self) -> str:
        return f"{self.member} on {self.lecture}"


class Coverage(models.Model):
    """The union of accepted intervals of one viewing on one cut: `[[start_ms, end_ms], …]`, sorted, disjoint."""

    viewing = models.ForeignKey(Viewing, on_delete=models.CASCADE, related_name="coverages")
    cut = models.ForeignKey(Cut, on_delete=models.CASCADE, related_name="+")
    intervals = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["viewing", "cut"], name="coverage_one_a_cut")]

    def __str__(self) -> str:
        return f"{self.viewing}: {self.intervals}"
