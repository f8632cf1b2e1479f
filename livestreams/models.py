"""Livestream pages and the recordings attached to them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from courses.models import Lecture, Topic
from members.models import Member
from ui.csp import admit_player


class LivestreamIndexPage(Page):  # type: ignore[misc]  # Wagtail is untyped
    """The list of livestreams, coming and past."""

    template = "cms/livestream_index_page.html"
    parent_page_types: ClassVar[list[str]] = ["cms.HomePage"]
    subpage_types: ClassVar[list[str]] = ["livestreams.LivestreamPage"]
    max_count = 1

    class Meta:
        verbose_name = _("livestreams")


class LivestreamPage(Page):  # type: ignore[misc]
    """One livestream: when, who presents, what about; afterwards the page of its replay."""

    intro = models.TextField(_("introduction"), max_length=500, blank=True)
    starts_at = models.DateTimeField(_("starts at"))
    presenter = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("presenter"),
        help_text=_("Is credited with the replay and its points"),
    )
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+", verbose_name=_("topic"))
    replay = models.OneToOneField(
        Lecture, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="livestream_page"
    )

    template = "cms/livestream_page.html"
    parent_page_types: ClassVar[list[str]] = ["livestreams.LivestreamIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list[object]] = [
        *Page.content_panels,
        FieldPanel("starts_at"),
        FieldPanel("presenter"),
        FieldPanel("topic"),
        FieldPanel("intro"),
    ]
    exclude_fields_in_copy: ClassVar[list[str]] = ["replay"]

    class Meta:
        verbose_name = _("livestream")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().serve(request, *args, **kwargs)
        admit_player(response)  # for the replay
        return response

    def with_content_json(self, content: Any) -> Any:
        """An older revision knows an older recording, or none; publishing it must not take the present one away."""
        page = super().with_content_json(content)
        # Read anew: the object in hand may be older than the recording.
        page.replay_id = LivestreamPage.objects.filter(pk=self.pk).values_list("replay_id", flat=True).first()
        return page
