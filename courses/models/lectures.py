"""Lectures and topics."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.visibility import seen_from, visible_to
from media_pipeline.models import Asset
from members.models import Member, Organisation
from ui.public_id import new_public_id


class Topic(models.Model):
    """What a lecture is about; each has exactly one. Featured lectures are decided topic by topic."""

    name = models.CharField(_("name"), max_length=32, unique=True)
    slug = models.SlugField(_("address"), unique=True, allow_unicode=True)
    description = models.CharField(_("description"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name


def address_of(public_id: str) -> str:
    """Where everyone watches it; for rows that are no models."""
    return f"/lectures/{public_id}/"


class LectureQuerySet(models.QuerySet["Lecture"]):
    def published(self, now: datetime | None = None) -> LectureQuerySet:
        """Published, its hour come and not gone."""
        now = now or timezone.now()
        return self.filter(
            Q(publish_at__isnull=True) | Q(publish_at__lte=now),
            Q(unpublish_at__isnull=True) | Q(unpublish_at__gt=now),
            state=Lecture.State.PUBLISHED,
        )

    def visible_to(self, member: Any, now: datetime | None = None) -> LectureQuerySet:
        """What `member` (or an anonymous user) may find and watch. Every list starts here."""
        return self.filter(visible_to(member, now or timezone.now()))

    def seen_from(self, places: list[int] | None, now: datetime) -> LectureQuerySet:
        """The same for whoever has these `visibility.places_of`: for prepared queries, whose values come later."""
        return self.filter(seen_from(places, now))

    def with_card(self) -> LectureQuerySet:
        """Joined with what a card shows, so that a list costs one query."""
        return self.select_related("author", "topic", "organisation", "asset__cut__package")

    def advance(self, lecture: Lecture, to: str, **facts: Any) -> bool:
        """Move `lecture` to `to` unless someone moved it first; say whether we did."""
        if to not in Lecture.NEXT[lecture.state]:
            raise ValueError(f"A lecture cannot go from {lecture.state} to {to}.")
        moved = (
            self.filter(pk=lecture.pk, state=lecture.state).update(
                state=to, row_version=models.F("row_version") + 1, **facts
            )
            == 1
        )
        if moved:
            lecture.refresh_from_db()
        return moved


class Lecture(models.Model):  # type: ignore[django-manager-missing]  # that of course items is modelcluster's
    """What people watch. Not a Wagtail page; it lives at /lectures/<public_id>/ whatever its title becomes.

    draft → submitted → approved → published → withdrawn. *Returned* is submitted → draft with a reason. Approval
    publishes at once if the asset is ready, else when it becomes so. `row_version` grows with every change, for the
    search index and the caches.
    """

    class Kind(models.TextChoices):
        LECTURE = "lecture", _("lecture")
        DUB = "dub", _("dub")
        REPLAY = "replay", _("replay")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("with the editors")
        APPROVED = "approved", _("approved")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("everyone")
        MEMBERS = "members", _("all members")
        ORGANISATION = "organisation", _("one organisation and all below it")

    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        State.DRAFT: frozenset({State.SUBMITTED}),
        State.SUBMITTED: frozenset({State.APPROVED, State.DRAFT}),
        # Back to draft also from here: the file may turn out unusable after an early approval.
        State.APPROVED: frozenset({State.PUBLISHED, State.WITHDRAWN, State.DRAFT}),
        State.PUBLISHED: frozenset({State.WITHDRAWN}),
        State.WITHDRAWN: frozenset({State.PUBLISHED, State.DRAFT}),
    }

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.LECTURE)
    title = models.CharField(_("title"), max_length=80, blank=True)
    summary = models.TextField(_("summary"), max_length=500, blank=True)
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("topic"))
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="lectures")  # the credited member
    uploaded_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    speaker_name = models.CharField(_("speaker"), max_length=64, blank=True)  # empty: the author's name
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+"
    )  # the author's, when made
    visibility = models.CharField(
        _("who may watch"), max_length=16, choices=Visibility.choices, default=Visibility.MEMBERS
    )
    publish_at = models.DateTimeField(_("publish at"), null=True, blank=True)
    unpublish_at = models.DateTimeField(_("withdraw at"), null=True, blank=True)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="+")
    derived_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="derivations"
    )
    language = models.CharField(max_length=12, default="zh-hans")
    is_downloadable = models.BooleanField(_("may be saved as a file"), default=False)
    is_pick = models.BooleanField(_("editor's pick"), default=False)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    row_version = models.PositiveBigIntegerField(default=1)

    objects = LectureQuerySet.as_manager()

    class Meta:
        verbose_name = _("lecture")
        verbose_name_plural = _("lectures")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft") | (~Q(title="") & Q(topic__isnull=False)),
                name="lecture_beyond_draft_is_described",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False), name="lecture_published_when"
            ),
            models.CheckConstraint(
                condition=Q(kind="dub") | Q(derived_from__isnull=True), name="lecture_only_dubs_derive"
            ),
            models.UniqueConstraint(fields=["asset"], name="lecture_one_asset"),
        ]
        indexes = [
            models.Index(fields=["state", "-published_at"], name="lecture_newest"),
            models.Index(fields=["topic", "state", "-published_at"], name="lecture_by_topic"),
            models.Index(fields=["uploaded_by", "-created_at"], name="lecture_by_uploader"),
            models.Index(fields=["author", "state", "-published_at"], name="lecture_by_author"),
            models.Index(fields=["-published_at"], condition=Q(is_pick=True), name="lecture_picked"),
            # Visitors who are not signed in see few of many: found without reading the others.
            models.Index(
                fields=["visibility", "-published_at"], condition=Q(state="published"), name="lecture_newest_for"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.public_id

    def get_absolute_url(self) -> str:
        return address_of(self.public_id)

    @property
    def speaker(self) -> str:
        return self.speaker_name or self.author.name


class LectureEvent(models.Model):
    """One move or logged edit of a lecture. Insert-only; outlives a deleted draft, hence without a constraint."""

    lecture = models.ForeignKey(Lecture, on_delete=models.DO_NOTHING, db_constraint=False, related_name="events")
    at = models.DateTimeField()
    by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")  # None: the platform itself
    verb = models.CharField(max_length=16)  # courses.history.VERBS
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16, blank=True)
    reason = models.TextField(blank=True)  # the editor's own words
    changes = models.JSONField(default=dict)

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.lecture}: {self.verb}"
