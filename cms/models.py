"""The home page."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.models import Page


class HomePage(Page):  # type: ignore[misc]  # Wagtail is untyped
    """The front page; what it shows is composed in cms.home."""

    template = "cms/home_page.html"
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = ["courses.CataloguePage", "livestreams.LivestreamIndexPage"]
    max_count = 1

    class Meta:
        verbose_name = _("home page")
