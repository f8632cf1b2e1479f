"""What still has to reach the indices, and indices in the making."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OutboxEntry(models.Model):
    """A lecture whose document (or whose speech) may have changed, for one engine. Written in the transaction of the
    change, removed once indexed."""

    class Kind(models.TextChoices):
        DOCUMENT = "document"
        SPEECH = "speech"

    engine = models.CharField(max_length=16)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    lecture_id = models.BigIntegerField()
    stamp = models.CharField(max_length=10)  # changes when noted again, so that the drain removes only what it saw
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["engine", "kind", "lecture_id"], name="outbox_once")]
        indexes = [models.Index(fields=["engine", "not_before", "id"], name="outbox_due_of_engine")]

    def __str__(self) -> str:
        return f"{self.kind} of lecture {self.lecture_id} for {self.engine}"


class IndexBuild(models.Model):
    """An index being filled beside the one in use. While it is open, every change goes into both."""

    engine = models.CharField(max_length=16)
    name = models.CharField(max_length=40, unique=True)
    started_at = models.DateTimeField()
    copied_up_to = models.BigIntegerField(default=0)  # the last lecture that was copied
    copied = models.PositiveIntegerField(default=0)
    compared_up_to = models.BigIntegerField(default=0)  # the last lecture that was compared, once all are copied
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engine"], condition=Q(ended_at__isnull=True), name="build_one_open")
        ]

    def __str__(self) -> str:
        return self.name


class SynonymSet(models.Model):
    """Texts that mean the same to whoever searches. Read with every search, so that a change holds at once."""

    words = models.TextField(
        _("words that mean the same"),
        max_length=1000,
        help_text=_("One a line, or with commas between. Whoever searches for one finds the others, too."),
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("synonyms")
        verbose_name_plural = _("synonyms")

    def __str__(self) -> str:
        return " = ".join(self.words.splitlines())


class QueryCount(models.Model):
    """How often something was searched for on one day, and how often nothing was found. By nobody in particular."""

    day = models.DateField()
    text = models.CharField(max_length=100)
    searched = models.PositiveIntegerField(default=0)
    found_nothing = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "text"], name="query_count_once_a_day")]

    def __str__(self) -> str:
        return f"{self.text}: {self.searched}"
